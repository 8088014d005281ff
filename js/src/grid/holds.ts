// What pictures hold of what they were asked for: marks below each, and the button that sorts by it.
import { button, h, refill, set } from "../dom";
import type { Cell } from "../protocol";
import type { Store } from "../store";

/** Show a mark for each concept, drawn by the style sheet as the tile's name has them in words; returns those. */
export function badge(node: Element, { holds }: Cell): string {
  const [marks, title] = holds ?? [[], ""];
  if (node.getAttribute("title") !== title)
    refill(
      node,
      ...marks.map(([name, sign]) => h("span", { "data-sign": sign, "data-told": `${name} ${sign}` })),
    );
  set(node, { title, hidden: !title });
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
