// What the experiments paint, each from a noise of its own, which never changes, so that its answer tells what is seen.

/** What one click paints; with the usual guidance unless told. */
export interface Trial {
  prompt: string;
  /** Written on its button in place of the prompt. */
  label?: string;
  guidance?: number;
  /** In place of the experiment's own. */
  seed?: number;
  /** In place of noise as it is drawn. */
  begin?: "children" | "averages" | { generations: number };
  /** The picture that is looked into first; else the first. */
  open?: number;
  /** Lay the set before beside it. */
  beside?: true;
}

/** `look`: what to look for. `why`: what we saw, with the field's word for it. */
export interface Experiment {
  title: string;
  look: string;
  seed: number;
  trials: readonly Trial[];
  why: string;
}

/** A click of an experiment, by the words on its button. */
export interface Asked {
  title: string;
  trial: string;
}

export const named = ({ label, prompt }: Trial): string => label ?? prompt;

const FOX = "a fox on a beach";
const HOUSE = "a house in a meadow";
const CITY = "a city at night";
const SEED = 7;

/** Three ways to make one noise of two, a row each: what is written below, and what is done. */
export const AVERAGES = [
  { caption: "mean", mean: "short" },
  { caption: "mean, rescaled", mean: "full" },
  { caption: "cut up" },
] as const;

