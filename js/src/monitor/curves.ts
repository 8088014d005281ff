// The curves of a loss and its parts over the steps, as an SVG that can be clicked.
import { colourOf } from "../colours";
import { div, draw, h, on, refill, set, spotOf, trace } from "../dom";

/** [step, loss, parts …] */
export type Point = readonly number[];

const WIDTH = 480;
const HEIGHT = 180;
const LEFT = 52;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
const DASHES = ["none", "6 3", "2 2", "8 2 2 2", "4 4", "1 3"];

export function dashOf(part: number): string {
  return DASHES[part % DASHES.length] as string;
}

/** Smallest and largest value of one column of the points. */
function extremes(points: readonly Point[], column: number): [number, number] {
  const values = points.map((point) => point[column] as number).filter(Number.isFinite);
  return values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
}

/** Likewise with a little room, and never the same. */
export function range(points: readonly Point[], column: number): [number, number] {
  const [low, high] = extremes(points, column);
  const pad = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.1, 1e-6);
  return [low - pad, high + pad];
}

/** The SVG path of one column of the points. */
export function path(
  points: readonly Point[],
  column: number,
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  return points
    .filter((point) => Number.isFinite(point[column]))
    .map(
      (point, i) => `${i ? "L" : "M"}${x(point[0] ?? 0).toFixed(1)} ${y(point[column] as number).toFixed(1)}`,
    )
    .join("");
}

export function curves(pick: (step: number) => void, signal: AbortSignal) {
  const svg = draw("svg", { class: "gw-monitor-svg", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const legend = h("div", {
    class: "gw-monitor-legend gw-line",
    title: "Loss: how far the picture is from what is wanted. Each curve has its own scale (least – most)",
  });
  const box = div("monitor-plot", svg);
  let last = 1;
  const at = (event: PointerEvent): void => {
    const x = spotOf(svg, event)[0] * WIDTH;
    const step = ((x - LEFT) / (WIDTH - LEFT - RIGHT)) * last;
    pick(Math.round(Math.min(last, Math.max(0, step))));
  };
  const down = (event: PointerEvent): void => {
    box.setPointerCapture(event.pointerId);
    at(event);
  };
  on(box, "pointerdown", down, signal);
  on(box, "pointermove", (event) => event.buttons && at(event), signal);

  return {
    el: div("monitor-curves", box, legend),
    /** `step`: the one on show; `changes`: steps at which something was changed. */
    draw: (
      points: readonly Point[],
      parts: readonly string[],
      updates: number,
      step: number,
      changes: readonly number[],
    ): void => {
      const newest = points.at(-1);
      last = Math.max(1, updates, newest?.[0] ?? 0);
      const shown = parts.length > 1 ? parts : [];
      const nodes = drawn(points, shown, last, step, changes);
      refill(svg, ...nodes);
      const [first, now] = [points[0]?.[1], newest?.[1]];
      const told =
        first === undefined || now === undefined
          ? "No update yet"
          : `Loss over ${newest?.[0]} updates: from ${short(first)} to ${short(now)}`;
      set(svg, { label: told });
      refill(legend, ...names(shown, points, points.find(([at]) => at === step) ?? newest));
    },
  };
}

/** The axis and the curves, with a line at the step on show and at each change. */
function drawn(
  points: readonly Point[],
  parts: readonly string[],
  last: number,
  step: number,
  changes: readonly number[],
): SVGElement[] {
  const [low, high] = range(points, 1);
  const x = (s: number): number => LEFT + (s / last) * (WIDTH - LEFT - RIGHT);
  /** Each curve fills the height: what is watched beside the loss may have quite another scale. */
  const scale = (column: number) => {
    const [least, most] = range(points, column);
    return (v: number): number => TOP + ((most - v) / (most - least)) * (HEIGHT - TOP - BOTTOM);
  };
  const y = scale(1);
  const label = (tx: number, ty: number, anchor: string, value: string): SVGTextElement =>
    draw("text", { x: tx, y: ty, "text-anchor": anchor, class: "gw-monitor-tick" }, value);
  const upright = (at: number, name: string): SVGElement =>
    trace(`M${x(at)} ${TOP}V${HEIGHT - BOTTOM}`, `gw-monitor-${name}`);
  const values = [low + (high - low) * 0.06, (low + high) / 2, high - (high - low) * 0.06];
  return [
    ...values.flatMap((value) => [
      trace(`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`, "gw-monitor-grid"),
      label(LEFT - 6, y(value) + 4, "end", tick(value, high - low)),
    ]),
    label(LEFT, HEIGHT - 6, "start", "0"),
    label(WIDTH - RIGHT, HEIGHT - 6, "end", `${last} updates`),
    ...changes.map((change) => upright(change, "change")),
    ...parts.map((_, i) =>
      trace(path(points, i + 2, x, scale(i + 2)), "gw-monitor-part", {
        stroke: colourOf(i),
        "stroke-dasharray": dashOf(i),
      }),
    ),
    trace(path(points, 1, x, y), "gw-monitor-total"),
    upright(step, "cursor"),
  ];
}

/** Each curve's name with a piece of it, its value at a point, and its ends. */
function names(parts: readonly string[], points: readonly Point[], point: Point | undefined): HTMLElement[] {
  const line = (colour: string, dash: string, name: string, column: number): HTMLElement => {
    const value = point?.[column];
    const ends = extremes(points, column).map(short).join(" – ");
    const sample = draw(
      "svg",
      { viewBox: "0 0 24 8", class: "gw-monitor-sample", silent: true },
      trace("M0 4H24", "", { stroke: colour, "stroke-dasharray": dash, "stroke-width": 2 }),
    );
    const shown = h("span", "gw-monitor-value", value === undefined ? "" : `${short(value)} (${ends})`);
    return h("span", "gw-monitor-name", sample, h("span", "gw-monitor-word", name), shown);
  };
  return [
    line("currentColor", "none", "loss", 1),
    ...parts.map((name, i) => line(colourOf(i), dashOf(i), name, i + 2)),
  ];
}

/** A label of an axis that covers a span: as many decimals as tell its labels apart. */
export function tick(value: number, span: number): string {
  const decimals = 1 - Math.floor(Math.log10(span));
  return decimals > 5 || Math.abs(value) >= 1e5 ? short(value) : value.toFixed(Math.max(0, decimals));
}

/** Four digits, as people write numbers. */
export function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
