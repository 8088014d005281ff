// The pictures of one model: newest bytes per tile, and at most one Blob URL per tile.
// URLs exist only while somebody looks (retain/release), so that closing the last view leaves none behind.
import { type Binary, blobOf } from "./binary";
import type { Tile } from "./protocol";

interface Entry {
  tile: Tile;
  blob: Blob;
  url: string | null;
}

export function images() {
  const entries = new Map<number, Entry>();
  const stale: string[] = [];
  let viewers = 0;

  /** Revoke replaced URLs; call it after every view has taken the new ones. */
  const sweep = (): void => {
    for (const url of stale.splice(0)) URL.revokeObjectURL(url);
  };
  const revokeAll = (): void => {
    sweep();
    for (const entry of entries.values()) {
      if (entry.url) URL.revokeObjectURL(entry.url);
      entry.url = null;
    }
  };
  return {
    sweep,
    /** Keep `data` as the picture of its tile. The URL it replaces lives until `sweep`. */
    put: (tile: Tile, data: Binary): void => {
      const old = entries.get(tile.slot);
      if (old?.tile.exact && !tile.exact && tile.final) return; // the same pixels, but lossy
      if (old?.url) stale.push(old.url);
      entries.set(tile.slot, { tile, blob: blobOf(tile.media_type, data), url: null });
    },
    /** Numbers of all pictures that are here. */
    slots: (): number[] => [...entries.keys()],
    tile: (slot: number): Tile | undefined => entries.get(slot)?.tile,
    blob: (slot: number): Blob | undefined => entries.get(slot)?.blob,
    /** A Blob URL of the newest picture, made when first asked for; null when there is none or no viewer. */
    url: (slot: number): string | null => {
      const entry = entries.get(slot);
      if (!entry || viewers === 0) return null;
      entry.url ??= URL.createObjectURL(entry.blob);
      return entry.url;
    },
    /** Forget tiles that are no longer on show (the kernel sends them again when they come back). */
    keep: (slots: ReadonlySet<number>): void => {
      for (const [slot, entry] of entries) {
        if (slots.has(slot)) continue;
        if (entry.url) stale.push(entry.url);
        entries.delete(slot);
      }
    },
    retain: (): void => {
      viewers += 1;
    },
    release: (): void => {
      viewers -= 1;
      if (viewers === 0) revokeAll();
    },
    clear: (): void => {
      revokeAll();
      entries.clear();
    },
  };
}
