// How much of their noise pictures share: numbers that are the very same, not merely near.

/** Of two noises. */
export function shared(a: Float32Array, b: Float32Array): number {
  return a.reduce((count, value, i) => count + Number(value === b[i]), 0) / a.length;
}

function pairs(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i) => [a, a + 1 + i] as const),
  );
}

/** Of any two, on average. */
export function sharedByAll(noises: readonly Float32Array[]): number {
  const all = pairs(noises.length).map(([a, b]) => between(noises, a, b));
  return all.reduce((sum, share) => sum + share, 0) / all.length;
}

/** The two that share most. */
export function closest(noises: readonly Float32Array[]): readonly [number, number] {
  let best = { pair: [0, 1] as readonly [number, number], share: -1 };
  for (const pair of pairs(noises.length)) {
    const share = between(noises, ...pair);
    if (share > best.share) best = { pair, share };
  }
  return best.pair;
}

function between(noises: readonly Float32Array[], a: number, b: number): number {
  return shared(noises[a] as Float32Array, noises[b] as Float32Array);
}
