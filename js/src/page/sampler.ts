// DPM-Solver++ (2M) (Lu et al. 2022, arXiv 2211.01095), as in guidewidgets/engine/samplers/multistep.py.

/** One step of the walk: timestep, then signal and noise scales α, σ where it begins and where it ends. */
export type Stride = readonly [t: number, alpha: number, sigma: number, alphaThen: number, sigmaThen: number];

/** x ← clean · x̂0 + noise · ε + past · x̂0 of the step before. */
export interface Step {
  clean: number;
  noise: number;
  past: number;
}

/** Coefficients of every step. The first is DDIM's, and so is the last, since the walks here are short. */
export function steps(schedule: readonly Stride[]): Step[] {
  return schedule.map(([, alpha, sigma, alphaThen, sigmaThen], k) => {
    const before = schedule[k - 1];
    if (!before || k + 1 === schedule.length) return { clean: alphaThen, noise: sigmaThen, past: 0 };
    const now = Math.log(alpha / sigma);
    const rise = Math.log(alphaThen / sigmaThen) - now;
    const risen = now - Math.log(before[1] / before[2]);
    const weight = (-alphaThen * Math.expm1(-rise) * rise) / (2 * risen);
    return { clean: alphaThen + weight, noise: sigmaThen, past: -weight };
  });
}

/** The noise ε and the clean latent x̂0 that a prediction of v = α ε - σ x0 at x means. */
export function split(
  v: Float32Array,
  x: Float32Array,
  stride: Stride,
): { epsilon: Float32Array; clean: Float32Array } {
  const [, alpha, sigma] = stride;
  const at = (i: number) => x[i] as number;
  return {
    epsilon: v.map((value, i) => alpha * value + sigma * at(i)),
    clean: v.map((value, i) => alpha * at(i) - sigma * value),
  };
}

/** The latents after a step. */
export function advance(
  step: Step,
  clean: Float32Array,
  epsilon: Float32Array,
  past: Float32Array | null,
): Float32Array {
  return clean.map(
    (value, i) =>
      step.clean * value + step.noise * (epsilon[i] as number) + (past ? step.past * (past[i] as number) : 0),
  );
}
