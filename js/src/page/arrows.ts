// The guidance as arrows: what each concept adds, drawn in the plane that shows most of it, true in length and angle to
// the sum.
import { draw, h } from "../dom";
import { COLOURS, canvas, heat, show } from "./dom";
import type { Arrow } from "./messages";

const WIDTH = 320;
const HEIGHT = 220;
const X0 = 90;
const Y0 = HEIGHT / 2;
const EDGE = 8;
const DASHED = "The dashed arrow is their sum. ";
/** How long an arrow is drawn that is as long as the noise: one scale everywhere, or twelve would look like one. */
const UNIT = 80;

/** Angle between two arrows of a moment, in degrees. */
export function degrees(cosine: number): number {
  return Math.round((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI);
}

/** In words, for those who do not see the drawing, and below it for those who do. */
export function described(arrows: readonly Arrow[]): string {
  if (arrows.length === 0) return "No concept takes part in this step: nothing pulls.";
  const [first, second] = arrows.map((_, i) => i).sort((a, b) => size(arrows[b]) - size(arrows[a]));
  const strongest = arrows[first as number] as Arrow;
  if (second === undefined) return `${named(strongest)} pulls with ${strength(strongest)}.`;
  const angle = degrees(strongest.cosines[second] ?? 0);
  return `${named(strongest)} and ${named(arrows[second] as Arrow)} pull ${angle}° apart, taken over the whole picture.`;
}

function size(arrow: Arrow | undefined): number {
  return arrow?.length ?? 0;
}

function named({ text, coefficient }: Arrow): string {
  return `${coefficient < 0 ? "NOT " : ""}“${text}”`;
}

function strength({ length }: Arrow): string {
  return `${Math.round(100 * length)} % of the noise’s own size`;
}

/** Which share of an arrow has a place in the drawing. */
function fits(x: number, y: number): number {
  return Math.min(1, (Y0 - EDGE) / Math.abs(y), (x > 0 ? WIDTH - X0 - EDGE : X0 - EDGE) / Math.abs(x));
}

/** The drawing and its legend. */
export function arrows(all: readonly Arrow[]): HTMLElement {
  const last = all.length;
  // The sum points to the right; each arrow keeps its length and its angle to the sum, those after the first above or
  // below by the sign of what they share with the first, beyond the sum.
  const [lead] = all;
  const tips = all.map((arrow, i) => {
    const along = arrow.cosines[last] ?? 0;
    const across = Math.sqrt(Math.max(0, 1 - along ** 2));
    const beyond = (arrow.cosines[0] ?? 0) - along * (lead?.cosines[last] ?? 0);
    const side = i === 0 || beyond > 0 ? -1 : 1;
    return [arrow.length * along * UNIT, side * arrow.length * across * UNIT] as const;
  });
  const total = all.reduce((sum, arrow) => sum + arrow.length * (arrow.cosines[last] ?? 0), 0) * UNIT;
  const beyond = tips.some(([x, y]) => fits(x, y) < 1) || fits(total, 0) < 1;
  const line = (x: number, y: number, name: string, colour: string) => {
    const share = fits(x, y);
    const angle = Math.atan2(y, x);
    const at = (back: number, turn = 0) =>
      `${X0 + share * x - back * Math.cos(angle + turn)} ${Y0 + share * y - back * Math.sin(angle + turn)}`;
    // A second head where the arrow goes on beyond the edge.
    const barb = Math.min(9, 0.7 * Math.hypot(x, y));
    const head = (back: number) => `M${at(back + barb, 0.45)}L${at(back)}L${at(back + barb, -0.45)}`;
    const d = `M${X0} ${Y0}L${at(0)}${head(0)}${share < 1 ? head(7) : ""}`;
    const path = draw("path", { d, class: name, fill: "none" });
    path.style.stroke = colour;
    return path;
  };
  const drawing = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "arrows", role: "img", "aria-label": described(all) },
    draw("circle", { cx: X0, cy: Y0, r: UNIT, class: "unit" }),
    ...(all.length > 1 ? [line(total, 0, "sum", "currentColor")] : []),
    ...tips.map(([x, y], i) => line(x, y, "part", COLOURS[i % COLOURS.length] as string)),
    draw("circle", { cx: X0, cy: Y0, r: 4, class: "origin" }),
  );
  const legend = all.map((arrow, i) => {
    const swatch = h("span", { class: "swatch", "aria-hidden": true });
    swatch.style.background = COLOURS[i % COLOURS.length] as string;
    const words = h("span", {}, swatch, `${named(arrow)}: ${strength(arrow)}`);
    if (all.length < 2) return h("li", {}, words);
    const map = canvas(Math.sqrt(arrow.where.length), `Where ${named(arrow)} pulls`);
    show(map, heat(arrow.where));
    return h("li", {}, map, words);
  });
  const scale = `The ring is 100 %: as long as the noise.${beyond ? " A double head: longer than the drawing." : ""}`;
  return h(
    "div",
    "pull",
    drawing,
    ...(all.length === 1 ? [] : [h("p", {}, described(all))]),
    h("ul", "legend", ...legend),
    h("p", "hint", all.length > 1 ? `Each map shows where that concept pulls. ${DASHED}${scale}` : scale),
  );
}
