import { expect, it, vi } from "vitest";
import { EXPERIMENTS, experiments } from "../../src/page/experiments";
import { GUIDANCE } from "../../src/page/origin";
import { parse } from "../../src/page/prompt/parse";
import { shortcuts } from "../../src/page/tools";

it("every experiment can be run, and tells its own look", () => {
  const run = vi.fn();
  const root = experiments(run);
  root.querySelectorAll("button").forEach((one) => {
    one.click();
  });
  const all = EXPERIMENTS.flatMap(({ trials, look }) => trials.map((trial) => [trial, look]));
  expect(run.mock.calls).toEqual(all);
  for (const { prompt, guidance } of EXPERIMENTS.flatMap(({ trials }) => trials)) {
    if (prompt !== undefined) parse(prompt);
    if (guidance !== undefined) expect(guidance >= GUIDANCE.least && guidance <= GUIDANCE.most).toBe(true);
  }
});

it("every question has an answer of a few sentences, folded until it is asked for", () => {
  const folds = [...experiments(vi.fn()).querySelectorAll<HTMLDetailsElement>("details.why")];
  expect(folds.map((fold) => fold.querySelector("p")?.textContent)).toEqual(
    EXPERIMENTS.map(({ why }) => why),
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
