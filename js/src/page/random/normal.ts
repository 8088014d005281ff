// Standard normal numbers as torch.randn makes them on a CPU, to the last bit.
//
// Box and Muller's method on blocks of 16 uniform numbers. Logarithm, sine and cosine are Cephes' polynomials in single
// precision, as in torch's code for AVX2, where the compiler fuses products and sums: `fma` stands where it does so.
import type { Mersenne } from "./mersenne";

const f = Math.fround;
// The product of two singles is exact as a double; what is rounded twice after that is never seen to differ.
const fma = (a: number, b: number, c: number): number => f(a * b + c);

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

const LOG = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(f);

/** Natural logarithm of x > 0. */
function log(x: number): number {
  single[0] = Math.max(x, 1.17549435e-38);
  let exponent = ((bits[0] as number) >>> 23) - 126;
  bits[0] = ((bits[0] as number) & 0x807fffff) | 0x3f000000;
  const mantissa = single[0];
  const small = mantissa < f(Math.SQRT1_2);
  if (small) exponent -= 1;
  const y = f(f(mantissa - 1) + (small ? mantissa : 0));
  const square = f(y * y);
  let sum = LOG[0] as number;
  for (const term of LOG.slice(1)) sum = fma(sum, y, term);
  sum = fma(f(sum * y), square, f(exponent * f(-2.1219444e-4)));
  sum = fma(-square, 0.5, sum);
  return fma(exponent, f(0.693359375), f(y + sum));
}

/** Sine and cosine of x ≥ 0. */
function sinCos(x: number): [number, number] {
  const octant = (Math.trunc(f(x * f(1.27323954473516))) + 1) & ~1;
  let rest = fma(octant, f(-0.78515625), x);
  rest = fma(octant, f(-2.4187564849853516e-4), rest);
  rest = fma(octant, f(-3.774894977445941e-8), rest);
  const z = f(rest * rest);
  let c = fma(f(2.443315711809948e-5), z, f(-1.388731625493765e-3));
  c = f(fma(c, z, f(4.166664568298827e-2)) * z);
  c = f(fma(c, z, f(-z * 0.5)) + 1);
  let s = fma(f(-1.9515295891e-4), z, f(8.3321608736e-3));
  s = fma(f(fma(s, z, f(-1.6666654611e-1)) * z), rest, rest);
  const [sine, cosine] = octant & 2 ? [c, s] : [s, c];
  return [octant & 4 ? -sine : sine, (octant - 2) & 4 ? cosine : -cosine];
}

/** `count` numbers, a multiple of 16. */
export function normal(random: Mersenne, count: number): Float32Array {
  const out = Float32Array.from({ length: count }, () => (random.bits() & 0xffffff) / 2 ** 24);
  for (let block = 0; block < count; block += 16)
    for (let i = block; i < block + 8; i++) {
      const radius = f(Math.sqrt(f(-2 * log(f(1 - (out[i] as number))))));
      const [sine, cosine] = sinCos(f(f(2 * Math.PI) * (out[i + 8] as number)));
      out[i] = radius * cosine;
      out[i + 8] = radius * sine;
    }
  return out;
}
