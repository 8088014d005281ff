// What is drawn over the map: its contour, the boxes a loss used, what is being painted.
import { draw, trace } from "../dom";
import type { Stroke } from "../region";
import { contour } from "./map";
import type { SaliencyMap } from "./words";

export interface Levels {
  data: Uint8Array;
  w: number;
  h: number;
}

/** Contour and boxes, each with a wider line beneath it for contrast; null leaves it out. */
export function outlines(
  { data, w, h }: Levels,
  line: SaliencyMap | null,
  boxed: SaliencyMap | null,
): SVGElement[] {
  const nodes: SVGElement[] = [];
  if (line) {
    const d = contour(data, w, h, Math.max(1, Math.round(line.threshold * 255)));
    nodes.push(trace(d, "gw-saliency-line gw-saliency-under"));
    nodes.push(trace(d, "gw-saliency-line"));
  }
  for (const [left, top, right, bottom] of boxed?.boxes ?? []) {
    const place = { x: left * w, y: top * h, width: (right - left) * w, height: (bottom - top) * h };
    nodes.push(draw("rect", { ...place, class: "gw-saliency-box gw-saliency-under" }));
    nodes.push(draw("rect", { ...place, class: "gw-saliency-box" }));
  }
  return nodes;
}

export function strokes(painted: readonly Stroke[], w: number, h: number): SVGElement[] {
  return painted.map(({ radius, points }) => {
    const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x * w} ${y * h}`).join("");
    return draw("path", {
      d: points.length > 1 ? d : `${d}h0.01`,
      class: "gw-saliency-stroke",
      "stroke-width": 2 * radius * Math.min(w, h),
    });
  });
}
