// Thumbnails: asked for when they come into sight, a few dozen at a time, the newest wish first; old ones make room.

import { type Binary, blobOf } from "../binary";
import { atEnd } from "../dom";
import type { Tile } from "../protocol";
import type { Answer } from "../requests";

const AT_ONCE = 48;
const UNDER_WAY = 2;
/** Bitmaps kept: at 96 × 96 pixels about 75 MB. */
const KEPT = 2048;

export type Thumbs = ReturnType<typeof thumbs>;

export function thumbs(
  ask: (slots: number[]) => Promise<Answer | null>,
  came: () => void,
  signal: AbortSignal,
) {
  const bitmaps = new Map<number, ImageBitmap>();
  const asked = new Set<number>();
  let wanted: number[] = [];
  let flying = 0;
  const end = (): void => {
    for (const bitmap of bitmaps.values()) bitmap.close();
    bitmaps.clear();
  };
  atEnd(signal, end);

  const keep = (slot: number, bitmap: ImageBitmap): void => {
    bitmaps.get(slot)?.close();
    bitmaps.delete(slot);
    bitmaps.set(slot, bitmap);
    while (bitmaps.size > KEPT) {
      const [oldest, gone] = bitmaps.entries().next().value as [number, ImageBitmap];
      gone.close();
      bitmaps.delete(oldest);
      asked.delete(oldest);
    }
  };
  const put = async (tiles: readonly Tile[], blobs: readonly (Blob | undefined)[]): Promise<void> => {
    await Promise.all(
      tiles.map(async (tile, i) => {
        const blob = blobs[i];
        const bitmap = blob && (await createImageBitmap(blob).catch(() => null));
        if (!bitmap) return;
        if (signal.aborted) bitmap.close();
        else keep(tile.slot, bitmap);
      }),
    );
    if (!signal.aborted) came();
  };
  const fetched = async (slots: number[]): Promise<void> => {
    const answer = await ask(slots);
    if (!answer) {
      for (const slot of slots) asked.delete(slot);
      return;
    }
    const { tiles } = answer.value as { tiles: Tile[] };
    const blob = (data: Binary | undefined, tile: Tile): Blob | undefined =>
      data && blobOf(tile.media_type, data);
    await put(
      tiles,
      tiles.map((tile, i) => blob(answer.buffers[i], tile)),
    );
  };
  const next = (): void => {
    while (flying < UNDER_WAY && wanted.length > 0 && !signal.aborted) {
      const slots = wanted.splice(0, AT_ONCE);
      for (const slot of slots) asked.add(slot);
      flying += 1;
      void fetched(slots).finally(() => {
        flying -= 1;
        next();
      });
    }
  };
  return {
    get: (slot: number): ImageBitmap | undefined => bitmaps.get(slot),
    put,
    /** These are in sight: what is missing comes, what was wanted before and is out of sight does not. */
    want: (slots: readonly number[]): void => {
      wanted = slots.filter((slot) => !bitmaps.has(slot) && !asked.has(slot));
      next();
    },
  };
}
