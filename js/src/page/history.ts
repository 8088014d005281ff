// Generations of pictures, and what has been starred in them.
import type { Pixels } from "./messages";
import type { Origin } from "./origin";

export interface Picture {
  origin: Origin;
  pixels: Pixels | null;
  starred: boolean;
  finished: boolean;
  step: number;
}

export interface Generation {
  prompt: string;
  guidance: number;
  pictures: Picture[];
}

export function picture(origin: Origin): Picture {
  return { origin, pixels: null, starred: false, finished: false, step: 0 };
}

export function starred({ pictures }: Generation): Picture[] {
  return pictures.filter((one) => one.starred);
}

/** All generations; a new one after an older drops what came after that. */
export class History {
  readonly all: Generation[] = [];
  at = -1;

  get now(): Generation | undefined {
    return this.all[this.at];
  }

  add(generation: Generation): void {
    this.all.splice(this.at + 1);
    this.at = this.all.push(generation) - 1;
  }

  /** A picture that was made on this page, by its origin. */
  find(origin: Origin): Picture | undefined {
    return this.all.flatMap(({ pictures }) => pictures).find((one) => one.origin === origin);
  }
}
