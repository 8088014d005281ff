// Initial noise as `Engine.noise` draws it: image i depends on (seed, i) and the purpose only.
import { Mersenne } from "./mersenne";
import { normal } from "./normal";
import { seedWords } from "./seed_sequence";

/** What a draw is for; the numbers are those of `Stream` in Python. */
export const STREAM = { initial: 0, voronoi: 1 } as const;

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest half-precision number, ties to even; of numbers up to 65504. */
export function half(value: number): number {
  single[0] = value;
  const size = Math.abs(value);
  // Below 2⁻¹⁴ halves are evenly spaced; above, 13 of a single's bits go.
  if (size < 2 ** -14) return roundEven(value * 2 ** 24) / 2 ** 24;
  const low = (bits[0] as number) & 0x1fff;
  const kept = (bits[0] as number) - low;
  const up = low > 0x1000 || (low === 0x1000 && kept & 0x2000);
  bits[0] = up ? kept + 0x2000 : kept;
  return single[0];
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** One latent of `size` numbers, a multiple of 16. */
export function noise(
  seed: number,
  image: number,
  size: number,
  stream: number = STREAM.initial,
): Float32Array {
  const [word] = seedWords([seed, image, stream], 1);
  return normal(new Mersenne(word as number), size).map(half);
}
