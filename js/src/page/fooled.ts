// The film of a judge that is fooled: recorded by docs/fooled.py, since the page has no judge.
import { h } from "../dom";
import told from "./film/fooled.json";
import strip from "./film/fooled.webp";

const hundredths = (score: number) => score.toFixed(2);
const mean = (scores: readonly number[]) => scores.reduce((a, b) => a + b, 0) / scores.length;

export const FOOLED = {
  title: "A judge that is fooled",
  look: `Recorded, not painted here: the noise of “${told.prompt}” was changed, step by step, to please a judge, a net that scores how well a picture fits “${told.wanted}”. Where is the owl?`,
  why: `What is rewarded rises, what was meant does not come (reward hacking). The judge ends as pleased as with real owls, to which it gives ${hundredths(mean(told.real.map(({ judge }) => judge)))}; a second judge, which nobody tried to please, stays far below the ${hundredths(mean(told.real.map(({ second }) => second)))} it gives them. Where all numbers of the noise may be moved, it is easier to find what a judge likes than to find an owl.`,
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
