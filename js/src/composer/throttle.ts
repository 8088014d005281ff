// How often a drag is told: the newest value wins, one is under way at a time, and none follows another too soon.

/** A hand moves more often than anybody can see; more messages only queue up behind the kernel. */
export const EVERY_MS = 50;

export class Throttle<T> {
  #waiting: { value: T } | null = null;
  #flying = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly send: (value: T) => Promise<unknown>) {}

  offer(value: T): void {
    this.#waiting = { value };
    if (!this.#flying && this.#timer === null) void this.#next();
  }

  /** Forget what waits. */
  drop(): void {
    this.#waiting = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #next(): Promise<void> {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = null;
    this.#flying = true;
    try {
      await this.send(waiting.value);
    } finally {
      this.#flying = false;
      this.#timer = setTimeout(() => {
        this.#timer = null;
        void this.#next();
      }, EVERY_MS);
    }
  }
}
