// Which key does what. Pure: an event in, an action out.

import type { Spot } from "./protocol";
import type { Tool } from "./tool_state";

export type Action =
  | { do: "move"; by: Move; extend: boolean }
  | { do: Plain }
  | { do: "nth"; index: number }
  | { do: "tool"; tool: Tool }
  | { do: "radius"; by: number };
type Plain =
  | "star"
  | "reject"
  | "zoom"
  | "undo"
  | "redo"
  | "help"
  | "tabs"
  | "generate"
  | "evolve"
  | "older"
  | "newer"
  | "prompt"
  | "dice"
  | "compare"
  | "lock"
  | "apply"
  | "vary"
  | "blend"
  | "before"
  | "menu"
  | "note"
  | "save"
  | "tray";
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
  ["1 – 9", "star by place: the first, the second, …"],
  ["G, E", "generate, evolve"],
  ["[ and ]", "children closer to their parents, or further"],
  ["/, R", "the prompt, any prompt"],
  ["Arrow down in the prompt", "words the model knows"],
  ["Arrow down on Generate", "the first image"],
  ["T", "the tabs; then arrows and Enter"],
  ["Comma, Period", "older and newer generation"],
  ["Arrows, Home, End", "move"],
  ["Shift + arrow or click", "star a range"],
  ["X", "reject or take back"],
  ["Enter", "look at it full size"],
  ["C", "what changed, or which part came from where"],
  ["H, held", "the picture before it changed; B at full size"],
  ["O", "all that can be done with an image; or a right click"],
  ["N", "a note on this image, and tags"],
  ["D", "save this image, with what made it"],
  ["F", "favourites of all generations"],
  ["V", "vary this image"],
  ["L", "blend the starred images"],
  ["Z, Shift + Z", "undo, redo"],
  ["Esc", "close"],
  ["?", "this sheet"],
];

/** The second part of the sheet. */
export const TOOL_KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["P, B", "pin, brush"],
  ["Enter, Space", "crosshair; then drop a pin, or brush down and up"],
  ["Arrows, + Shift", "move the crosshair, in larger steps"],
  ["[ and ]", "smaller, larger"],
  ["Backspace", "take the last mark back"],
  ["K", "keep the rest of the picture"],
  ["M", "mutate here, or recombine"],
  ["Esc, S", "leave the tool, and take its marks away"],
];

export const ARROWS: Record<string, "left" | "right" | "up" | "down"> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const TOOLS: Record<string, Tool> = { s: "select", p: "pin", b: "brush" };
const LETTERS: Record<string, Plain> = {
  t: "tabs",
  g: "generate",
  e: "evolve",
  "/": "prompt",
  r: "dice",
  ",": "older",
  ".": "newer",
  c: "compare",
  k: "lock",
  m: "apply",
  v: "vary",
  l: "blend",
  h: "before",
  o: "menu",
  n: "note",
  d: "save",
  f: "tray",
  x: "reject",
  " ": "star",
  enter: "zoom",
  "?": "help",
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
  if (key === "[" || key === "]") return { do: "radius", by: key === "]" ? 1 : -1 };
  const small = key.toLowerCase();
  const [plain, tool] = [LETTERS[small], TOOLS[small]];
  if (plain) return { do: plain };
  if (tool) return { do: "tool", tool };
  if (/^[1-9]$/.test(key)) return { do: "nth", index: Number(key) - 1 };
  return null;
}

export type HandAction = { do: "aim" | "drop" | "remove" | "select" } | { do: "nudge"; by: Spot };
/** How far an arrow key moves the crosshair, as a fraction of the picture. */
const FINE = 0.02;
const COARSE = 0.1;

/** What a key does on a tile while a tool is in hand, if the tool has a use for it. */
export function toolAction(event: Key, aiming: boolean): HandAction | null {
  const { key, shiftKey } = event;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (key === "Enter" || key === " ") return { do: aiming ? "drop" : "aim" };
  if (key === "Backspace" || key === "Delete") return { do: "remove" };
  if (key === "Escape") return { do: "select" };
  const arrow = ARROWS[key];
  if (!aiming || !arrow) return null;
  const step = shiftKey ? COARSE : FINE;
  const x = { left: -step, right: step }[arrow as string] ?? 0;
  const y = { up: -step, down: step }[arrow as string] ?? 0;
  return { do: "nudge", by: [x, y] };
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
