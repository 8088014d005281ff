// The Mersenne Twister (Matsumoto & Nishimura 1998), which torch's generator on a CPU is, and Python's `random`.

const SIZE = 624;

export class Mersenne {
  readonly #state = new Uint32Array(SIZE);
  #next = SIZE;

  /** Seeded by one word of 32 bits, as torch does. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
  }

  /** Seeded by several words, as Python does. */
  static ofWords(key: readonly number[]): Mersenne {
    const made = new Mersenne(19650218);
    const state = made.#state;
    const stir = (i: number, factor: number) => {
      const before = state[i - 1] as number;
      return (state[i] as number) ^ Math.imul(before ^ (before >>> 30), factor);
    };
    let i = 1;
    const forward = () => {
      i += 1;
      if (i < SIZE) return;
      state[0] = state[SIZE - 1] as number;
      i = 1;
    };
    for (let k = 0, j = 0; k < Math.max(SIZE, key.length); k++, j = (j + 1) % key.length) {
      state[i] = stir(i, 1664525) + (key[j] as number) + j;
      forward();
    }
    for (let k = 1; k < SIZE; k++) {
      state[i] = stir(i, 1566083941) - i;
      forward();
    }
    state[0] = 0x80000000;
    return made;
  }

  /** The next 32 random bits. */
  bits(): number {
    if (this.#next === SIZE) this.#twist();
    let y = this.#state[this.#next++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let k = 0; k < SIZE; k++) {
      const y = ((state[k] as number) & 0x80000000) | ((state[(k + 1) % SIZE] as number) & 0x7fffffff);
      state[k] = (state[(k + 397) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
