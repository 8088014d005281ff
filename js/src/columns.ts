// How many columns a grid of n equal tiles gets: full rows first, then the most comfortable tile size.

export const GAP = 10;
const COMFORTABLE = 160;
const SMALLEST = 84;
/** Longest side of a tile. */
export const LARGEST = 256;

export function columns(width: number, n: number): number {
  if (n <= 1 || width <= 0) return 1;
  // A narrow cell still shows a few side by side.
  const ideal = Math.min(COMFORTABLE, Math.max(SMALLEST, width / 4.2));
  let best = 1;
  let bestCost = Number.POSITIVE_INFINITY;
  const most = Math.max(1, Math.min(n, Math.floor((width + GAP) / (SMALLEST + GAP))));
  for (let c = 1; c <= most; c += 1) {
    const tile = (width - GAP * (c - 1)) / c;
    const holes = (c - (n % c)) % c;
    const size = Math.abs(Math.log(tile / ideal)) + (tile > LARGEST ? 2 : 0);
    const cost = size + (0.9 * holes) / c;
    if (cost < bestCost) [best, bestCost] = [c, cost];
  }
  return best;
}
