// What can be counted in a set that an experiment has painted, in one sentence.
import { sharedByAll } from "./alike";
import type { Origin } from "./ancestors";
import { percent } from "./arrows";
import type { Generation, History } from "./history";

/** Nothing where there is nothing to count. */
export function counted(history: History, noise: (origin: Origin) => Float32Array): string {
  const { now, before } = history;
  if (!now?.asked) return "";
  const children = now.pictures.filter(({ origin }) => origin.parents);
  const noises = now.pictures.map(({ origin }) => noise(origin));
  if (children.some(({ origin }) => origin.mean)) {
    const [mean, rescaled, cut] = [0, 4, 8].map((slot) => percent(strength(noises.slice(slot, slot + 4))));
    return `The noises of the three rows are ${mean}, ${rescaled} and ${cut} as strong as the noise it learned with.`;
  }
  if (children.length > 0 || now.asked.title === "All alike") {
    const of = children.length > 0 ? children.map(({ origin }) => noise(origin)) : noises;
    return `Of any two ${children.length > 0 ? "children" : "pictures"}, ${percent(sharedByAll(of))} of the noise is the same, on average.`;
  }
  const other = before === null ? undefined : history.all[before];
  return other?.asked?.title === now.asked.title && now.asked.title === "The same again"
    ? apart(now, other)
    : "";
}

/** Standard deviation over all of them. */
function strength(noises: readonly Float32Array[]): number {
  const squares = noises.map((noise) => noise.reduce((sum, value) => sum + value ** 2, 0) / noise.length);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}

/** In how many of all pixels two sets differ. */
function apart({ pictures }: Generation, other: Generation): string {
  let [differ, all] = [0, 0];
  pictures.forEach(({ pixels }, slot) => {
    const before = other.pictures[slot]?.pixels;
    for (let i = 0; pixels && i < pixels.length; i += 4) {
      all++;
      if ([0, 1, 2].some((c) => pixels[i + c] !== before?.[i + c])) differ++;
    }
  });
  return `${differ} of ${all} pixels differ from the set before.`;
}
