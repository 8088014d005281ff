// Voronoi crossover, as `gw.evolve.voronoi_crossover`: each child is a mosaic of its parents' latents.
import { noise, STREAM } from "./random/noise";
import { Pcg64 } from "./random/pcg64";

export const FRESH = -1;
const CELLS_PER_PARENT = 4;
const FRESH_SHARE = 0.05;

/** Owner of each of the side × side columns of a child of `parents` latents; -1 is fresh noise. */
export function owners(parents: number, seed: number, child: number, side: number): Int32Array {
  const random = new Pcg64([seed, child]);
  const cells = CELLS_PER_PARENT * parents;
  let renewed = Math.floor(FRESH_SHARE * cells + random.uniform());
  if (parents === 1) renewed = Math.max(1, renewed); // else it would be a plain copy
  const labels = Array.from({ length: cells }, (_, i) => i % parents);
  for (const cell of random.permutation(cells).slice(0, renewed)) labels[cell] = FRESH;
  const at = () => random.uniform() * side - 0.5;
  const sites = labels.map(() => [at(), at()] as const);
  const nearest = (row: number, column: number) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    sites.forEach(([y, x], i) => {
      const distance = (row - y) ** 2 + (column - x) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return labels[best] as number;
  };
  return Int32Array.from({ length: side * side }, (_, i) => nearest(Math.floor(i / side), i % side));
}

/** The child: every column of its latent is one parent's, or fresh. */
export function cross(
  parents: readonly Float32Array[],
  owner: Int32Array,
  seed: number,
  child: number,
): Float32Array {
  const plane = owner.length;
  const size = parents[0]?.length ?? 0;
  const fresh = owner.includes(FRESH) ? noise(seed, child, size, STREAM.voronoi) : null;
  return Float32Array.from({ length: size }, (_, i) => {
    const from = owner[i % plane] as number;
    return ((from === FRESH ? fresh : parents[from]) as Float32Array)[i] as number;
  });
}
