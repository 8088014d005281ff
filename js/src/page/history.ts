// Generations of pictures, and what has been starred in them.
import type { Pixels } from "./messages";
import type { Origin } from "./origin";

export interface Picture {
  origin: Origin;
  pixels: Pixels | null;
  starred: boolean;
  finished: boolean;
  step: number;
  /** What is written below it. */
  caption: string;
}

/** How a generation came by its noise; the last three from another generation. */
export type Made = "fresh" | "from a link" | "same noise as" | "evolved from" | "averaged from";

export interface Generation {
  prompt: string;
  guidance: number;
  pictures: Picture[];
  made: Made;
  /** The other generation, by its place. */
  of: number | null;
  /** What an experiment asks to look for. */
  look: string;
}

export function picture(origin: Origin, caption = ""): Picture {
  return { origin, caption, pixels: null, starred: false, finished: false, step: 0 };
}

export function starred({ pictures }: Generation): Picture[] {
  return pictures.filter((one) => one.starred);
}

/** All generations, in the order they were made: none is ever dropped. */
export class History {
  readonly all: Generation[] = [];
  at = -1;

  get now(): Generation | undefined {
    return this.all[this.at];
  }

  add(generation: Generation): void {
    this.at = this.all.push(generation) - 1;
  }

  /** What is different about each generation, in a few words. */
  get labels(): string[] {
    return this.all.map(({ prompt, guidance, pictures, made, of }, i) => {
      const before = this.all[of ?? i - 1];
      const from = of === null ? "" : ` ${of + 1}`;
      const strength = before && before.guidance !== guidance ? `, guidance ${guidance}` : "";
      const words = of !== null && before?.prompt === prompt ? "" : `: ${prompt}`;
      const left = i === this.at || pictures.every(({ finished }) => finished) ? "" : " (unfinished)";
      return made + from + strength + words + left;
    });
  }

  /** A picture that was made on this page, by its origin. */
  find(origin: Origin): Picture | undefined {
    return this.all.flatMap(({ pictures }) => pictures).find((one) => one.origin === origin);
  }
}
