// The guidance as arrows: what each concept adds, drawn so that their sum lies flat, each true in length and in its angle
// to the sum.
import { draw, h } from "../dom";
import { COLOURS, canvas, heat, laid, show } from "./dom";
import type { Arrow } from "./messages";

const WIDTH = 320;
const HEIGHT = 220;
const X0 = 110;
const Y0 = HEIGHT / 2;
const EDGE = 8;
const RADIUS = 76;
/** What the ring may stand for, in sizes of the noise: at the first steps arrows are a hundredth of what they become. */
const RINGS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** Of the ring, the longest arrow that is drawn within it. */
const ROOM = 1.2;

/** Angle between two arrows of a moment, in degrees. */
export function degrees(cosine: number): number {
  return Math.round((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI);
}

/** In words, for those who do not see the drawing, and below it for those who do; in the order of the prompt. */
export function described(arrows: readonly Arrow[]): string {
  if (arrows.length === 0) return "No concept takes part in this step: nothing pulls.";
  const longest = arrows.map((_, i) => i).sort((a, b) => size(arrows[b]) - size(arrows[a]));
  const [first, second] = longest.slice(0, 2).sort((a, b) => a - b);
  const one = arrows[first as number] as Arrow;
  if (second === undefined) return `${named(one)} pulls with ${strength(one)}.`;
  const angle = degrees(one.cosines[second] ?? 0);
  return `${named(one)} and ${named(arrows[second] as Arrow)} pull ${angle}° apart, taken over the whole picture.`;
}

function size(arrow: Arrow | undefined): number {
  return arrow?.length ?? 0;
}

function named({ text, coefficient }: Arrow): string {
  return `${coefficient < 0 ? "NOT " : ""}“${text}”`;
}

function strength({ length }: Arrow): string {
  return `${percent(length)} of the noise’s own size`;
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** What the ring stands for, so that the longest arrow is seen well. */
function ringFor(all: readonly Arrow[]): number {
  const longest = Math.max(...all.map(size));
  return RINGS.find((ring) => longest <= ROOM * ring) ?? (RINGS[RINGS.length - 1] as number);
}

/** Which share of an arrow has a place in the drawing. */
function fits(x: number, y: number): number {
  return Math.min(1, (Y0 - EDGE) / Math.abs(y), (x > 0 ? WIDTH - X0 - EDGE : X0 - EDGE) / Math.abs(x));
}

/** An arrow from the middle, with a second head where it goes on beyond the edge. */
function line(x: number, y: number, name: string, colour: string): SVGPathElement {
  const share = fits(x, y);
  const angle = Math.atan2(y, x);
  const at = (back: number, turn = 0) =>
    `${X0 + share * x - back * Math.cos(angle + turn)} ${Y0 + share * y - back * Math.sin(angle + turn)}`;
  const barb = Math.min(9, 0.7 * Math.hypot(x, y));
  const head = (back: number) => `M${at(back + barb, 0.45)}L${at(back)}L${at(back + barb, -0.45)}`;
  const d = `M${X0} ${Y0}L${at(0)}${head(0)}${share < 1 ? head(7) : ""}`;
  const path = draw("path", { d, class: name, fill: "none" });
  path.style.stroke = colour;
  return path;
}

/** The same at every step, also where others have ended. */
export const colour = ({ place }: Arrow) => COLOURS[place % COLOURS.length] as string;

/** The drawing and its legend; of one alone the direction would mean nothing. */
export function arrows(all: readonly Arrow[]): HTMLElement {
  if (all.length < 2) return h("p", {}, described(all));
  const last = all.length;
  const ring = ringFor(all);
  const unit = RADIUS / ring;
  // The sum points to the right; each arrow keeps its length and its angle to the sum, those after the first above or
  // below by the sign of what they share with the first, beyond the sum.
  const [lead] = all;
  const tips = all.map((arrow, i) => {
    const along = arrow.cosines[last] ?? 0;
    const across = Math.sqrt(Math.max(0, 1 - along ** 2));
    const beyond = (arrow.cosines[0] ?? 0) - along * (lead?.cosines[last] ?? 0);
    const side = i === 0 || beyond > 0 ? -1 : 1;
    return [arrow.length * along * unit, side * arrow.length * across * unit] as const;
  });
  const total = all.reduce((sum, arrow) => sum + arrow.length * (arrow.cosines[last] ?? 0), 0) * unit;
  const cut = tips.some(([x, y]) => fits(x, y) < 1) || fits(total, 0) < 1;
  const turned = tips.flatMap(([x, y], i) =>
    (all[i] as Arrow).coefficient < 0 ? [line(-x, -y, "unturned", colour(all[i] as Arrow))] : [],
  );
  const label = draw("text", { x: X0, y: Y0 + RADIUS + 16, class: "ring", "text-anchor": "middle" });
  label.textContent = `ring: ${percent(ring)}`;
  const drawing = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "arrows", role: "img", "aria-label": described(all) },
    draw("circle", { cx: X0, cy: Y0, r: RADIUS, class: "unit" }),
    label,
    ...turned,
    line(total, 0, "sum", "currentColor"),
    ...tips.map(([x, y], i) => line(x, y, "part", colour(all[i] as Arrow))),
    draw("circle", { cx: X0, cy: Y0, r: 4, class: "origin" }),
  );
  const hints = [
    "0° is the same way, 180° against each other; at 90° neither helps nor hinders the other. The dashed arrow is their sum; the drawing is turned so that it lies flat.",
    `The ring is ${percent(ring)} of the noise’s own size. Most arrows grow from step to step, and the ring then stands for more.`,
    cut ? "A double head: longer than the drawing." : "",
    turned.length > 0 ? "The faint arrow is where it would pull without NOT." : "",
  ];
  return h(
    "div",
    "pull",
    drawing,
    h("p", {}, described(all)),
    h("p", "hint", hints.filter(Boolean).join(" ")),
    h("ul", "legend", ...legend(all)),
  );
}

/** The names, each in its colour. */
function legend(all: readonly Arrow[]): HTMLElement[] {
  return all.map((arrow) => h("li", {}, swatch(arrow), `${named(arrow)}: ${strength(arrow)}`));
}

function swatch(arrow: Arrow): HTMLElement {
  const made = h("span", { class: "swatch", "aria-hidden": true });
  made.style.background = colour(arrow);
  return made;
}

/** Where there are several, a map each of where it pulls, and all maps over each other. */
export function maps(all: readonly Arrow[]): HTMLElement[] {
  const [first] = all;
  if (!first || all.length < 2) return [];
  const each = all.map((arrow) => {
    const map = canvas(Math.sqrt(arrow.where.length), `Where ${named(arrow)} pulls`);
    show(map, heat(arrow.where));
    return h("li", {}, map, h("span", {}, swatch(arrow), `Where ${named(arrow)} pulls`));
  });
  const over = canvas(Math.sqrt(first.where.length), "Where they pull, over each other");
  show(over, laid(all.map((arrow) => [arrow.where, colour(arrow)] as const)));
  const words = h("span", {}, "Over each other, each in its colour: pale where several pull at once.");
  return [h("ul", "legend", ...each, h("li", {}, over, words))];
}
