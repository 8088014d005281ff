// How hard each concept pulls at every step of the walk, with the step on show marked: most arrows grow a hundredfold on
// the way, so that no drawing of one step shows it.
import { draw, h } from "../dom";
import { colour, percent } from "./arrows";
import type { Arrow, Moment } from "./messages";

const WIDTH = 320;
const HEIGHT = 120;
const LEFT = 44;
const EDGE = 10;
/** Of the noise's own size, on an axis of powers of ten. */
const LEVELS = [0.01, 0.1, 1];
const [LEAST, MOST] = [0.004, 5];

function up(length: number): number {
  const share = Math.log(Math.max(LEAST, Math.min(MOST, length)) / LEAST) / Math.log(MOST / LEAST);
  return HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE);
}

/** The drawing, at step `at`. */
export function course(moments: readonly Moment[], at: number): HTMLElement {
  const across = (k: number) => LEFT + ((WIDTH - LEFT - EDGE) * (k + 0.5)) / moments.length;
  const levels = LEVELS.flatMap((level) => {
    const words = draw("text", { x: LEFT - 6, y: up(level) + 4, class: "ring", "text-anchor": "end" });
    words.textContent = percent(level);
    return [draw("path", { d: `M${LEFT} ${up(level)}H${WIDTH}`, class: "unit" }), words];
  });
  const dots = moments.flatMap(({ arrows }, k) =>
    arrows.map((arrow) => dot(across(k), up(arrow.length), k === at, arrow)),
  );
  const drawing = draw(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "arrows course",
      role: "img",
      "aria-label": `Length of every arrow at each of ${moments.length} steps, now ${at + 1}`,
    },
    draw("rect", { x: across(at) - 9, y: 2, width: 18, height: HEIGHT - 4, rx: 6, class: "now" }),
    ...levels,
    ...dots,
  );
  const words =
    "How long each arrow is, from the first step to the last: every line is ten times the one below.";
  return h("div", {}, drawing, h("p", "hint", words));
}

function dot(cx: number, cy: number, now: boolean, arrow: Arrow): SVGElement {
  const made = draw("circle", { cx, cy, r: now ? 5.5 : 3.5 });
  made.style.fill = colour(arrow);
  return made;
}
