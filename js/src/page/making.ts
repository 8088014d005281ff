// The pictures of the next generation, before they are painted: other noise, the same, children, or what an experiment
// begins with.
import { closest } from "./alike";
import type { Origin } from "./ancestors";
import { type Generation, type History, type Picture, type Place, picture } from "./history";
import { batch, newSeed } from "./origin";
import { AVERAGES, type Experiment, type Trial } from "./trials";

export const COUNT = 12;
const PAIRS = 4;

/** Other noise; or the noise of a link, and other noise beside it. */
export function fresh(seed = newSeed(), shared: Origin | null = null): Picture[] {
  const origins = batch(COUNT, seed);
  if (shared) origins[0] = shared;
  return origins.map((origin) => picture(origin));
}

/** The same noise, for other words or another guidance. */
export function again({ pictures }: Generation): Picture[] {
  return pictures.map(({ origin, parents, caption }) => picture(origin, parents, caption));
}

/** Of all that is starred, of whichever generation. */
export function children(history: History): Picture[] {
  const parents = origins(history, history.favourites);
  return batch(COUNT, newSeed(), { parents }).map((origin) => picture(origin, history.favourites));
}

/** What a trial of an experiment begins with, as generation `place`: always the same. */
export function begun(
  { begin, seed }: Trial,
  { seed: own }: Experiment,
  place: number,
  noise: Noise,
): Picture[] {
  if (begin === undefined) return fresh(seed ?? own);
  if (begin === "averages") return averages(own);
  if (begin === "children") return family(own, place);
  return inbred(own, begin.generations, noise).map((origin) => picture(origin));
}

type Noise = (origin: Origin) => Float32Array;

/** Two parents, and children of them. */
function family(seed: number, generation: number): Picture[] {
  const parents = batch(2, seed);
  const places = parents.map((_, slot) => ({ generation, slot }));
  return [
    ...parents.map((origin) => picture(origin, [], "parent")),
    ...batch(COUNT - 2, seed + 1, { parents }).map((origin) => picture(origin, places, "child")),
  ];
}

/** After generations in which the two that are most alike, of the first the first two, have all the children. */
function inbred(seed: number, generations: number, noise: Noise): Origin[] {
  let all = batch(COUNT, seed);
  for (let i = 1; i <= generations; i++) {
    const [a, b] = i === 1 ? [0, 1] : closest(all.map(noise));
    all = batch(COUNT, seed + i, { parents: [all[a] as Origin, all[b] as Origin] });
  }
  return all;
}

/** Four pairs of noises: a row for each way to make one of two. */
function averages(seed: number): Picture[] {
  const noises = batch(2 * PAIRS, seed);
  return AVERAGES.flatMap(({ caption, ...how }) =>
    Array.from({ length: PAIRS }, (_, image) => {
      const parents = noises.slice(2 * image, 2 * image + 2);
      return picture({ seed: seed + 1, image, parents, ...how }, [], caption);
    }),
  );
}

function origins(history: History, places: readonly Place[]): Origin[] {
  return places.map((place) => origin(history, place));
}

function origin(history: History, place: Place): Origin {
  return (history.picture(place) as Picture).origin;
}
