// Thumbnails: asked for when they come into sight, a few dozen at a time, the newest wish first; old ones make room.

import { type Binary, blobOf } from "../binary";
import { atEnd } from "../dom";
import type { Tile } from "../protocol";
import type { Answer } from "../requests";

const AT_ONCE = 48;
const UNDER_WAY = 2;
/** Bitmaps kept: at 96 × 96 pixels about 75 MB. */
const KEPT = 2048;

export class Thumbs {
  readonly #bitmaps = new Map<number, ImageBitmap>();
  readonly #asked = new Set<number>();
  #wanted: number[] = [];
  #flying = 0;
  #over = false;

  constructor(
    private readonly ask: (slots: number[]) => Promise<Answer | null>,
    private readonly came: () => void,
    signal: AbortSignal,
  ) {
    const end = (): void => {
      this.#over = true;
      for (const bitmap of this.#bitmaps.values()) bitmap.close();
      this.#bitmaps.clear();
    };
    atEnd(signal, end);
  }

  get(slot: number): ImageBitmap | undefined {
    return this.#bitmaps.get(slot);
  }
  get size(): number {
    return this.#bitmaps.size;
  }

  /** These are in sight: what is missing comes, what was wanted before and is out of sight does not. */
  want(slots: readonly number[]): void {
    this.#wanted = slots.filter((slot) => !this.#bitmaps.has(slot) && !this.#asked.has(slot));
    this.#next();
  }

  async put(tiles: readonly Tile[], blobs: readonly (Blob | undefined)[]): Promise<void> {
    await Promise.all(
      tiles.map(async (tile, i) => {
        const blob = blobs[i];
        const bitmap = blob && (await createImageBitmap(blob).catch(() => null));
        if (!bitmap) return;
        if (this.#over) bitmap.close();
        else this.#keep(tile.slot, bitmap);
      }),
    );
    if (!this.#over) this.came();
  }

  #keep(slot: number, bitmap: ImageBitmap): void {
    this.#bitmaps.get(slot)?.close();
    this.#bitmaps.delete(slot);
    this.#bitmaps.set(slot, bitmap);
    while (this.#bitmaps.size > KEPT) {
      const [oldest, gone] = this.#bitmaps.entries().next().value as [number, ImageBitmap];
      gone.close();
      this.#bitmaps.delete(oldest);
      this.#asked.delete(oldest);
    }
  }

  #next(): void {
    while (this.#flying < UNDER_WAY && this.#wanted.length > 0 && !this.#over) {
      const slots = this.#wanted.splice(0, AT_ONCE);
      for (const slot of slots) this.#asked.add(slot);
      this.#flying += 1;
      void this.#fetch(slots).finally(() => {
        this.#flying -= 1;
        this.#next();
      });
    }
  }

  async #fetch(slots: number[]): Promise<void> {
    const answer = await this.ask(slots);
    if (!answer) {
      for (const slot of slots) this.#asked.delete(slot);
      return;
    }
    const { tiles } = answer.value as { tiles: Tile[] };
    const blob = (data: Binary | undefined, tile: Tile): Blob | undefined =>
      data && blobOf(tile.media_type, data);
    await this.put(
      tiles,
      tiles.map((tile, i) => blob(answer.buffers[i], tile)),
    );
  }
}
