// What pictures hold of what they were asked for: marks below each, and the button that checks it, then sorts by it.
import { button, h, refill, set, text } from "../dom";
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

export function sorter(store: Store, sort: () => void, verify: () => void, signal: AbortSignal): Sorter {
  const el = button("sort", "", () => (store.state?.check ? verify : sort)(), signal);
  const update = (): void => {
    const { cells, job, live, state } = store;
    // The row is full while a job is told of.
    const hidden = !live || !!job || !(state?.check || cells.some((cell) => cell.holds));
    set(el, { hidden, pressed: state?.check ? null : !!state?.sorted });
    text(el, `${state?.check ? "Check" : "Sort by"} what holds`);
  };
  return { el, update };
}
