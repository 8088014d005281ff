// What holds for all concepts: how NOT acts, the guidance, and whose noise the preview starts from.
import { div, field, h, hasFocus, number, on, option, refill, set } from "../dom";

export interface Settings {
  guidance: number;
  negation: string;
  on: number | null;
  choices: number[];
}

const NEGATIONS: Readonly<Record<string, string>> = {
  linear: "push away",
  perp: "push away, but spare what is shared",
  dynamic: "push away only where it is seen",
};

export class SettingsView {
  readonly el: HTMLElement;
  readonly noise: HTMLElement;
  readonly #negation: HTMLSelectElement;
  readonly #guidance: HTMLInputElement;
  readonly #on: HTMLSelectElement;

  constructor(ask: (name: string, args: Record<string, unknown>) => void, signal: AbortSignal) {
    this.#negation = h("select", "gw-number-input gw-composer-negation");
    for (const [value, label] of Object.entries(NEGATIONS)) this.#negation.append(option(value, label));
    on(this.#negation, "change", () => ask("set", { negation: this.#negation.value }), signal);
    this.#guidance = number("gw-composer-guidance", { min: 0, max: 100, step: 0.5 });
    const guide = (): void => {
      const guidance = this.#guidance.valueAsNumber;
      if (Number.isFinite(guidance)) ask("set", { guidance });
    };
    on(this.#guidance, "change", guide, signal);
    this.#on = h("select", "gw-number-input gw-composer-on");
    on(this.#on, "change", () => ask("choose", { slot: Number(this.#on.value) }), signal);
    this.noise = field("On the noise of", this.#on);
    this.el = div("line", field("NOT", this.#negation), field("Guidance", this.#guidance));
  }

  update(settings: Settings): void {
    this.#negation.value = settings.negation;
    set(this.#negation, { title: `negation="${settings.negation}" in Python` });
    if (!hasFocus(this.#guidance)) this.#guidance.value = String(settings.guidance);
    const choices = [...new Set([...(settings.on === null ? [] : [settings.on]), ...settings.choices])];
    const wanted = JSON.stringify(choices);
    if (this.#on.dataset.choices !== wanted) {
      this.#on.dataset.choices = wanted;
      const options = choices.map((slot) => option(slot, `image ${slot}`));
      refill(this.#on, ...(options.length ? options : [option("", "fresh noise")]));
    }
    if (settings.on !== null) this.#on.value = String(settings.on);
  }
}
