// Details and full-size picture of the candidate that is looked at, asked for once the hands rest on it.

import { type Binary, blobOf } from "../binary";
import { atEnd } from "../dom";
import type { Tile } from "../protocol";
import type { Answer } from "../requests";
import type { Details } from "./details";

const REST_MS = 40; // who holds an arrow key down passes by

export class DetailsCache {
  details: Details | null = null;
  #picture: { slot: number; url: string } | null = null;
  #turn = 0;
  #slot = -1;

  constructor(
    private readonly ask: (name: string, args: Record<string, unknown>) => Promise<Answer | null>,
    private readonly loaded: () => void,
    private readonly signal: AbortSignal,
  ) {
    atEnd(signal, () => this.#forget());
  }

  /** What is shown is another candidate now. */
  leave(slot: number): void {
    this.details = null;
    if (this.#picture?.slot !== slot) this.#forget();
  }

  has(slot: number): boolean {
    return this.#slot === slot;
  }

  picture(slot: number | undefined): string | null {
    return this.#picture?.slot === slot ? (this.#picture?.url ?? null) : null;
  }

  async load(slot: number): Promise<void> {
    const turn = ++this.#turn;
    this.#slot = slot;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    if (turn !== this.#turn || this.signal.aborted) return;
    const [details, image] = await Promise.all([
      this.ask("node", { slot }),
      this.#picture?.slot === slot ? null : this.ask("image", { slot }),
    ]);
    if (turn !== this.#turn || this.signal.aborted) return;
    if (details) this.details = details.value as Details;
    const data: Binary | undefined = image?.buffers[0];
    if (image && data) {
      this.#forget();
      const blob = blobOf((image.value as Tile).media_type, data);
      this.#picture = { slot, url: URL.createObjectURL(blob) };
    }
    this.loaded();
  }

  #forget(): void {
    if (this.#picture) URL.revokeObjectURL(this.#picture.url);
    this.#picture = null;
  }
}
