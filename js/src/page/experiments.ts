// The list of experiments of one click, and the one that is being done, above its pictures.
import { h, set, text } from "../dom";
import { press } from "./dom";
import { FOOLED, film } from "./fooled";
import { type Asked, EXPERIMENTS, type Experiment, named, type Trial } from "./trials";

export type Run = (trial: Trial, experiment: Experiment) => void;

/** Letters of a chip that leaves room for another beside it. */
const SHORT = 17;

export function experiments(run: Run): HTMLElement {
  const items = EXPERIMENTS.map((one) =>
    h("li", {}, h("b", {}, one.title), trials(one, run).root, h("p", "hint", one.look), answer(one.why)),
  );
  const { title, look, why } = FOOLED;
  items.push(h("li", "wide", h("b", {}, title), film(), h("p", "hint", look), answer(why)));
  return h(
    "details",
    "try",
    h("summary", {}, `Try this: ${items.length} experiments`),
    h("ul", {}, ...items),
  );
}

/** A button for each trial. */
function trials(one: Experiment, run: Run): { root: HTMLElement; chips: HTMLButtonElement[] } {
  const chips = one.trials.map((trial) => press(named(trial), "chip", () => run(trial, one)));
  const short = chips.every((chip) => (chip.textContent ?? "").length <= SHORT);
  const name = short ? "chips even short" : "chips even";
  return { root: h("div", { class: name, role: "group", "aria-label": one.title }, ...chips), chips };
}

/** Folded, so that one looks before one reads. */
function answer(why: string): HTMLElement {
  return h("details", "why", h("summary", {}, "What we saw, and why"), h("p", {}, why));
}

/** The question, the buttons and the answer of the experiment that the pictures below belong to. */
export class Bench {
  readonly root = h("section", { class: "try bench", "aria-label": "The experiment on show", hidden: true });
  #title = "";
  #chips: HTMLButtonElement[] = [];

  constructor(private readonly run: Run) {}

  /** Left as it is, answer and focus, from one trial of an experiment to another. */
  show(asked: Asked | null): void {
    const at = EXPERIMENTS.findIndex(({ title }) => title === asked?.title);
    const one = EXPERIMENTS[at];
    set(this.root, { hidden: !one });
    if (one && one.title !== this.#title) this.#fill(one, EXPERIMENTS[at + 1]);
    this.#title = one?.title ?? "";
    for (const chip of this.#chips) set(chip, { "aria-pressed": chip.textContent === asked?.trial });
  }

  #fill(one: Experiment, next: Experiment | undefined): void {
    const { root, chips } = trials(one, this.run);
    this.#chips = chips;
    const onward = press("", "chip next", () => next && this.run(next.trials[0] as Trial, next));
    text(onward, `Next experiment: ${next?.title}`);
    set(onward, { hidden: !next });
    const head = h("div", "head", h("b", {}, one.title), onward);
    this.root.replaceChildren(head, h("p", "hint", one.look), root, answer(one.why));
  }
}
