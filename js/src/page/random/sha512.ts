// SHA-512 (FIPS 180-4), which Python's `random` seeds itself with from a text. Short texts only: nothing here is secret.

const MASK = (1n << 64n) - 1n;
const rotate = (x: bigint, by: bigint) => ((x >> by) | (x << (64n - by))) & MASK;

/** The first 64 bits of the fractional part of the k-th root of n. */
function fraction(n: bigint, k: bigint): bigint {
  const scaled = n << (64n * k);
  let low = 0n;
  let high = 1n << 80n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** k <= scaled) low = middle;
    else high = middle - 1n;
  }
  return low & MASK;
}

const primes: bigint[] = [];
for (let n = 2n; primes.length < 80; n++) if (primes.every((p) => n % p !== 0n)) primes.push(n);

export function sha512(message: Uint8Array): Uint8Array {
  const blocks = Math.ceil((message.length + 17) / 128);
  const padded = new Uint8Array(128 * blocks);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  const rounds = primes.map((p) => fraction(p, 3n));
  const state = primes.slice(0, 8).map((p) => fraction(p, 2n));
  for (let block = 0; block < blocks; block++) {
    const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(128 * block + 8 * i));
    const word = (i: number) => w[i] as bigint;
    for (let i = 16; i < 80; i++) {
      const [a, b] = [word(i - 15), word(i - 2)];
      const s0 = rotate(a, 1n) ^ rotate(a, 8n) ^ (a >> 7n);
      const s1 = rotate(b, 19n) ^ rotate(b, 61n) ^ (b >> 6n);
      w.push((word(i - 16) + s0 + word(i - 7) + s1) & MASK);
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (let i = 0; i < 80; i++) {
      const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
      const t1 = h + s1 + ((e & f) ^ (~e & MASK & g)) + (rounds[i] as bigint) + word(i);
      const s0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = ((state[i] as bigint) + value) & MASK;
    });
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((value, i) => {
    out.setBigUint64(8 * i, value);
  });
  return new Uint8Array(out.buffer);
}
