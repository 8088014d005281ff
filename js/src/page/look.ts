// One picture taken apart: x_t, x̂0, ε and what each concept adds, before every step of its walk.
import { guide, type Part } from "./guidance";
import type { Arrow, Canvas, Moment, Pixels } from "./messages";
import type { Model } from "./model";
import { advance, split, steps } from "./sampler";

export async function look(
  model: Model,
  { latent, concepts }: Canvas,
  scale: number,
): Promise<{ moments: Moment[]; picture: Pixels }> {
  const { schedule } = model.facts;
  const moments: Moment[] = [];
  let x = latent;
  let past: Float32Array | null = null;
  for (const [k, step] of steps(schedule).entries()) {
    const stride = schedule[k] as (typeof schedule)[number];
    const [guided] = await guide(model, [x], [concepts], scale, stride[0], k / schedule.length, true);
    if (!guided) throw new Error("no prediction");
    const { epsilon, clean } = split(guided.total, x, stride);
    const shown = await model.pictures("preview", [x, clean, epsilon]);
    const [, alpha, sigma] = stride;
    // ε is α v + σ x, so that differences of ε are α times those of v.
    const parts = guided.parts.sort((a, b) => a.place - b.place); // as they were written
    const arrows = arrowsOf(parts, alpha, model.facts.channels);
    const sum = guided.total.map((value, i) => alpha * (value - (guided.empty[i] as number)));
    const [a, b, c] = shown as [Pixels, Pixels, Pixels];
    moments.push({
      noise: sigma,
      latent: a,
      clean: b,
      epsilon: c,
      strength: columns(sum, model.facts.channels),
      arrows,
    });
    x = advance(step, clean, epsilon, past);
    past = clean;
  }
  const [picture] = await model.pictures("decoder", [x]);
  return { moments, picture: picture as Pixels };
}

/** Root mean square of a vector in every column of the latent. */
function columns(vector: Float32Array, channels: number): Float32Array {
  const plane = vector.length / channels;
  return Float32Array.from({ length: plane }, (_, i) => {
    const column = Array.from({ length: channels }, (_, c) => vector[c * plane + i] as number);
    return Math.hypot(...column) / Math.sqrt(channels);
  });
}

function arrowsOf(parts: readonly Part[], alpha: number, channels: number): Arrow[] {
  const vectors = parts.map(({ added }) => added);
  const sum = new Float32Array(vectors[0]?.length ?? 0).map((_, i) =>
    vectors.reduce((s, v) => s + (v[i] as number), 0),
  );
  const all = [...vectors, sum];
  const norms = all.map((vector) => Math.sqrt(dot(vector, vector)));
  return parts.map(({ text, coefficient, place, added }, i) => ({
    text,
    coefficient,
    place,
    length: (alpha * (norms[i] as number)) / Math.sqrt(added.length),
    where: columns(added, channels).map((value) => alpha * value),
    cosines: all.map((other, j) => dot(added, other) / ((norms[i] as number) * (norms[j] as number) || 1)),
  }));
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
