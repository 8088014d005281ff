// The film of a judge that is fooled: recorded by docs/fooled.py, since the page has no judge.
import { h } from "../dom";
import told from "./film/fooled.json";
import strip from "./film/fooled.webp";

const hundredths = (score: number) => score.toFixed(2);
const mean = (scores: readonly number[]) => scores.reduce((a, b) => a + b, 0) / scores.length;

export const FOOLED = {
  title: "A judge that is fooled",
  look: `Recorded, not painted here: the noise of “${told.prompt}” was changed, step by step, to please a judge, a net that scores how well a picture fits “${told.wanted}”. Where is the owl?`,
  why: `What was rewarded rises, what was meant does not (reward hacking). In the end the judge likes this fox as well as real owls, to whom it gives ${hundredths(mean(told.real.map(({ judge }) => judge)))}. A second judge, which nobody tried to please, gives those ${hundredths(mean(told.real.map(({ second }) => second)))} and is not fooled as far; a net that names what it sees found no owl in any frame. Millions of numbers can be moved: some way to please is always nearer than an owl.`,
};

/** Frames side by side, each with what both judges say. */
export function film(): HTMLElement {
  const last = told.frames.length - 1;
  const frames = told.frames.map(({ update, judge, second }, i) => {
    const image = h("img", { src: strip, alt: `After ${update} changes`, width: 64, height: 64 });
    image.style.objectPosition = `${(100 * i) / last}% 0`;
    const said = [h("b", {}, hundredths(judge)), ` / ${hundredths(second)}`];
    return h("li", {}, image, h("span", {}, ...said));
  });
  return h(
    "div",
    "film",
    h("ol", {}, ...frames),
    h(
      "p",
      "hint",
      h("b", {}, "The judge"),
      " / a second judge, which was not asked; 1 would be a perfect fit.",
    ),
  );
}
