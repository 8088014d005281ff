// NumPy's SeedSequence (O'Neill's seed_seq_fe128): a path of non-negative whole numbers to well-mixed words.

const POOL = 4;

/** A number as 32-bit words, lowest first, as NumPy takes it apart; it must be a safe integer, 0 or more. */
function wordsOf(value: number): number[] {
  const high = Math.floor(value / 2 ** 32);
  return high ? [value >>> 0, high] : [value >>> 0];
}

function hash(start: number, factor: number): (value: number) => number {
  let constant = start;
  return (given) => {
    let value = given ^ constant;
    constant = Math.imul(constant, factor);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
}

function mix(x: number, y: number): number {
  const value = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
  return (value ^ (value >>> 16)) >>> 0;
}

/** `count` words of 32 bits of a path such as (seed, image, purpose). */
export function seedWords(path: readonly number[], count: number): Uint32Array {
  const entropy = path.flatMap(wordsOf);
  const pool = new Uint32Array(POOL);
  const scramble = hash(0x43b0d7e5, 0x931e8875);
  const stir = (to: number, word: number) => {
    pool[to] = mix(pool[to] as number, scramble(word));
  };
  for (let i = 0; i < POOL; i++) pool[i] = scramble(entropy[i] ?? 0);
  for (let from = 0; from < POOL; from++)
    for (let to = 0; to < POOL; to++) if (from !== to) stir(to, pool[from] as number);
  for (const word of entropy.slice(POOL)) for (let to = 0; to < POOL; to++) stir(to, word);
  const out = hash(0x8b51f9dd, 0x58f38ded);
  return Uint32Array.from({ length: count }, (_, i) => out(pool[i % POOL] as number));
}
