// What a worker needs to begin, and the facts of the model it begins with.
import type { Stride } from "./sampler";
import type { Vocabulary } from "./tokenizer";

/** As `?engine=` in the page's address names them. */
export type Engine = "webgpu" | "wasm";

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
  /** Such as "on a beach". */
  places: string[];
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
