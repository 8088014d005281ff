// Two candidates against each other: under a slider, side by side, or as the map of their difference.

import { type Binary, urls } from "../binary";
import { button, div, group, h, hide, on, picture, refill, set, text } from "../dom";
import type { Answer } from "../requests";
import { type Changes, changesList } from "./details";

const MODES = ["slider", "side by side", "difference"] as const;
type Mode = (typeof MODES)[number];
interface Difference {
  slots: [number, number];
  mean: number;
  high: number;
  media_type: string;
  changes: Changes;
}
type Ask = (name: string, args: Record<string, unknown>) => Promise<Answer | null>;

export function pairView(ask: Ask, closed: () => void, signal: AbortSignal) {
  const [one, other, map] = ["one", "other", "map"].map((name) => picture(`lineage-${name}`)) as [
    HTMLImageElement,
    HTMLImageElement,
    HTMLImageElement,
  ];
  const scale = picture("lineage-scale");
  const high = h("span", {});
  const legend = div("lineage-legend gw-scale", h("span", {}, "0"), scale, high);
  const caption = h("p", "gw-quiet");
  const changes = h("div", {});
  const slide = h("input", { type: "range", min: 0, max: 100, value: 50, label: "Where one picture ends" });
  const pictures = urls(signal);
  let mode: Mode = "slider";
  let turn = 0;

  const cut = (): void => {
    other.style.clipPath = mode === "slider" ? `inset(0 0 0 ${slide.value}%)` : "";
  };
  on(slide, "input", cut, signal);
  const show = (now: Mode): void => {
    mode = now;
    set(el, { "data-look": mode });
    for (const [i, button] of modes.entries()) set(button, { pressed: MODES[i] === mode });
    hide(slide, mode !== "slider");
    hide(legend, mode !== "difference");
    cut();
  };
  const close = (): void => {
    turn += 1;
    hide(el, true);
    pictures.free();
  };
  const leave = (): void => {
    close();
    closed();
  };
  const modes = MODES.map((name) => button("lineage-mode", name, () => show(name), signal));
  const shut = button("lineage-close", "Close", leave, signal);
  const stage = div("lineage-stage", one, other, map);
  const el = h(
    "section",
    { class: "gw-lineage-pair", hidden: true, label: "Comparison" },
    group("lineage-modes gw-looks", "How to compare", ...modes, shut),
    caption,
    div("lineage-sides", h("div", {}, stage, slide, legend), changes),
  );
  show("slider");

  const put = (image: HTMLImageElement, data: Binary | undefined, type: string, alt: string): void => {
    if (data) set(image, { src: pictures.make(data, type), alt });
  };
  return {
    el,
    close,
    get open(): boolean {
      return !el.hidden;
    },
    compare: async (left: number, right: number): Promise<void> => {
      const now = ++turn;
      const [a, b, found] = await Promise.all([
        ask("image", { slot: left }),
        ask("image", { slot: right }),
        ask("difference", { slots: [left, right] }),
      ]);
      if (now !== turn || !a || !b) return;
      pictures.free();
      const type = (answer: Answer): string => (answer.value as { media_type: string }).media_type;
      put(one, a.buffers[0], type(a), `Image ${left}`);
      put(other, b.buffers[0], type(b), `Image ${right}`);
      const difference = found?.value as Difference | undefined;
      set(modes[2] as Element, { hidden: !difference });
      if (found && difference) {
        put(map, found.buffers[0], difference.media_type, `Where ${left} and ${right} differ`);
        put(scale, found.buffers[1], difference.media_type, "");
        text(high, `${difference.high} of 255 levels`);
        refill(changes, changesList(difference.changes));
      } else if (mode === "difference") show("slider");
      const differ = difference ? `; they differ by ${difference.mean} levels on average` : "";
      text(caption, `${left} on the left, ${right} on the right${differ}`);
      set(el, { hidden: false, "data-pair": `${left},${right}` });
      el.scrollIntoView({ block: "nearest" });
    },
  };
}
