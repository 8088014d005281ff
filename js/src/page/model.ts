// The embedded model in the browser: ONNX graphs, run by onnxruntime-web.
import * as ort from "onnxruntime-web/wasm";
import { widened } from "./half";
import type { Pixels } from "./messages";
import { noise } from "./random/noise";
import type { Facts, Part, Start } from "./start";
import { Tokenizer } from "./tokenizer";

/** Of numbers about 1 in size: far above what another order of adding makes, far below what anybody would see. */
const PROOF = 0.01;

/** The little of a WebGPU device that is asked for here. */
interface Device {
  lost: Promise<{ message: string }>;
}

export class Model {
  readonly #states = new Map<string, Float32Array>();

  private constructor(
    readonly facts: Start["facts"],
    private readonly sessions: Record<Part, ort.InferenceSession>,
    private readonly tokenizer: Tokenizer,
  ) {}

  /** `lost` is called should the graphics chip be taken away later. */
  static async load(start: Start, lost: (why: string) => void): Promise<Model> {
    const { facts, engine, wasm, parts } = start;
    ort.env.wasm.wasmBinary = wasm;
    ort.env.wasm.numThreads = 1; // the page has several workers instead, which needs no special headers
    // Made single precision here: runtimes are slower at it, and do it in every session.
    const externalData = [{ path: "weights.f16", data: widened(new Uint16Array(start.weights)) }];
    const open = (part: Part, on = "wasm") =>
      ort.InferenceSession.create(parts[part], {
        executionProviders: [on],
        // The exporter has done it for the processor; to do it again would take a second, and gain 3 % of a step.
        graphOptimizationLevel: on === "wasm" ? "disabled" : "all",
        externalData,
        logSeverityLevel: 3, // no warning that shapes are the processor's, which is on purpose
      });
    // One after the other: they share one runtime, which the first brings up.
    const sessions: Record<Part, ort.InferenceSession> = {
      text: await open("text"),
      unet: await open("unet", engine),
      decoder: await open("decoder", engine),
      preview: await open("preview"),
    };
    const model = new Model(facts, sessions, new Tokenizer(facts.vocabulary));
    if (engine === "webgpu") {
      const device = (await ort.env.webgpu.device) as Device;
      void device.lost.then(({ message }) => lost(message || "its device was lost"));
      await model.#prove(facts);
    }
    return model;
  }

  /** A chip or its driver may compute rubbish without a word: it has to come to what Python came to, once. */
  async #prove({ proof }: Facts): Promise<void> {
    const [v] = await this.predict([noise(0, 0, this.size)], [""], proof.t);
    const apart = proof.v.map((right, i) => Math.abs((v?.[i * proof.every] as number) - right));
    if (!(Math.max(...apart) <= PROOF)) throw new Error("it computes something else than it should");
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
    const states: Float32Array[] = [];
    for (const text of texts) states.push(await this.#encoded(text)); // in turn: a runtime does one thing at a time
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
