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

export function settingsView(
  ask: (name: string, args: Record<string, unknown>) => void,
  signal: AbortSignal,
) {
  const options = Object.entries(NEGATIONS).map(([value, label]) => option(value, label));
  const negation = h("select", "gw-number-input gw-composer-negation", ...options);
  on(negation, "change", () => ask("set", { negation: negation.value }), signal);
  const guidance = number("gw-composer-guidance", { min: 0, max: 100, step: 0.5 });
  const guide = (): void => {
    if (guidance.value) ask("set", { guidance: guidance.valueAsNumber });
  };
  on(guidance, "change", guide, signal);
  const noise = h("select", "gw-number-input gw-composer-on");
  on(noise, "change", () => ask("choose", { slot: Number(noise.value) }), signal);

  return {
    el: div("line", field("NOT", negation), field("Guidance", guidance)),
    noise: field("On the noise of", noise),
    update: (settings: Settings): void => {
      negation.value = settings.negation;
      set(negation, { title: `negation="${settings.negation}" in Python` });
      if (!hasFocus(guidance)) guidance.value = String(settings.guidance);
      const choices = [...new Set([...(settings.on === null ? [] : [settings.on]), ...settings.choices])];
      const wanted = choices.join();
      if (noise.dataset.choices !== wanted) {
        noise.dataset.choices = wanted;
        const slots = choices.map((slot) => option(slot, `image ${slot}`));
        refill(noise, ...(slots.length ? slots : [option("", "fresh noise")]));
      }
      if (settings.on !== null) noise.value = String(settings.on);
    },
  };
}
