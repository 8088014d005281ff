// What a study found: the sentence, the interval on its scale, and the figures that say how far to trust it.
import { div, h } from "../dom";

export interface Found {
  sentence: string;
  share: number;
  low: number;
  high: number;
  figures: [name: string, value: string][];
}

export function report({ sentence, share, low, high, figures }: Found): HTMLElement[] {
  const percent = (part: number): string => `${100 * part}%`;
  const mark = (kind: string): HTMLElement => h("span", `gw-study-${kind}`);
  const range = mark("range");
  range.style.left = percent(low);
  range.style.width = percent(high - low);
  const dot = mark("dot");
  dot.style.left = percent(share);
  const scale = h("span", { class: "gw-study-scale", silent: true }, mark("half"), range, dot);
  const end = (name: string): HTMLElement => h("span", "gw-quiet", name);
  const rows = figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  return [
    h("p", "gw-study-sentence", sentence),
    div("study-line", end("second"), scale, end("first")),
    h("dl", "gw-study-figures", ...rows),
  ];
}
