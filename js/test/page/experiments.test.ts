import { expect, it, vi } from "vitest";
import type { Origin } from "../../src/page/ancestors";
import { AVERAGES, EXPERIMENTS, experiments } from "../../src/page/experiments";
import told from "../../src/page/film/fooled.json";
import { FOOLED, film } from "../../src/page/fooled";
import { fromFragment, GUIDANCE, inPython, Noises, toFragment } from "../../src/page/origin";
import { parse } from "../../src/page/prompt/parse";
import { shortcuts } from "../../src/page/tools";

it("every experiment can be run, and tells its own look", () => {
  const run = vi.fn();
  const root = experiments(run);
  root.querySelectorAll("button").forEach((one) => {
    one.click();
  });
  const all = EXPERIMENTS.flatMap(({ trials, look, why }) => trials.map((trial) => [trial, { look, why }]));
  expect(run.mock.calls).toEqual(all);
  for (const { prompt, guidance } of EXPERIMENTS.flatMap(({ trials }) => trials)) {
    if (prompt !== undefined) parse(prompt);
    if (guidance !== undefined) expect(guidance >= GUIDANCE.least && guidance <= GUIDANCE.most).toBe(true);
  }
});

it("the mean of two noises is short by √2, and rescaled it is not; links and programs carry both", () => {
  const noises = new Noises(4, 16);
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
    expect(why.length).toBeLessThan(330);
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
