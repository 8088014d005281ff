// The walk from noise to pictures, a batch at a time.
import { guide } from "./guidance";
import type { Canvas, Pixels } from "./messages";
import type { Model } from "./model";
import { advance, split, steps } from "./sampler";

export interface Painted {
  step: number;
  pictures: Pixels[];
  finished: boolean;
}

/** Yields after every step: rough pictures of the guesses x̂0, and the finished ones last. */
export async function* paint(
  model: Model,
  canvases: readonly Canvas[],
  scale: number,
): AsyncGenerator<Painted> {
  const { schedule } = model.facts;
  const prompts = canvases.map(({ concepts }) => concepts);
  let x = canvases.map(({ latent }) => latent);
  let past: Float32Array[] | null = null;
  for (const [k, step] of steps(schedule).entries()) {
    const stride = schedule[k] as (typeof schedule)[number];
    const guided = await guide(model, x, prompts, scale, stride[0], k / schedule.length);
    const now = guided.map(({ total }, i) => split(total, x[i] as Float32Array, stride));
    x = now.map(({ clean, epsilon }, i) => advance(step, clean, epsilon, past?.[i] ?? null));
    past = now.map(({ clean }) => clean);
    const finished = k + 1 === schedule.length;
    const pictures = await model.pictures(finished ? "decoder" : "preview", finished ? x : past);
    yield { step: k + 1, pictures, finished };
  }
}
