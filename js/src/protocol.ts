// What travels between page and kernel. Mirror of guidewidgets/widgets/protocol.py;
// tests/widgets/fixture.json holds one example of everything and is tested from both sides.

export const PROTOCOL = 1;

/** kind of every message; no content has a key named "id" (ipykernel 7.4 would remember it for ever). */
export const KIND = {
  hello: "hello",
  ack: "ack",
  ping: "ping",
  cmd: "cmd",
  snapshot: "snapshot",
  state: "state",
  frame: "frame",
  reply: "reply",
  tab: "tab",
  pong: "pong",
  closed: "closed",
  renewed: "renewed",
} as const;

/** Commands that every widget takes, then those of the grid. */
export const COMMANDS = [
  "mark",
  "undo",
  "redo",
  "cancel",
  "image",
  "sample",
  "set",
  "evolve",
  "blend",
  "mutate",
  "recombine",
  "repair",
  "verify",
  "sort",
  "note",
  "change",
  "origin",
  "png",
  "why",
  "look",
  "back",
  "anew",
  "reopen",
  "thumbs",
  "words",
  "code",
  "restore",
  "edit",
  "export",
] as const;
export type CommandName = (typeof COMMANDS)[number];

export type Mark = "none" | "star" | "reject";
export type Phase = "pending" | "preview" | "done";
/** What can be shown of a candidate beside its picture: its change map, or which part came from which parent. */
export const COMPARISONS = ["none", "change", "origin"] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Level = "info" | "warning" | "error";

export interface Cell {
  slot: number;
  phase: Phase;
  mark: Mark;
  filtered: boolean;
  /** Why it is not shown; empty where it is, absent in pages saved before there was one. */
  reason?: string;
  w: number;
  h: number;
  label: string;
  compare: Comparison;
  /** Whether it was asked for several things, one of which may be missing. */
  repair?: boolean;
  /** Name and sign of each concept that was measured, and the same in words. */
  holds?: readonly [marks: readonly (readonly [name: string, sign: string])[], words: string] | null;
}
export interface Settings {
  prompt: string;
  steps: number;
  guidance: number;
  sampler: string;
}
export interface Progress {
  step: number;
  steps: number;
  done: number;
  n: number;
  fraction: number;
  rate: number | null;
  elapsed: number;
  remaining: number | null;
  message: string;
}
export interface JobState {
  job: number;
  operator: string;
  state: "queued" | "running" | "paused" | "done" | "cancelled" | "failed";
  progress: Progress;
}
export interface Notice {
  /** How often it was left. */
  times: number;
  level: Level;
  text: string;
  detail: string;
}
export interface State {
  version: number;
  settings: Settings;
  title: string;
  cells: Cell[];
  job: JobState | null;
  ahead: number;
  /** Index and cover of each generation, oldest first. */
  generations?: (readonly [index: number, cover: number])[];
  /** Place among them of the one on show; null while a job is. */
  at?: number | null;
  /** Parents of what is on show. */
  family?: number[];
  parents: number[];
  /** Share of new noise that Evolve took last. */
  fresh?: number;
  /** Whether the pictures are ordered by what they hold. */
  sorted?: boolean;
  /** Whether some were asked for several things, and are not checked. */
  check?: boolean;
  /** Sessions that may be gone on with in place of an empty one, in words. */
  offers?: string[];
  /** Favourites of all generations. */
  stars?: number[];
  /** What is written about those on show and favourites; tags with commas between them. */
  notes?: { slot: number; note: string; tags: string }[];
  can_undo: boolean;
  can_redo: boolean;
  notices: Notice[];
}
/** One buffer's description; `exact` means: these are the final pixels, lossless and full size. */
export interface Tile {
  slot: number;
  w: number;
  h: number;
  media_type: string;
  final: boolean;
  exact: boolean;
}
/** An area as JSON; the kernel knows more kinds (guidewidgets/region), the page paints only this one. */
export interface Bitmap {
  kind: "bitmap";
  width: number;
  height: number;
  /** Row by row, most significant bit first, as base64. */
  bits: string;
}
export type Spot = readonly [x: number, y: number];
/** What is liked, or to be changed, of one image. */
export type Place = { at: Spot[] } | { region: Bitmap };
export type Pick = Place & { slot: number };

export interface Failure {
  message: string;
  detail: string;
  line?: number;
  column?: number;
  hint?: string;
}

export interface Snapshot<S = State> {
  kind: "snapshot";
  state: S;
  tiles: Tile[];
}
export interface StateMessage<S = State> {
  kind: "state";
  state: S;
}
export interface Frame {
  kind: "frame";
  seq: number;
  job: JobState | null;
  tiles: Tile[];
  /** Of panels: what changes too often for the state. */
  news?: unknown;
}
export type Reply =
  | { kind: "reply"; req: string; ok: true; value: unknown }
  | { kind: "reply"; req: string; ok: false; error: Failure };
/** The answer to ping, whatever else is under way. */
export type Pong = { kind: "pong" };
/** The session was closed: nobody answers any more. */
export type Closed = { kind: "closed" };
/** The widget is about another session now: nothing that is known of it holds, and it begins anew. */
export type Renewed = { kind: "renewed" };
export type FromKernel<S = State> = Snapshot<S> | StateMessage<S> | Frame | Reply | Pong | Closed | Renewed;

export interface Hello {
  kind: "hello";
  protocol: number;
  tile_px: number;
}
export interface Ack {
  kind: "ack";
  seq: number;
}
/** Is anybody there? */
export type Ping = { kind: "ping" };
export interface Command {
  kind: "cmd";
  req: string;
  name: string;
  args: Record<string, unknown>;
}
/** A message of or for the panel in one of the workbench's tabs. */
export interface Tab {
  kind: "tab";
  name: string;
  content: unknown;
}
export type FromPage = Hello | Ack | Ping | Command | Tab;

const FROM_KERNEL: ReadonlySet<unknown> = new Set([
  KIND.snapshot,
  KIND.state,
  KIND.frame,
  KIND.reply,
  KIND.pong,
  KIND.closed,
  KIND.renewed,
]);

/** The message if it is one of ours, else null: other libraries may talk on the same channel. */
export function fromKernel<S = State>(content: unknown): FromKernel<S> | null {
  if (typeof content !== "object" || content === null) return null;
  return FROM_KERNEL.has((content as { kind?: unknown }).kind) ? (content as FromKernel<S>) : null;
}
