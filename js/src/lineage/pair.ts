// Two candidates against each other: under a slider, side by side, or as the map of their difference.

import { type Binary, urlOf } from "../binary";
import { atEnd, button, div, group, h, hide, on, picture, refill, set, text } from "../dom";
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

export class PairView {
  readonly el: HTMLElement;
  readonly #one = h("img", "gw-lineage-one");
  readonly #other = h("img", "gw-lineage-other");
  readonly #map = h("img", "gw-lineage-map");
  readonly #scale = picture("lineage-scale");
  readonly #low = h("span", {}, "0");
  readonly #high = h("span", {});
  readonly #legend: HTMLElement;
  readonly #caption = h("p", "gw-quiet");
  readonly #changes = h("div", {});
  readonly #slide = h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    label: "Where one picture ends",
  });
  readonly #modes: HTMLButtonElement[];
  #urls: string[] = [];
  #mode: Mode = "slider";
  #turn = 0;

  constructor(
    private readonly ask: Ask,
    closed: () => void,
    signal: AbortSignal,
  ) {
    this.#modes = MODES.map((name) => button("lineage-mode", name, () => this.show(name), signal));
    const leave = (): void => {
      this.close();
      closed();
    };
    const close = button("lineage-close", "Close", leave, signal);
    this.#legend = div("lineage-legend", this.#low, this.#scale, this.#high);
    const stage = div("lineage-stage", this.#one, this.#other, this.#map);
    this.el = h(
      "section",
      { class: "gw-lineage-pair", hidden: true, label: "Comparison" },
      group("lineage-modes gw-looks", "How to compare", ...this.#modes, close),
      this.#caption,
      div("lineage-sides", h("div", {}, stage, this.#slide, this.#legend), this.#changes),
    );
    on(this.#slide, "input", () => this.#cut(), signal);
    atEnd(signal, () => this.#revoke());
    this.show("slider");
  }

  get open(): boolean {
    return !this.el.hidden;
  }

  async compare(one: number, other: number): Promise<void> {
    const turn = ++this.#turn;
    const [a, b, map] = await Promise.all([
      this.ask("image", { slot: one }),
      this.ask("image", { slot: other }),
      this.ask("difference", { slots: [one, other] }),
    ]);
    if (turn !== this.#turn || !a || !b) return;
    this.#revoke();
    const type = (answer: Answer): string => (answer.value as { media_type: string }).media_type;
    this.#put(this.#one, a.buffers[0], type(a), `Image ${one}`);
    this.#put(this.#other, b.buffers[0], type(b), `Image ${other}`);
    const difference = map?.value as Difference | undefined;
    set(this.#modes[2] as Element, { hidden: !difference });
    if (map && difference) {
      this.#put(this.#map, map.buffers[0], difference.media_type, `Where ${one} and ${other} differ`);
      this.#put(this.#scale, map.buffers[1], difference.media_type, "");
      text(this.#high, `${difference.high} of 255 levels`);
      refill(this.#changes, changesList(difference.changes));
    } else if (this.#mode === "difference") this.show("slider");
    const differ = difference ? `; they differ by ${difference.mean} levels on average` : "";
    text(this.#caption, `${one} on the left, ${other} on the right${differ}`);
    set(this.el, { hidden: false, "data-pair": `${one},${other}` });
    this.el.scrollIntoView({ block: "nearest" });
  }

  show(mode: Mode): void {
    this.#mode = mode;
    set(this.el, { "data-look": mode });
    for (const [i, button] of this.#modes.entries()) set(button, { pressed: MODES[i] === mode });
    hide(this.#slide, mode !== "slider");
    hide(this.#legend, mode !== "difference");
    this.#cut();
  }

  close(): void {
    this.#turn += 1;
    hide(this.el, true);
    this.#revoke();
  }

  #cut(): void {
    this.#other.style.clipPath = this.#mode === "slider" ? `inset(0 0 0 ${this.#slide.value}%)` : "";
  }

  #put(image: HTMLImageElement, data: Binary | undefined, type: string, alt: string): void {
    if (!data) return;
    const url = urlOf(data, type);
    this.#urls.push(url);
    set(image, { src: url, alt });
  }

  #revoke(): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }
}
