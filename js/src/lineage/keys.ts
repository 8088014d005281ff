// Which key does what in the lineage. Pure: an event in, the name of an action out.
import { ARROWS, type Key } from "../keys";

export type Action =
  | "left"
  | "right"
  | "up"
  | "down"
  | "first"
  | "last"
  | "parent"
  | "child"
  | "star"
  | "reject"
  | "pick"
  | "compare"
  | "vary"
  | "evolve"
  | "only"
  | "in"
  | "out"
  | "fit"
  | "details"
  | "close"
  | "help";

/** What `?` says. */
export const KEYS =
  "Arrows move · P parent · D child · Space star · X reject · Shift + Enter pick · C compare · V vary · E evolve · F stars only · + − 0 zoom";

const ACTIONS: Record<string, Action> = {
  ...ARROWS,
  Home: "first",
  End: "last",
  Enter: "details",
  Escape: "close",
  p: "parent",
  d: "child",
  " ": "star",
  x: "reject",
  c: "compare",
  v: "vary",
  e: "evolve",
  f: "only",
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "fit",
  "?": "help",
};

export function action({ key, shiftKey, altKey, ctrlKey, metaKey }: Key): Action | null {
  if (altKey || ctrlKey || metaKey) return null;
  if (key === "Enter" && shiftKey) return "pick";
  return ACTIONS[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

/** Keys that mean something else to a button, a slider or a field that has the focus. */
export function belongsTo(target: HTMLElement, key: string): boolean {
  return key === " " || key === "Enter" || key.startsWith("Arrow") || target.closest("input") !== null;
}
