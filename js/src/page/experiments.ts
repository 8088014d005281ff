// Experiments of one click, over the noise on show, each with what to look for.
import { h } from "../dom";
import { press } from "./dom";

/** What one click changes; words of its own come with the usual guidance. */
export interface Trial {
  label?: string;
  prompt?: string;
  guidance?: number;
  evolve?: true;
}

interface Experiment {
  title: string;
  look: string;
  trials: readonly Trial[];
}

const HOUSE = "a house in a meadow";

export const EXPERIMENTS: readonly Experiment[] = [
  {
    title: "More guidance",
    look: "What gets better from 1 to 5, and what gets worse at 12?",
    trials: [1, 5, 12].map((guidance) => ({ label: `guidance ${guidance}`, guidance })),
  },
  {
    title: "NOT",
    look: "The meadow goes: what comes in its place, and what does three times the weight do?",
    trials: [HOUSE, `${HOUSE} AND NOT a meadow ::1`, `${HOUSE} AND NOT a meadow ::3`].map((prompt) => ({
      prompt,
    })),
  },
  {
    title: "AND",
    look: "Count the animals: does each picture show two, or one that is a bit of both?",
    trials: [
      { prompt: "a fox AND an owl" },
      { prompt: "a picture with a fox AND a picture with an owl AND a beach" },
    ],
  },
  {
    title: "A weight",
    look: "Which of the two wins as the beach gets heavier?",
    trials: [{ prompt: "a fox AND a beach" }, { prompt: "a fox AND a beach ::5" }],
  },
  {
    title: "The same noise, new words",
    look: "What stays when only the words change: the place of things, the colours, the light?",
    trials: [
      { prompt: "a fox on a beach" },
      { prompt: "an owl on a beach" },
      { prompt: "a fox in the snow" },
    ],
  },
  {
    title: "Evolve",
    look: "Look inside a child: which part of its noise is whose?",
    trials: [{ label: "star two, and evolve them", evolve: true }],
  },
];

export function experiments(run: (trial: Trial, look: string) => void): HTMLElement {
  const items = EXPERIMENTS.map(({ title, look, trials }) => {
    const chips = trials.map((trial) =>
      press(trial.label ?? trial.prompt ?? "", "chip", () => run(trial, look)),
    );
    const group = h("div", { class: "chips", role: "group", "aria-label": title }, ...chips);
    return h("li", {}, h("b", {}, title), group, h("p", "hint", look));
  });
  return h(
    "details",
    "try",
    h("summary", {}, `Try this: ${items.length} experiments`),
    h("ul", {}, ...items),
  );
}
