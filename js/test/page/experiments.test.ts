import { expect, it, vi } from "vitest";
import { closest, sharedByAll } from "../../src/page/alike";
import type { Origin } from "../../src/page/ancestors";
import { counted } from "../../src/page/counted";
import { Bench, experiments } from "../../src/page/experiments";
import told from "../../src/page/film/fooled.json";
import { FOOLED, film } from "../../src/page/fooled";
import { History } from "../../src/page/history";
import { begun } from "../../src/page/making";
import { fromFragment, GUIDANCE, inPython, Noises, toFragment } from "../../src/page/origin";
import { parse } from "../../src/page/prompt/parse";
import { shortcuts } from "../../src/page/tools";
import { AVERAGES, EXPERIMENTS, type Experiment, named, type Trial } from "../../src/page/trials";

const noises = new Noises(4, 16);
const noise = (origin: Origin) => noises.of(origin).latent;
const titled = (title: string) => EXPERIMENTS.find((one) => one.title === title) as Experiment;
/** A history with one trial of an experiment in it. */
function tried(title: string, at: number, history = new History()): History {
  const one = titled(title);
  const trial = one.trials[at] as Trial;
  const pictures = begun(trial, one, history.all.length, noise);
  const { prompt, guidance = 5 } = trial;
  history.add({
    prompt,
    guidance,
    pictures,
    made: "experiment",
    of: null,
    asked: { title, trial: named(trial) },
  });
  return history;
}

it("every experiment can be run, and begins with the same noise each time", () => {
  const run = vi.fn();
  for (const one of experiments(run).querySelectorAll("button")) one.click();
  expect(run.mock.calls).toEqual(EXPERIMENTS.flatMap((one) => one.trials.map((trial) => [trial, one])));
  for (const [trial, one] of run.mock.calls as [Trial, Experiment][]) {
    parse(trial.prompt);
    const { guidance } = trial;
    if (guidance !== undefined) expect(guidance >= GUIDANCE.least && guidance <= GUIDANCE.most).toBe(true);
    const pictures = begun(trial, one, 3, noise);
    expect(pictures).toHaveLength(12);
    expect(begun(trial, one, 3, noise)).toEqual(pictures);
  }
  expect(new Set(EXPERIMENTS.flatMap(({ title, trials }) => trials.map((t) => title + named(t)))).size).toBe(
    run.mock.calls.length,
  );
});

it("has question, buttons, answer and the next experiment beside the pictures, until another set is shown", () => {
  const run = vi.fn();
  const bench = new Bench(run);
  const { look, why, trials } = titled("NOT");
  bench.show({ title: "NOT", trial: named(trials[1] as Trial) });
  expect(bench.root.querySelector(".hint")?.textContent).toBe(look);
  const fold = bench.root.querySelector("details.why") as HTMLDetailsElement;
  expect([fold.open, fold.querySelector("p")?.textContent]).toEqual([false, why]);
  const pressed = () =>
    [...bench.root.querySelectorAll("[role=group] button")].map((chip) => chip.getAttribute("aria-pressed"));
  expect(pressed()).toEqual(["false", "true", "false"]);
  fold.open = true;
  bench.show({ title: "NOT", trial: named(trials[2] as Trial) });
  expect(pressed()).toEqual(["false", "false", "true"]);
  expect(bench.root.contains(fold) && fold.open).toBe(true); // as it was left
  bench.root.querySelector<HTMLElement>(".next")?.click();
  expect(run).toHaveBeenCalledWith(titled("AND").trials[0], titled("AND"));
  bench.show(null);
  expect(bench.root.hidden).toBe(true);
  bench.show({ title: EXPERIMENTS.at(-1)?.title as string, trial: "" });
  expect(bench.root.querySelector<HTMLElement>(".next")?.hidden).toBe(true);
});

