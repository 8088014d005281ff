// The drawing tools of one view: which one, how large it is, and what is drawn on which image.
import { recall, remember } from "./memory";
import type { Place, Spot } from "./protocol";
import { paint, type Stroke } from "./region";

export type Tool = "select" | "pin" | "brush";
export type Mark = { kind: "pin"; at: Spot } | ({ kind: "stroke" } & Stroke);
/** A crosshair that the arrow keys move; `down`: the brush is on the paper. */
export interface Cursor {
  slot: number;
  at: Spot;
  down: boolean;
}

export const SMALLEST = 0.02;
export const LARGEST = 0.5;
const STEP = 0.01;
/** Spots on one image at most. */
const MOST_PINS = 64;
/** Points of a stroke are at least this far apart. */
const GRAIN = 0.008;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
export const inside = ([x, y]: Spot): Spot => [clamp(x, 0, 1), clamp(y, 0, 1)];

export class ToolState {
  tool: Tool = "select";
  /** Whether what is not marked stays as it is. */
  lock = recall("lock") !== "false";
  cursor: Cursor | null = null;
  readonly #radius = { pin: 0.15, brush: 0.08 };
  readonly #drawn = new Map<number, Mark[]>();
  /** Images in the order in which they were drawn on, one entry per mark. */
  #log: number[] = [];
  #stroke: { slot: number; points: Spot[] } | null = null;

  constructor(private readonly changed: () => void) {}

  /** Images that something is drawn on, in the order of their first mark. */
  get slots(): number[] {
    return [...this.#drawn.keys()];
  }
  get busy(): boolean {
    return this.tool !== "select" || this.#drawn.size > 0;
  }
  get drawing(): boolean {
    return this.#stroke !== null;
  }
  get pinRadius(): number {
    return this.#radius.pin;
  }
  /** Of the tool at hand, as a fraction of the picture's shorter side. */
  get radius(): number {
    return this.#radius[this.tool === "brush" ? "brush" : "pin"];
  }
  set radius(value: number) {
    this.#radius[this.tool === "brush" ? "brush" : "pin"] = clamp(value, SMALLEST, LARGEST);
    this.changed();
  }

  grow(by: number): void {
    this.radius = Math.round((this.radius + by * STEP) / STEP) * STEP;
  }

  choose(tool: Tool): void {
    this.tool = tool;
    if (tool === "select") this.clear(); // with the tool goes what it was for
    this.cursor = null;
    this.#stroke = null;
    this.changed();
  }

  toggleLock(): void {
    this.lock = !this.lock;
    remember("lock", String(this.lock));
    this.changed();
  }

  marks(slot: number): readonly Mark[] {
    return this.#drawn.get(slot) ?? [];
  }

  pin(slot: number, at: Spot): void {
    if (this.marks(slot).length >= MOST_PINS) return;
    this.#add(slot, { kind: "pin", at: inside(at) });
  }

  begin(slot: number, at: Spot): void {
    const points = [inside(at)];
    this.#stroke = { slot, points };
    this.#add(slot, { kind: "stroke", radius: this.radius, points });
  }

  extend(at: Spot): void {
    const points = this.#stroke?.points;
    const last = points?.at(-1);
    const next = inside(at);
    if (!points || !last || Math.hypot(next[0] - last[0], next[1] - last[1]) < GRAIN) return;
    points.push(next);
    this.changed();
  }

  end(): void {
    this.#stroke = null;
    if (this.cursor) this.cursor = { ...this.cursor, down: false };
    this.changed();
  }

  /** Take back the last mark, of one image or of all. */
  remove(slot = this.#log.at(-1)): void {
    const marks = slot === undefined ? undefined : this.#drawn.get(slot);
    if (slot === undefined || !marks) return;
    this.#stroke = null;
    if (this.cursor) this.cursor = { ...this.cursor, down: false };
    marks.pop();
    this.#log.splice(this.#log.lastIndexOf(slot), 1);
    if (marks.length === 0) this.#drawn.delete(slot);
    this.changed();
  }

  clear(): void {
    this.#drawn.clear();
    this.#log = [];
    this.#stroke = null;
    this.cursor = null;
    this.changed();
  }

  /** Forget what is drawn on images that are no longer on show. */
  keep(slots: ReadonlySet<number>): void {
    if (this.cursor && !slots.has(this.cursor.slot)) this.leave();
    const gone = this.slots.filter((slot) => !slots.has(slot));
    if (gone.length === 0) return;
    for (const slot of gone) this.#drawn.delete(slot);
    this.#log = this.#log.filter((slot) => slots.has(slot));
    this.#stroke = null;
    this.changed();
  }

  // The crosshair

  aim(slot: number): void {
    const last = this.marks(slot).at(-1);
    const at = last?.kind === "pin" ? last.at : (last?.points.at(-1) ?? [0.5, 0.5]);
    this.cursor = { slot, at, down: false };
    this.changed();
  }

  nudge(dx: number, dy: number): void {
    if (!this.cursor) return;
    const at = inside([this.cursor.at[0] + dx, this.cursor.at[1] + dy]);
    this.cursor = { ...this.cursor, at };
    if (this.cursor.down) this.extend(at);
    this.changed();
  }

  /** Drop a pin under the crosshair, which then is where the pin is and goes; or put the brush down, and lift it the next time. */
  drop(): void {
    if (!this.cursor) return;
    const { slot, at, down } = this.cursor;
    if (this.tool === "pin") {
      this.pin(slot, at);
      this.leave();
    } else if (down) this.end();
    else {
      this.cursor = { slot, at, down: true };
      this.begin(slot, at);
    }
  }

  leave(): void {
    if (!this.cursor) return;
    this.cursor = null;
    this.#stroke = null;
    this.changed();
  }

  /** What is drawn on an image of w × h, for the kernel: spots, or with strokes among them a painted region. */
  place(slot: number, w: number, h: number): Place {
    const marks = this.marks(slot);
    const pins = marks.flatMap((mark) => (mark.kind === "pin" ? [mark.at] : []));
    if (pins.length === marks.length) return { at: pins };
    const strokes = marks.map((mark) =>
      mark.kind === "pin" ? { radius: this.pinRadius, points: [mark.at] } : mark,
    );
    return { region: paint(strokes, w, h) };
  }

  #add(slot: number, mark: Mark): void {
    const marks = this.#drawn.get(slot);
    if (marks) marks.push(mark);
    else this.#drawn.set(slot, [mark]);
    this.#log.push(slot);
    this.changed();
  }
}
