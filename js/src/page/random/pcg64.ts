// NumPy's PCG64 (O'Neill 2014), and what Voronoi crossover asks of its generator.
import { seedWords } from "./seed_sequence";

const MASK = (1n << 128n) - 1n;
const MASK_64 = (1n << 64n) - 1n;
const FACTOR = 0x2360ed051fc65da44385df649fccf645n;

export class Pcg64 {
  #state: bigint;
  readonly #increment: bigint;
  #spare: number | null = null;

  constructor(path: readonly number[]) {
    const words = [...seedWords(path, 8)].map(BigInt) as bigint[];
    const wide = (at: number) => ((words[at + 1] as bigint) << 32n) | (words[at] as bigint);
    const start = (wide(0) << 64n) | wide(2);
    this.#increment = ((((wide(4) << 64n) | wide(6)) << 1n) | 1n) & MASK;
    this.#state = (this.#increment + start) & MASK;
    this.#step();
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    return Number(this.#bits64() >> 11n) / 2 ** 53;
  }

  /** 0 to n - 1 in random order: Fisher and Yates' shuffle, from the back. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#upTo(i);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }

  /** A whole number up to `most`, every one equally likely: what is too large is drawn again. */
  #upTo(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = this.#bits32() & mask;
      if (value <= most) return value;
    }
  }

  /** Halves of 64 bits, the low one first. */
  #bits32(): number {
    const spare = this.#spare;
    const both = spare === null ? this.#bits64() : 0n;
    this.#spare = spare === null ? Number(both >> 32n) : null;
    return spare ?? Number(both & 0xffffffffn);
  }

  #bits64(): bigint {
    this.#step();
    const turn = this.#state >> 122n;
    const folded = ((this.#state >> 64n) ^ this.#state) & MASK_64;
    return ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
  }

  #step(): void {
    this.#state = (this.#state * FACTOR + this.#increment) & MASK;
  }
}