it("counts what of the noise is the same, how strong it is, and which pixels differ", () => {
  const shares = [0, 1, 2, 3].map((at) => {
    const { now } = tried("All alike", at);
    return sharedByAll((now?.pictures ?? []).map(({ origin }) => noise(origin)));
  });
  expect(shares.map((share) => Math.round(100 * share))).toEqual([0, 46, 81, 97]);
  expect(counted(tried("All alike", 3), noise)).toContain(`97 % of the noise is the same`);
  expect(closest([0, 1, 1].map((value) => Float32Array.of(value)))).toEqual([1, 2]);
  expect(counted(tried("Average two noises", 0), noise)).toContain("are 71 %, 100 % and ");
  const twice = tried("The same again", 1, tried("The same again", 0));
  for (const { pictures } of twice.all)
    for (const one of pictures) one.pixels = Uint8ClampedArray.of(1, 2, 3, 255);
  expect(counted(twice, noise)).toBe("0 of 12 pixels differ from the set before.");
  (twice.now?.pictures[4]?.pixels as Uint8ClampedArray)[1] = 9;
  expect(counted(twice, noise)).toBe("1 of 12 pixels differ from the set before.");
});

it("shows the parents of an experiment before their children, which lead to them", () => {
  const { now } = tried("Evolve", 0, tried("NOT", 0));
  const [mother, father, ...young] = now?.pictures ?? [];
  expect(young).toHaveLength(10);
  for (const { origin, parents } of young) {
    expect(origin.parents).toEqual([mother?.origin, father?.origin]);
    expect(parents).toEqual([0, 1].map((slot) => ({ generation: 1, slot })));
  }
});

it("the mean of two noises is short by √2, and rescaled it is not; links and programs carry both", () => {
  const parents = [
    { seed: 7, image: 0 },
    { seed: 7, image: 1 },
  ];
  const [short, full, cut] = AVERAGES.map(({ caption: _, ...how }) => ({
    seed: 3,
    image: 0,
    parents,
    ...how,
  }));
  const strength = (origin: Origin) => Math.hypot(...noises.of(origin).latent) / 32;
  expect(strength(short as Origin)).toBeCloseTo(Math.SQRT1_2, 1);
  expect(strength(full as Origin)).toBeCloseTo(1, 6);
  expect(strength(cut as Origin)).toBeCloseTo(1, 1);
  for (const origin of [short, full, cut] as Origin[]) {
    const shared = { prompt: "a fox", guidance: 5, origin };
    expect(fromFragment(toFragment(shared))).toEqual(shared);
  }
  const program = (origin: Origin) =>
    inPython({ prompt: "a fox", guidance: 5, origin }).split("\n").slice(5, 7);
  expect(program(short as Origin)).toEqual(["x3 = x1 + x2", "x3 = x3 / 2"]);
  expect(program(full as Origin)).toEqual(["x3 = x1 + x2", "x3 = x3 / x3.square().mean().sqrt()"]);
});

it("the judge of the film was fooled: as pleased as with real owls, where two other nets see none", () => {
  const last = told.frames.at(-1);
  const real = (net: "judge" | "second" | "reader") => told.real.map((marks) => marks[net]);
  expect(last?.judge).toBeGreaterThanOrEqual(Math.min(...real("judge")));
  expect(last?.second).toBeLessThan(Math.min(...real("second")) - 0.1);
  expect(Math.max(...told.frames.map(({ reader }) => reader))).toBeLessThan(0.05);
  expect(Math.min(...real("reader"))).toBeGreaterThan(0.95);
  const shown = [...film().querySelectorAll("li")].map(({ textContent }) => textContent);
  expect(shown).toEqual(told.frames.map(({ judge, second }) => `${judge.toFixed(2)} / ${second.toFixed(2)}`));
});

it("every question has an answer of a few sentences, folded until it is asked for", () => {
  const folds = [...experiments(vi.fn()).querySelectorAll<HTMLDetailsElement>("details.why")];
  expect(folds.map((fold) => fold.querySelector("p")?.textContent)).toEqual(
    [...EXPERIMENTS, FOOLED].map(({ why }) => why),
  );
  for (const fold of folds) expect(fold.open).toBe(false);
  for (const { why } of EXPERIMENTS) {
    expect(why.split(/[.:;]\s/).length).toBeGreaterThanOrEqual(2);
    expect(why.length).toBeLessThan(450);
  }
});

it("letters work wherever nobody writes, and only once", () => {
  const star = vi.fn();
  shortcuts({ s: star });
  document.body.innerHTML = "<button></button><input type=range><textarea></textarea><input><p></p>";
  document.querySelector("p")?.addEventListener("keydown", (event) => event.preventDefault());
  for (const node of document.body.children)
    node.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true, cancelable: true }));
  expect(star).toHaveBeenCalledTimes(2); // the button and the slider
});
