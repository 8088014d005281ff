// The embedded model in the browser: ONNX graphs, run by onnxruntime-web.
import * as ort from "onnxruntime-web/wasm";
import type { Part, Pixels, Start } from "./messages";
import { Tokenizer } from "./tokenizer";

export class Model {
  readonly #states = new Map<string, Float32Array>();

  private constructor(
    readonly facts: Start["facts"],
    private readonly sessions: Record<Part, ort.InferenceSession>,
    private readonly tokenizer: Tokenizer,
  ) {}

  static async load({ facts, wasm, parts }: Start): Promise<Model> {
    ort.env.wasm.wasmBinary = wasm;
    ort.env.wasm.numThreads = 1; // the page has several workers instead, which needs no special headers
    const open = (part: Part) =>
      ort.InferenceSession.create(parts[part], {
        executionProviders: ["wasm"],
        graphOptimizationLevel: "all",
      });
    // One after the other: they share one runtime, which the first brings up.
    const sessions: Record<Part, ort.InferenceSession> = {
      text: await open("text"),
      unet: await open("unet"),
      decoder: await open("decoder"),
      preview: await open("preview"),
    };
    return new Model(facts, sessions, new Tokenizer(facts.vocabulary));
  }

  /** Numbers of one latent. */
  get size(): number {
    return this.facts.channels * this.facts.side ** 2;
  }

  /** Predictions of v for rows of latents and texts at a timestep. */
  async predict(
    latents: readonly Float32Array[],
    texts: readonly string[],
    t: number,
  ): Promise<Float32Array[]> {
    const { limit } = this.facts.vocabulary;
    const states = await Promise.all(texts.map((text) => this.#encoded(text)));
    const answer = await this.#run("unet", {
      x: this.#batch(latents),
      t: new ort.Tensor("float32", [t], [1]),
      states: new ort.Tensor("float32", joined(states), [texts.length, limit, this.facts.width]),
    });
    return latents.map((_, i) => answer.slice(i * this.size, (i + 1) * this.size));
  }

  /** Finished pictures, or rough ones by the linear map from latents to pixels. */
  async pictures(part: "decoder" | "preview", latents: readonly Float32Array[]): Promise<Pixels[]> {
    const planes = await this.#run(part, { x: this.#batch(latents) });
    const area = this.facts.pixels ** 2;
    return latents.map((_, n) => {
      const pixels = new Uint8ClampedArray(4 * area).fill(255);
      for (let i = 0; i < area; i++)
        for (let c = 0; c < 3; c++) pixels[4 * i + c] = 255 * (planes[(3 * n + c) * area + i] as number);
      return pixels;
    });
  }

  async #encoded(text: string): Promise<Float32Array> {
    let states = this.#states.get(text);
    if (!states) {
      const ids = this.tokenizer.padded(text);
      states = await this.#run("text", { ids: new ort.Tensor("int64", ids, [1, ids.length]) });
      if (this.#states.size > 255) this.#states.clear();
      this.#states.set(text, states);
    }
    return states;
  }

  #batch(latents: readonly Float32Array[]): ort.Tensor {
    const { channels, side } = this.facts;
    return new ort.Tensor("float32", joined(latents), [latents.length, channels, side, side]);
  }

  async #run(part: Part, feeds: Record<string, ort.Tensor>): Promise<Float32Array> {
    const { y } = await this.sessions[part].run(feeds);
    const data = (y as ort.Tensor).data as Float32Array;
    (y as ort.Tensor).dispose();
    return data;
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const each = parts[0]?.length ?? 0;
  const all = new Float32Array(each * parts.length);
  parts.forEach((part, i) => {
    all.set(part, i * each);
  });
  return all;
}
