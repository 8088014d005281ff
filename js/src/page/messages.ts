// What the page and its workers tell each other.
import type { Engine } from "./engine";
import type { Concept } from "./prompt/concepts";
import type { Stride } from "./sampler";
import type { Vocabulary } from "./tokenizer";

/** `model.json`, written by docs/build_page.py. */
export interface Facts {
  channels: number;
  /** Side of a latent, and of the state of one token, in numbers; side of a picture in pixels. */
  side: number;
  width: number;
  pixels: number;
  schedule: Stride[];
  guidance: number;
  vocabulary: Vocabulary;
  words: string[];
  nouns: string[];
  /** Every so many-th number of v at the noise of image 0 of seed 0, for the empty text, at timestep t. */
  proof: { t: number; every: number; v: number[] };
  /** Bytes of the graphs and their weights. */
  size: number;
  version: string;
}

export const PARTS = ["text", "unet", "decoder", "preview"] as const;
export type Part = (typeof PARTS)[number];

/** Everything a worker needs to begin. */
export interface Start {
  kind: "start";
  facts: Facts;
  engine: Engine;
  /** The runtime made for it. */
  wasm: ArrayBuffer;
  /** Graphs without their weights, which are all in one, in half precision. */
  parts: Record<Part, ArrayBuffer>;
  weights: ArrayBuffer;
}

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
