// The pictures of one model: newest bytes per tile, and at most one Blob URL per tile.
// URLs exist only while somebody looks (retain/release), so that closing the last view leaves none behind.
import { type Binary, blobOf } from "./binary";
import type { Tile } from "./protocol";

interface Entry {
  tile: Tile;
  blob: Blob;
  url: string | null;
}

export class Images {
  #entries = new Map<number, Entry>();
  #stale: string[] = [];
  #viewers = 0;

  /** Keep `data` as the picture of its tile. The URL it replaces lives until `sweep`. */
  put(tile: Tile, data: Binary): void {
    const old = this.#entries.get(tile.slot);
    if (old?.tile.exact && !tile.exact && tile.final) return; // the same pixels, but lossy
    if (old?.url) this.#stale.push(old.url);
    this.#entries.set(tile.slot, {
      tile,
      blob: blobOf(tile.media_type, data),
      url: null,
    });
  }

  /** Numbers of all pictures that are here. */
  slots(): number[] {
    return [...this.#entries.keys()];
  }

  tile(slot: number): Tile | undefined {
    return this.#entries.get(slot)?.tile;
  }

  blob(slot: number): Blob | undefined {
    return this.#entries.get(slot)?.blob;
  }

  /** A Blob URL of the newest picture, made when first asked for; null when there is none or no viewer. */
  url(slot: number): string | null {
    const entry = this.#entries.get(slot);
    if (!entry || this.#viewers === 0) return null;
    entry.url ??= URL.createObjectURL(entry.blob);
    return entry.url;
  }

  /** Revoke replaced URLs; call it after every view has taken the new ones. */
  sweep(): void {
    for (const url of this.#stale.splice(0)) URL.revokeObjectURL(url);
  }

  /** Forget tiles that are no longer on show (the kernel sends them again when they come back). */
  keep(slots: ReadonlySet<number>): void {
    for (const [slot, entry] of this.#entries) {
      if (slots.has(slot)) continue;
      if (entry.url) this.#stale.push(entry.url);
      this.#entries.delete(slot);
    }
  }

  retain(): void {
    this.#viewers += 1;
  }

  release(): void {
    this.#viewers -= 1;
    if (this.#viewers === 0) this.#revokeAll();
  }

  clear(): void {
    this.#revokeAll();
    this.#entries.clear();
  }

  #revokeAll(): void {
    this.sweep();
    for (const entry of this.#entries.values()) {
      if (entry.url) URL.revokeObjectURL(entry.url);
      entry.url = null;
    }
  }
}
