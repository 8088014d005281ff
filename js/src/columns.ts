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

/** Height of the line under a picture. */
const CAPTION = 26;
/** Room is kept for at most so much that is not there. */
const MOST_HELD = 720;

/** The height of a grid of n tiles whose pictures are `tall` times as high as wide. */
export function heightOf(width: number, n: number, tall: number): number {
  const cols = columns(width, n);
  const tile = Math.min(LARGEST, (width - GAP * (cols - 1)) / cols);
  const rows = Math.ceil(n / cols);
  return Math.min(MOST_HELD, rows * (Math.min(LARGEST, tile * tall) + CAPTION) + GAP * (rows - 1));
}