export const EXPERIMENTS: readonly Experiment[] = [
  {
    title: "The same again",
    look: "Press one after the other. The second lies beside the first: can you find a difference? And in the third?",
    seed: SEED,
    trials: [
      { label: "twelve foxes", prompt: FOX },
      { label: "the very same again", prompt: FOX, beside: true },
      { label: "other noise", prompt: FOX, seed: SEED + 1, beside: true },
    ],
    why: "Nothing is left to chance but the noise, and that is drawn by a rule which begins with a number, the seed. The same seed, words and guidance give the same picture, bit for bit; another seed gives other ones.",
  },
  {
    title: "Step by step",
    look: "A picture is open beside these. Move its slider from step 1 on: at which step do you see where the fox is, at which its eyes?",
    seed: SEED,
    trials: [
      { label: "guidance 5", prompt: FOX, open: 5 },
      { label: "guidance 1", prompt: FOX, guidance: 1, open: 5 },
    ],
    why: "In its guess an orange blot shows at step 1 already where the fox will be; at step 2 it has ears; its eyes can be told from about step 6. Rough shapes come first, details last (coarse to fine): under 99 % noise only those can be guessed. What it guesses then is an average of all pictures that fit, which is a blur at guidance 1, and glares at 5.",
  },
  {
    title: "More guidance",
    look: "What gets better from 1 to 5, and what gets worse at 12 and 20?",
    seed: SEED,
    trials: [1, 5, 12, 20].map((guidance) => ({ label: `guidance ${guidance}`, prompt: FOX, guidance })),
    why: "The net guesses twice, with your words and without: the arrow between the two guesses is what the words add, and guidance stretches it (classifier-free guidance). At 1 pictures are soft and odd, at 5 clear and more alike. Stretched further, every step lands where no picture ever was: colours burn.",
  },
  {
    title: "NOT",
    look: "Does the meadow go, and what comes in its place? What does three times the weight do?",
    seed: SEED,
    trials: [HOUSE, `${HOUSE} AND NOT a meadow`, `${HOUSE} AND NOT a meadow ::3`].map((prompt) => ({
      prompt,
    })),
    why: "NOT rubs nothing out: it turns the arrow around, away from a meadow (negative guidance). One length of it is about “without”: grey, city, snow or sea in eight of twelve, while four keep some green. Three overshoot to an opposite: red in five, pink in four, night in three. For a meadow is bright and green, and light with its green taken out is red or pink.",
  },
  {
    title: "AND",
    look: "Count the animals: does each picture show two, or one that is a bit of both? And why does the beach join so well?",
    seed: SEED,
    trials: [
      { prompt: "a fox AND an owl" },
      { prompt: "a picture with a fox AND a picture with an owl" },
      { prompt: "a fox and an owl" },
      { prompt: "a fox AND a beach" },
    ],
    why: "“A fox” means one fox and nothing else, so both arrows pull at the same spot: a bit of both in all twelve, a chimera. “A picture with a fox” leaves room for more: two heads in all twelve, about half of them a clean fox and owl. One sentence is one arrow, learned from pictures of two: right in eleven. A fox and a beach leave each other room anyway: one is a thing, the other the place around it.",
  },
  {
    title: "A place for each",
    look: "Which comes where? And are there two things, or one that changes in the middle?",
    seed: SEED,
    trials: [
      { prompt: "a pizza AND a donut" },
      { prompt: "a pizza @left AND a donut @right" },
      { prompt: "a picture with a pizza @left AND a picture with a donut @right" },
    ],
    why: "@left lets an arrow pull in the left half only (a mask). But “a pizza” is one thing in the whole picture: both arrows build on one spot, and in nine of twelve one thing changes in the middle, pizza left of it, donut right. “A picture with” leaves room for two: a whole pizza left and a whole donut right in six.",
  },
  {
    title: "A weight",
    look: "Who fades, the fox or the beach? And what does a fox AND a fox bring, beside a plain fox: two of them?",
    seed: SEED,
    trials: [
      { prompt: "a fox AND a beach" },
      { prompt: "a fox ::0.3 AND a beach" },
      { prompt: "a fox AND a beach ::0.3" },
      { prompt: "a fox" },
      { prompt: "a fox AND a fox" },
    ],
    why: "A weight makes one arrow longer or shorter than the other. With a third of its arrow the fox loses ears or face in about ten of twelve; with a third of the beach’s, the sand changes its colour in four. What is said twice is one arrow, twice as long: AND adds, so a fox AND a fox is a fox ::2. Beside the plain one it is still one fox, in burning colours.",
  },
  {
    title: "The same noise, new words",
    look: "What stays when only the words change: the place of things, the colours, the light?",
    seed: SEED,
    trials: [{ prompt: FOX }, { prompt: "an owl on a beach" }, { prompt: "a fox in the snow" }],
    why: "The noise one begins with (the seed) says where things come: in the snow the fox stands where it stood on the beach in all twelve, and the owl does in about ten, since at first noise is nearly all that the net sees. The words say what comes there, and bring its colours and light.",
  },
  {
    title: "Early and late steps",
    look: "Words for the first three steps only (%0-0.3), or for all but those (%0.3-1): what is lost?",
    seed: SEED,
    trials: [{ prompt: FOX }, { prompt: `${FOX} %0-0.3` }, { prompt: `${FOX} %0.3-1` }],
    why: "Rough shapes come first, details last (coarse to fine). Words that end early settle the beach, but leave an orange lump, with hardly a fox’s face in about nine of twelve. Words that come late bring a clear fox in all twelve, but find a place that is settled already: four are no beach of sand.",
  },
  {
    title: "Evolve",
    look: "The first two are the parents, the others their children. A child is open: which part of its noise is whose?",
    seed: 20,
    trials: [{ label: "two parents, ten children", prompt: FOX, begin: "children", open: 2 }],
    why: "The noise is cut into pieces with straight borders (Voronoi cells), and each piece is taken whole from one parent (crossover), a few are new. So the child’s noise is as strong as noise has to be, and what a parent showed at a place often comes again there: the sun of the second does in four of the ten. But no pixel is copied: each child is painted anew.",
  },
  {
    title: "All alike",
    look: "From one generation to the next, only the two that are most alike become parents: what becomes of the differences?",
    seed: 24,
    trials: [0, 1, 2, 4].map((generations) => ({
      label: generations > 0 ? `generation ${generations}` : "before",
      prompt: "a house",
      begin: { generations },
    })),
    why: "Every spot of every child is a piece of its parents’ noises, so what differs is used up (inbreeding; loss of diversity): nothing is the same before, 97 % after four generations, and all twelve show one house under one sky. A few pieces are fresh, but few. New noise brings the differences back, and so do stars of other sets.",
  },
  {
    title: "Average two noises",
    look: "A column is one pair of noises that have nothing in common: in which row is there least to see?",
    seed: SEED,
    trials: [CITY, FOX].map((prompt) => ({ prompt, begin: "averages" as const })),
    why: "Where two noises disagree they cancel: their mean is only 71 % (1/√2) as strong as the noise it learned with, and what is missing it takes for smooth picture. So the first row of cities has the fewest windows and the emptiest sky. Made as strong again (rescaled) it paints well, and so does the cut-up child, where nothing cancels. A beach is smooth anyway: there it hardly shows.",
  },
];
