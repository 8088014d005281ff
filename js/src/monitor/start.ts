// What is optimised, towards what: there while nothing is under way.
import { amiss, field, h, hide, number, on, prevent, set } from "../dom";
import { offer } from "../panel/choice";

interface Choice {
  choices: number[];
  candidate: number | null;
  text: string;
}

export class Start {
  readonly el = h("form", { class: "gw-monitor-start", novalidate: true });
  readonly #choice = h("select", "gw-number-input gw-monitor-choice");
  readonly #text = h("input", { type: "text", maxlength: 1000, class: "gw-number-input gw-monitor-text" });
  readonly #steps = number("gw-monitor-updates", {
    min: 1,
    max: 1000,
    value: 30,
    title: "How often the noise is changed a little",
  });
  #picked = false;
  #about: number | null = null;

  /** `refuse`: say what is filled in wrongly. */
  constructor(
    start: (wanted: Record<string, unknown>) => void,
    refuse: (wrong: string) => void,
    signal: AbortSignal,
  ) {
    const wide = field("Towards", this.#text, " gw-monitor-field gw-monitor-towards");
    const go = h("button", { type: "submit", class: "gw-button gw-monitor-go" }, "Optimise");
    this.el.append(
      field("Image", this.#choice, " gw-monitor-field"),
      wide,
      field("Updates", this.#steps, " gw-monitor-field"),
      go,
    );
    const submit = (event: Event): void => {
      prevent(event);
      const wrong = amiss(this.#steps);
      const text = this.#text.value.trim();
      const wanted = { slot: Number(this.#choice.value), steps: this.#steps.valueAsNumber };
      if (wrong) refuse(wrong);
      else start(text ? { ...wanted, text } : wanted);
    };
    on(this.el, "submit", submit, signal);
    on(
      this.#choice,
      "change",
      () => {
        this.#picked = true;
        this.#about = null;
      },
      signal,
    );
  }

  /** Turn to a candidate, which may be of an earlier generation. */
  pick(slot: number): void {
    this.#about = slot;
    this.#text.focus();
  }

  /** `free`: nothing is under way. */
  show({ choices, candidate, text }: Choice, free: boolean): void {
    hide(this.el, !free || candidate === null);
    const before = this.#about ?? Number(this.#choice.value);
    const all = this.#about === null ? choices : [...choices, before];
    // A choice made by hand stays for as long as it can.
    offer(
      this.#choice,
      all,
      (this.#picked || this.#about !== null) && all.includes(before) ? before : candidate,
    );
    set(this.#text, { placeholder: text });
  }
}
