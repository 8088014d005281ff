// What pictures hold of what they were asked for: a badge on each, and the button that sorts by it.
import { button, set, text } from "../dom";
import type { Cell } from "../protocol";
import type { Store } from "../store";

/** Show a sign for each concept; returns them in words. */
export function badge(node: Element, { holds }: Cell): string {
  const [signs, title] = holds ?? ["", ""];
  text(node, signs);
  set(node, { title });
  return title && `, ${title}`;
}

export interface Sorter {
  readonly el: HTMLButtonElement;
  update(): void;
}

export function sorter(store: Store, sort: () => void, signal: AbortSignal): Sorter {
  const el = button("sort", "Sort by what holds", sort, signal);
  const update = (): void => {
    const { cells, job, live, state } = store;
    // The row is full while a job is told of.
    set(el, { hidden: !live || !!job || !cells.some((cell) => cell.holds), pressed: !!state?.sorted });
  };
  return { el, update };
}
