// Experiments of one click, over the noise on show, each with what to look for.
import { h } from "../dom";
import { press } from "./dom";
import { FOOLED, film } from "./fooled";
import type { Asked } from "./history";

/** What one click changes; words of its own come with the usual guidance. */
export interface Trial {
  label?: string;
  prompt?: string;
  guidance?: number;
  evolve?: true;
  /** Evolve the first two on show, and nothing else that is starred. */
  narrow?: true;
  average?: true;
}

/** `why` has the field's word for it. */
interface Experiment extends Asked {
  title: string;
  trials: readonly Trial[];
}

const HOUSE = "a house in a meadow";
const FOX = "a fox on a beach";

/** Letters of a chip that leaves room for another beside it. */
const SHORT = 17;

/** Three ways to make one noise of two, a row each: what is written below, and what is done. */
export const AVERAGES = [
  { caption: "mean", mean: "short" },
  { caption: "mean, rescaled", mean: "full" },
  { caption: "cut up" },
] as const;

export const EXPERIMENTS: readonly Experiment[] = [
  {
    title: "More guidance",
    look: "What gets better from 1 to 5, and what gets worse at 12 and 20?",
    trials: [1, 5, 12, 20].map((guidance) => ({ label: `guidance ${guidance}`, guidance })),
    why: "The net guesses twice, with your words and without: the arrow between the two guesses is what the words add, and guidance stretches it (classifier-free guidance). At 1 pictures are soft and odd, at 5 clear and more alike. Stretched further, every step lands where no picture ever was: colours burn.",
  },
  {
    title: "NOT",
    look: "Does the meadow go, and what comes in its place? What does three times the weight do?",
    trials: [HOUSE, `${HOUSE} AND NOT a meadow`, `${HOUSE} AND NOT a meadow ::3`].map((prompt) => ({
      prompt,
    })),
    why: "NOT rubs nothing out: it turns the arrow around, away from a meadow (negative guidance). One length of it is about “without”. Three overshoot, past “without” to an opposite of it, dark or glaring pink, that no training picture had.",
  },
  {
    title: "AND",
    look: "Count the animals: does each picture show two, or one that is a bit of both?",
    trials: [
      { prompt: "a fox AND an owl" },
      { prompt: "a picture with a fox AND a picture with an owl" },
      { prompt: "a fox and an owl" },
    ],
    why: "“A fox” means one fox and nothing else, so both arrows pull at the same spot, and one thing comes that is a bit of both: a chimera. “A picture with a fox” leaves room for more: both were there in 72 % of our pictures instead of 14 %, and in 86 % where one sentence names both.",
  },
  {
    title: "A place for each",
    look: "Which comes where? And are there two things, or one that changes in the middle?",
    trials: [
      { prompt: "a pizza AND a donut" },
      { prompt: "a pizza @left AND a donut @right" },
      { prompt: "a picture with a pizza @left AND a picture with a donut @right" },
    ],
    why: "@left lets an arrow pull in the left half only (a mask). But “a pizza” is one thing in the whole picture: both arrows build on one spot, and what comes is pizza left of the middle, donut right of it. “A picture with” leaves room for two: both were there in half of our pictures, and in 72 % without places.",
  },
  {
    title: "A weight",
    look: "Who fades, the fox or the beach? And what does a fox AND a fox bring: two of them?",
    trials: [
      { prompt: "a fox AND a beach" },
      { prompt: "a fox ::0.3 AND a beach" },
      { prompt: "a fox AND a beach ::0.3" },
      { prompt: "a fox AND a fox" },
    ],
    why: "A weight makes one arrow longer or shorter than the other. With a third of its arrow the fox often falls apart; with a third of the beach’s, the place is often another. What is said twice is one arrow, twice as long: AND adds, so a fox AND a fox is a fox ::2, and its colours burn.",
  },
  {
    title: "The same noise, new words",
    look: "What stays when only the words change: the place of things, the colours, the light?",
    trials: [
      { prompt: "a fox on a beach" },
      { prompt: "an owl on a beach" },
      { prompt: "a fox in the snow" },
    ],
    why: "The noise one begins with (the seed) says where things come: fox and owl stand at the same spot, since at first noise is nearly all that the net sees. The words say what comes there, and bring its colours and light.",
  },
  {
    title: "Early and late steps",
    look: "Words for the first three steps only (%0-0.3), or for all but those (%0.3-1): what is lost? Then look inside at step 1.",
    trials: [
      { prompt: `${FOX} %0-0.3` },
      { prompt: `${FOX} %0.3-1` },
      { label: "guidance 1", prompt: FOX, guidance: 1 },
    ],
    why: "Rough shapes come first, details last (coarse to fine). Words that end early leave a fox without a face; words that come late find a place that is settled already. With 99 % noise only the rough shape can be guessed: the guess is an average of all pictures that fit, so at guidance 1 it is a blur.",
  },
  {
    title: "Evolve",
    look: "Look inside a child: which part of its noise is whose?",
    trials: [{ label: "evolve two of them", evolve: true }],
    why: "The noise is cut into pieces with straight borders (Voronoi cells), and each piece is taken whole from one parent (crossover), a few are new. So the child’s noise is as strong as noise has to be, and what a parent showed at a place often comes again there.",
  },
  {
    title: "All alike",
    look: "Press it four times, each time the first two are starred: what becomes of the differences? What brings them back?",
    trials: [{ label: "evolve the first two only", narrow: true }],
    why: "Every spot of every child is a piece of the same two noises, so what differs is used up (loss of diversity). Keep stars of other sets, or press New noise and star there: the grey pieces, fresh noise, are few.",
  },
  {
    title: "Average two noises",
    look: "A column is one pair of noises that have nothing in common: in which row is there least to see?",
    trials: [
      { label: "the words in the box", average: true },
      { label: "a city at night", prompt: "a city at night", average: true },
    ],
    why: "Where two noises disagree they cancel: their mean is only 1/√2, about 71 %, as long as noise. The net has never begun with so little, and takes it for a smooth picture. Made as long as noise again (rescaled) it paints well, and so does the cut-up child, where nothing cancels.",
  },
];

export function experiments(run: (trial: Trial, asked: Asked) => void): HTMLElement {
  const items = EXPERIMENTS.map(({ title, look, trials, why }) => {
    const chips = trials.map((trial) =>
      press(trial.label ?? trial.prompt ?? "", "chip", () => run(trial, { look, why })),
    );
    const short = chips.every((chip) => (chip.textContent ?? "").length <= SHORT);
    const name = short ? "chips even short" : "chips even";
    const group = h("div", { class: name, role: "group", "aria-label": title }, ...chips);
    return h("li", {}, h("b", {}, title), group, h("p", "hint", look), answer(why));
  });
  const { title, look, why } = FOOLED;
  items.push(h("li", "wide", h("b", {}, title), film(), h("p", "hint", look), answer(why)));
  return h(
    "details",
    "try",
    h("summary", {}, `Try this: ${items.length} experiments`),
    h("ul", {}, ...items),
  );
}

/** Folded, so that one looks before one reads. */
export function answer(why: string): HTMLElement {
  return h("details", "why", h("summary", {}, "What we saw, and why"), h("p", {}, why));
}
