// What is optimised, towards what: there while nothing is under way.
import { amiss, field, h, hide, number, on, prevent, set } from "../dom";
import { offer } from "../panel/choice";

interface Choice {
  choices: number[];
  candidate: number | null;
  text: string;
}

export type Start = ReturnType<typeof startForm>;

/** `refuse`: say what is filled in wrongly. */
export function startForm(
  start: (wanted: Record<string, unknown>) => void,
  refuse: (wrong: string) => void,
  signal: AbortSignal,
) {
  const image = h("select", "gw-number-input gw-monitor-choice");
  const words = h("input", { type: "text", maxlength: 1000, class: "gw-number-input gw-monitor-text" });
  const steps = number("gw-monitor-updates", {
    min: 1,
    max: 1000,
    value: 30,
    title: "How often the noise is changed a little",
  });
  const el = h(
    "form",
    { class: "gw-monitor-start gw-line", novalidate: true },
    field("Image", image, " gw-monitor-field"),
    field("Towards", words, " gw-monitor-field gw-monitor-towards"),
    field("Updates", steps, " gw-monitor-field"),
    h("button", { type: "submit", class: "gw-button gw-monitor-go" }, "Optimise"),
  );
  let picked = false;
  let about: number | null = null;

  const submit = (event: Event): void => {
    prevent(event);
    const wrong = amiss(steps);
    const text = words.value.trim();
    const wanted = { slot: Number(image.value), steps: steps.valueAsNumber };
    if (wrong) refuse(wrong);
    else start(text ? { ...wanted, text } : wanted);
  };
  on(el, "submit", submit, signal);
  const chosen = (): void => {
    picked = true;
    about = null;
  };
  on(image, "change", chosen, signal);

  return {
    el,
    /** Turn to a candidate, which may be of an earlier generation. */
    pick: (slot: number): void => {
      about = slot;
      words.focus();
    },
    /** `free`: nothing is under way. */
    show: ({ choices, candidate, text }: Choice, free: boolean): void => {
      hide(el, !free || candidate === null);
      const before = about ?? Number(image.value);
      const all = about === null ? choices : [...choices, before];
      // A choice made by hand stays for as long as it can.
      const stays = (picked || about !== null) && all.includes(before);
      offer(image, all, stays ? before : candidate);
      set(words, { placeholder: text });
    },
  };
}
