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

export type Overlay = ReturnType<typeof overlay>;

export function overlay(frame: HTMLElement, slot: number, tools: ToolState, signal: AbortSignal) {
  const svg = draw("svg", { class: "gw-drawing", silent: true });
  let [w, h]: Spot = [UNIT, UNIT];
  let done = false;
  let hover: Spot | null = null;
  let start: Spot | null = null;
  let shown = "";

  const units = ([x, y]: Spot): Spot => [round(x * w), round(y * h)];
  const line = (points: readonly Spot[]): string => {
    const path = points.map((point) => units(point).join(" ")).join("L");
    return points.length === 1 ? `M${path}h0` : `M${path}`; // round caps make a dot of it
  };
  const ring = (at: Spot, radius: number): string => {
    const [x, y] = units(at);
    const r = round(radius * UNIT);
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  };
  /** A pin: a ring as wide as it reaches, and a small cross in the middle. */
  const target = (at: Spot, radius: number): string => {
    const [x, y] = units(at);
    return `${ring(at, radius)}M${x - 3} ${y}h6M${x} ${y - 3}v6`;
  };
  /** The crosshair reaches from edge to edge, with the middle free. */
  const cross = (at: Spot): string => {
    const [x, y] = units(at);
    return `M0 ${y}H${x - 4}M${x + 4} ${y}H${w}M${x} 0V${y - 4}M${x} ${y + 4}V${h}`;
  };

  const redraw = (): void => {
    const marks = tools.marks(slot);
    const cursor = tools.cursor?.slot === slot ? tools.cursor : null;
    const over = tools.tool !== "select" && done && !cursor ? hover : null;
    if (marks.length === 0 && !cursor && !over) {
      if (shown) svg.remove();
      shown = "";
      return;
    }
    // Several images: of each only what is near a pin is sure to stay.
    const reach = tools.slots.length > 1 ? KEPT : tools.pinRadius;
    const strokes = marks.flatMap((mark) =>
      mark.kind === "stroke" ? [{ d: line(mark.points), width: 2 * UNIT * mark.radius }] : [],
    );
    const lines = marks.map((mark) => (mark.kind === "pin" ? target(mark.at, reach) : "")).join("");
    const aim = cursor ? cross(cursor.at) + ring(cursor.at, tools.radius) : "";
    const ghost = over ? ring(over, tools.tool === "brush" ? tools.radius : reach) : "";
    const now = JSON.stringify([w, h, strokes, lines, aim, ghost, cursor?.down]);
    if (now === shown) return;
    if (!shown) frame.append(svg);
    shown = now;
    set(svg, { viewBox: `0 0 ${w} ${h}` });
    const wide = (d: string, width: number): SVGElement => trace(d, "", { "stroke-width": width });
    refill(
      svg,
      draw("g", "gw-rim", ...strokes.map(({ d, width }) => wide(d, width))),
      draw("g", "gw-fill", ...strokes.map(({ d, width }) => wide(d, Math.max(RIM, width - 2 * RIM)))),
      ...twoTone(lines, "gw-lines"),
      ...twoTone(aim, cursor?.down ? "gw-aim gw-down" : "gw-aim"),
      ...twoTone(ghost, "gw-ghost"),
    );
  };

  const at = (event: MouseEvent): Spot => spotOf(frame, event);
  const point = (spot: Spot | null): void => {
    hover = spot;
    redraw();
  };
  const down = (event: PointerEvent): void => {
    if (tools.tool === "select" || !done || event.button !== 0 || !event.isPrimary) return;
    if ((event.target as Element).closest(".gw-corner")) return; // its menu
    if (tools.tool === "pin") {
      start = [event.clientX, event.clientY];
      return;
    }
    frame.setPointerCapture(event.pointerId); // the stroke goes on outside of the tile
    tools.begin(slot, at(event));
  };
  const move = (event: PointerEvent): void => {
    if (tools.tool === "select") return;
    if (frame.hasPointerCapture(event.pointerId)) tools.extend(at(event));
    if (event.pointerType === "mouse") point(at(event));
  };
  /** A pin drops where the pointer leaves the picture; not by a click, which a long press of a finger is none. */
  const up = (event: PointerEvent): void => {
    const [x, y] = start ?? [Number.NaN, Number.NaN];
    start = null;
    const still = Math.hypot(event.clientX - x, event.clientY - y) < STILL;
    if (still && tools.tool === "pin") tools.pin(slot, at(event));
    if (tools.drawing && !tools.cursor) tools.end();
  };
  const cancel = (): void => {
    start = null;
    if (tools.drawing && !tools.cursor) tools.remove(slot);
  };
  on(frame, "pointerdown", down, signal);
  on(frame, "pointermove", move, signal);
  on(frame, "pointerup", up, signal);
  on(frame, "pointercancel", cancel, signal);
  on(frame, "pointerleave", () => point(null), signal);

  return {
    redraw,
    update: (cell: Cell): void => {
      const shorter = Math.min(cell.w, cell.h);
      [w, h] = [(UNIT * cell.w) / shorter, (UNIT * cell.h) / shorter];
      done = cell.phase === "done" && !cell.filtered;
      redraw();
    },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
