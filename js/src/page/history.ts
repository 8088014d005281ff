// Generations of pictures, and what has been starred in them.
import type { Origin } from "./ancestors";
import type { Pixels } from "./messages";
import { type Shared, toFragment } from "./origin";
import type { Asked } from "./trials";

/** A picture of a generation, by their places in the history. */
export interface Place {
  generation: number;
  slot: number;
}

export interface Picture {
  origin: Origin;
  /** The pictures its noise was taken from, in the order of its origin's parents; none where they are not on this page. */
  parents: readonly Place[];
  pixels: Pixels | null;
  starred: boolean;
  finished: boolean;
  step: number;
  /** What is written below it. */
  caption: string;
}

/** How a generation came by its noise; the last two from another generation. */
export type Made = "fresh" | "from a link" | "experiment" | "same noise as" | "evolved from";

export interface Generation {
  prompt: string;
  guidance: number;
  pictures: Picture[];
  made: Made;
  /** The other generation, by its place. */
  of: number | null;
  /** The experiment it belongs to. */
  asked: Asked | null;
}

export function picture(origin: Origin, parents: readonly Place[] = [], caption = ""): Picture {
  return { origin, parents, caption, pixels: null, starred: false, finished: false, step: 0 };
}

/** All generations, in the order they were made: none is ever dropped. */
export class History {
  readonly all: Generation[] = [];
  #at = -1;
  #before: number | null = null;

  /** The one on show. */
  get at(): number {
    return this.#at;
  }

  set at(index: number) {
    if (index !== this.#at) this.#before = this.#at < 0 ? null : this.#at;
    this.#at = index;
  }

  /** The one that was on show before, or was made before. */
  get before(): number | null {
    return this.#before ?? (this.#at > 0 ? this.#at - 1 : null);
  }

  get now(): Generation | undefined {
    return this.all[this.at];
  }

  add(generation: Generation): void {
    this.at = this.all.push(generation) - 1;
  }

  /** A picture that is here already, by its link. */
  find(shared: Shared): Place | null {
    const wanted = toFragment(shared);
    for (const [generation, { pictures, ...how }] of this.all.entries()) {
      const slot = pictures.findIndex(({ origin }) => toFragment({ ...how, origin }) === wanted);
      if (slot >= 0) return { generation, slot };
    }
    return null;
  }

  picture(place: Place): Picture | undefined {
    return this.all[place.generation]?.pictures[place.slot];
  }

  /** All that are starred, of whichever generation. */
  get favourites(): Place[] {
    return this.all.flatMap(({ pictures }, generation) =>
      pictures.flatMap(({ starred }, slot) => (starred ? [{ generation, slot }] : [])),
    );
  }

  /** A small picture for each generation: the first that is starred, or the first. */
  get faces(): (Pixels | null)[] {
    return this.all.map(
      ({ pictures }) => (pictures.find(({ starred }) => starred) ?? pictures[0])?.pixels ?? null,
    );
  }

  /** What is different about each generation, in a few words. */
  get labels(): string[] {
    return this.all.map(({ prompt, guidance, pictures, made, of, asked }, i) => {
      const before = this.all[of ?? i - 1];
      const parents = made === "evolved from" ? (pictures[0]?.parents ?? []) : [];
      const sources = parents.length > 0 ? parents.map((one) => one.generation) : [of ?? 0];
      const from = of === null ? "" : ` ${several([...new Set(sources)].map((one) => one + 1))}`;
      const strength = before && before.guidance !== guidance ? `, guidance ${guidance}` : "";
      const words = of !== null && before?.prompt === prompt ? "" : `: ${prompt.trim() || "(no words)"}`;
      const left = i === this.at || pictures.every(({ finished }) => finished) ? "" : " (unfinished)";
      return (asked ? `${asked.title}: ${asked.trial}` : made + from + strength + words) + left;
    });
  }
}

/** "1 and 2"; of more only the first and the last. */
function several(numbers: readonly number[]): string {
  return numbers.length > 2 ? `${numbers[0]} … ${numbers[numbers.length - 1]}` : numbers.join(" and ");
}
