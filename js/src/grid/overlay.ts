// What is drawn on one tile: pins, strokes and the crosshair, in two tones that show on any pixel; and the pointer.
import { draw, on, refill, set, spotOf, trace, twoTone } from "../dom";
import type { Cell, Spot } from "../protocol";
import type { ToolState } from "../tool_state";

/** Units of the drawing on the picture's shorter side. */
const UNIT = 100;
/** How much of a picked spot is sure to come from this image when several are put together (evolve/recombine.py). */
const KEPT = 0.06;
const RIM = 1.6;
/** CSS pixels a pointer may wander while it drops a pin; farther is scrolling. */
const STILL = 10;

export class Overlay {
  readonly #svg = draw("svg", { class: "gw-drawing", silent: true });
  #size: Spot = [UNIT, UNIT];
  #done = false;
  #hover: Spot | null = null;
  #start: Spot | null = null;
  #shown = "";

  constructor(
    private readonly frame: HTMLElement,
    private readonly slot: number,
    private readonly tools: ToolState,
    signal: AbortSignal,
  ) {
    on(frame, "pointerdown", (event) => this.#down(event), signal);
    on(frame, "pointermove", (event) => this.#move(event), signal);
    on(frame, "pointerup", (event) => this.#up(event), signal);
    on(frame, "pointercancel", () => this.#cancel(), signal);
    on(frame, "pointerleave", () => this.#point(null), signal);
  }

  update(cell: Cell): void {
    const shorter = Math.min(cell.w, cell.h);
    this.#size = [(UNIT * cell.w) / shorter, (UNIT * cell.h) / shorter];
    this.#done = cell.phase === "done" && !cell.filtered;
    this.redraw();
  }

  redraw(): void {
    const { tools, slot } = this;
    const marks = tools.marks(slot);
    const cursor = tools.cursor?.slot === slot ? tools.cursor : null;
    const hover = tools.tool !== "select" && this.#done && !cursor ? this.#hover : null;
    if (marks.length === 0 && !cursor && !hover) {
      if (this.#shown) this.#svg.remove();
      this.#shown = "";
      return;
    }
    // Several images: of each only what is near a pin is sure to stay.
    const reach = tools.slots.length > 1 ? KEPT : tools.pinRadius;
    const strokes = marks.flatMap((mark) =>
      mark.kind === "stroke" ? [{ d: this.#line(mark.points), width: 2 * UNIT * mark.radius }] : [],
    );
    const lines = marks.map((mark) => (mark.kind === "pin" ? this.#target(mark.at, reach) : "")).join("");
    const aim = cursor ? this.#cross(cursor.at) + this.#ring(cursor.at, tools.radius) : "";
    const ghost = hover ? this.#ring(hover, tools.tool === "brush" ? tools.radius : reach) : "";
    const shown = JSON.stringify([this.#size, strokes, lines, aim, ghost, cursor?.down]);
    if (shown === this.#shown) return;
    if (!this.#shown) this.frame.append(this.#svg);
    this.#shown = shown;
    set(this.#svg, { viewBox: `0 0 ${this.#size[0]} ${this.#size[1]}` });
    const rim = strokes.map(({ d, width }) => trace(d, "", { "stroke-width": width }));
    const fill = strokes.map(({ d, width }) =>
      trace(d, "", { "stroke-width": Math.max(RIM, width - 2 * RIM) }),
    );
    refill(
      this.#svg,
      draw("g", "gw-rim", ...rim),
      draw("g", "gw-fill", ...fill),
      ...twoTone(lines, "gw-lines"),
      ...twoTone(aim, cursor?.down ? "gw-aim gw-down" : "gw-aim"),
      ...twoTone(ghost, "gw-ghost"),
    );
  }

  #down(event: PointerEvent): void {
    if (this.tools.tool === "select" || !this.#done || event.button !== 0 || !event.isPrimary) return;
    if (this.tools.tool === "pin") {
      this.#start = [event.clientX, event.clientY];
      return;
    }
    this.frame.setPointerCapture(event.pointerId); // the stroke goes on outside of the tile
    this.tools.begin(this.slot, this.#at(event));
  }

  #move(event: PointerEvent): void {
    if (this.tools.tool === "select") return;
    if (this.frame.hasPointerCapture(event.pointerId)) this.tools.extend(this.#at(event));
    if (event.pointerType === "mouse") this.#point(this.#at(event));
  }

  /** A pin drops where the pointer leaves the picture; not by a click, which a long press of a finger is none. */
  #up(event: PointerEvent): void {
    const [x, y] = this.#start ?? [Number.NaN, Number.NaN];
    this.#start = null;
    const still = Math.hypot(event.clientX - x, event.clientY - y) < STILL;
    if (still && this.tools.tool === "pin") this.tools.pin(this.slot, this.#at(event));
    if (this.tools.drawing && !this.tools.cursor) this.tools.end();
  }

  #cancel(): void {
    this.#start = null;
    if (this.tools.drawing && !this.tools.cursor) this.tools.remove(this.slot);
  }

  #point(at: Spot | null): void {
    this.#hover = at;
    this.redraw();
  }

  #at(event: MouseEvent): Spot {
    return spotOf(this.frame, event);
  }

  #units([x, y]: Spot): Spot {
    return [round(x * this.#size[0]), round(y * this.#size[1])];
  }

  #line(points: readonly Spot[]): string {
    const path = points.map((point) => this.#units(point).join(" ")).join("L");
    return points.length === 1 ? `M${path}h0` : `M${path}`; // round caps make a dot of it
  }

  #ring(at: Spot, radius: number): string {
    const [x, y] = this.#units(at);
    const r = round(radius * UNIT);
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  }

  /** A pin: a ring as wide as it reaches, and a small cross in the middle. */
  #target(at: Spot, radius: number): string {
    const [x, y] = this.#units(at);
    return `${this.#ring(at, radius)}M${x - 3} ${y}h6M${x} ${y - 3}v6`;
  }

  /** The crosshair reaches from edge to edge, with the middle free. */
  #cross(at: Spot): string {
    const [x, y] = this.#units(at);
    const [w, h] = this.#size;
    return `M0 ${y}H${x - 4}M${x + 4} ${y}H${w}M${x} 0V${y - 4}M${x} ${y + 4}V${h}`;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
