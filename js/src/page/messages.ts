// What the page and its workers tell each other.
import type { Concept } from "./prompt/concepts";
import type { Start } from "./start";

/** One picture to be painted: its initial noise and what the prompt asks of it. */
export interface Canvas {
  slot: number;
  latent: Float32Array;
  concepts: Concept[];
}

export interface Paint {
  kind: "paint";
  job: number;
  guidance: number;
  canvases: Canvas[];
}

/** One picture again, with all there is to see on the way. */
export interface Look {
  kind: "look";
  job: number;
  guidance: number;
  canvas: Canvas;
}

export type Order = Start | Paint | Look | { kind: "cancel"; job: number };

/** Pictures are RGBA, row by row. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** The state of one picture before step k: the latent, the two guesses and the guidance. */
export interface Moment {
  noise: number;
  latent: Pixels;
  clean: Pixels;
  epsilon: Pixels;
  /** The guidance ε* - ε(∅) in every column of the latent, in standard deviations of the noise per number. */
  strength: Float32Array;
  arrows: Arrow[];
}

/** What one concept adds to the guidance. */
export interface Arrow {
  text: string;
  coefficient: number;
  /** Its place in the prompt. */
  place: number;
  /** Length, in standard deviations of the noise per number. */
  length: number;
  /** The same of every column of the latent: where it pulls. */
  where: Float32Array;
  /** Cosine of its angle to every arrow, itself included, and last to their sum. */
  cosines: number[];
}

export type Report =
  /** The worker has done what it was told, and waits; the first time: it has loaded. */
  | { kind: "idle" }
  | { kind: "step"; job: number; step: number; slots: number[]; pictures: Pixels[]; finished: boolean }
  | { kind: "look"; job: number; moments: Moment[]; picture: Pixels }
  | { kind: "failed"; job: number | null; message: string };
