// The leverage gauge: how far a picture moves when its noise, its embedding or an early step moves, and where.

import { urlOf } from "../binary";
import { atEnd, button, div, h, refill, set } from "../dom";
import type { Answer } from "../requests";

interface Measured {
  prompt: string;
  images: number;
  high: number;
  weak: boolean;
  levers: { name: string; mean: number }[];
  media_type: string;
}

const NAMES: Record<string, string> = { noise: "Noise", embedding: "Words", early: "Early steps" };
const WEAK =
  "Noise hardly moves this model here: s.sample(embedding=0.3) lets the words vary too, in every operator.";

export class Leverage {
  readonly el: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly #gauge = div("taste-gauge");
  #urls: string[] = [];

  constructor(
    private readonly ask: (name: string) => Promise<Answer | null>,
    signal: AbortSignal,
  ) {
    this.button = button("taste-measure", "Measure", () => void this.#measure(), signal);
    this.el = div("taste-leverage", this.button, this.#gauge);
    atEnd(signal, () => this.#free());
  }

  async #measure(): Promise<void> {
    set(this.button, { off: "true" });
    const answer = await this.ask("leverage");
    set(this.button, { off: null });
    if (answer) this.#show(answer);
  }

  #show({ value, buffers }: Answer): void {
    const found = value as Measured;
    this.#free();
    this.#urls = buffers.map((data) => urlOf(data, found.media_type));
    const most = Math.max(...found.levers.map((lever) => lever.mean), 1e-6);
    const rows = found.levers.map(({ name, mean }, i) => {
      const fill = h("span", "gw-taste-fill");
      fill.style.width = `${(100 * mean) / most}%`;
      const label = NAMES[name] ?? name;
      const said = `${label}: ${mean.toFixed(1)} of 255 levels`;
      const map = h("img", {
        class: "gw-taste-map",
        src: this.#urls[i] ?? "",
        alt: `${said}; lighter where more moves`,
        draggable: "false",
      });
      const bar = h("span", { class: "gw-taste-bar", role: "img", label: said }, fill);
      const number = h("span", "gw-taste-number", mean.toFixed(1));
      return h(
        "div",
        { class: "gw-taste-lever", "data-lever": name },
        map,
        h("span", {}, label),
        bar,
        number,
      );
    });
    const ramp = h("img", { class: "gw-taste-ramp", src: this.#urls.at(-1) ?? "", alt: "to" });
    const scale = h("span", "gw-quiet gw-taste-scale", "0", ramp, `${found.high} of 255`);
    const about = `Mean change when 30 % of each is renewed, over ${found.images} pictures of “${found.prompt}”.`;
    refill(this.#gauge, ...rows, h("p", "gw-quiet", about), scale);
    if (found.weak) this.#gauge.append(h("p", "gw-taste-weak", WEAK));
  }

  #free(): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }
}
