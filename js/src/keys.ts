// Which key does what. Pure: an event in, an action out.

export type Action =
  | { do: "move"; by: Move; extend: boolean }
  | { do: "star" | "reject" | "zoom" | "undo" | "redo" | "help" }
  | { do: "nth"; index: number };
export type Move = "left" | "right" | "up" | "down" | "rowStart" | "rowEnd" | "first" | "last";

export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What the `?` sheet lists, in its order. */
export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["Click, Space", "star or unstar"],
  ["1 – 9", "star the first nine"],
  ["Arrows, Home, End", "move"],
  ["Shift + arrow or click", "star a range"],
  ["X", "reject or take back"],
  ["Enter", "look at it full size"],
  ["Z, Shift + Z", "undo, redo"],
  ["Esc", "close"],
  ["?", "this sheet"],
];

const ARROWS: Record<string, Move> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export function action(event: Key): Action | null {
  const { key, shiftKey, altKey } = event;
  const control = event.ctrlKey || event.metaKey;
  if (altKey) return null;
  const arrow = ARROWS[key];
  if (arrow) return control ? null : { do: "move", by: arrow, extend: shiftKey };
  if (key === "Home") return { do: "move", by: control ? "first" : "rowStart", extend: shiftKey };
  if (key === "End") return { do: "move", by: control ? "last" : "rowEnd", extend: shiftKey };
  if (key === "z" || key === "Z") return { do: shiftKey ? "redo" : "undo" };
  if (control) return null;
  if (key === " ") return { do: "star" };
  if (key === "Enter") return { do: "zoom" };
  if (key === "x" || key === "X") return { do: "reject" };
  if (key === "?") return { do: "help" };
  if (/^[1-9]$/.test(key)) return { do: "nth", index: Number(key) - 1 };
  return null;
}

/** Where a move from cell `at` leads in a grid of `n` cells and `cols` columns. */
export function destination(at: number, by: Move, n: number, cols: number): number {
  const row = Math.floor(at / cols) * cols;
  const target = {
    left: at - 1,
    right: at + 1,
    up: at - cols,
    down: at + cols,
    rowStart: row,
    rowEnd: Math.min(row + cols, n) - 1,
    first: 0,
    last: n - 1,
  }[by];
  return target >= 0 && target < n ? target : at;
}
