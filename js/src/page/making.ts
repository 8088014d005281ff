// The pictures of the next generation, before they are painted: other noise, the same, children, or means of two.
import type { Origin } from "./ancestors";
import { AVERAGES } from "./experiments";
import { type Generation, type History, type Picture, type Place, picture } from "./history";
import { batch, newSeed } from "./origin";

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

/** Four pairs of noises, starred ones first: a row for each way to make one of two. Noises that share pieces, as children
 * do, would not cancel: where those on show are such, others are taken. */
export function averages(history: History): Picture[] {
  const generation = whole(history, history.at);
  const shown = history.all[generation]?.pictures ?? [];
  const others = shown.flatMap(({ starred }, slot) => (starred ? [] : [{ generation, slot }]));
  const plain = [...history.favourites, ...others].filter((place) => !origin(history, place).parents);
  const known = plain.slice(0, 2 * PAIRS);
  const noises = known.map((place) => origin(history, place));
  noises.push(...batch(2 * PAIRS - noises.length, newSeed()));
  const seed = newSeed();
  return AVERAGES.flatMap(({ caption, ...how }) =>
    Array.from({ length: PAIRS }, (_, image) => {
      const [at, end] = [2 * image, 2 * image + 2];
      const places = end <= known.length ? known.slice(at, end) : [];
      return picture({ seed, image, parents: noises.slice(at, end), ...how }, places, caption);
    }),
  );
}

/** Never means of means: the generation that those on show come from. */
function whole(history: History, at: number): number {
  const { pictures, of } = history.all[at] as Generation;
  return pictures[0]?.caption && of !== null ? whole(history, of) : at;
}

function origins(history: History, places: readonly Place[]): Origin[] {
  return places.map((place) => origin(history, place));
}

function origin(history: History, place: Place): Origin {
  return (history.picture(place) as Picture).origin;
}
