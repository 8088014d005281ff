// The mean of noises, which is no noise any more, and how it becomes some again.

/** `short`: as it comes, 1/√n as strong as n independent noises; `full`: brought to the length that noise has. */
export type Mean = "short" | "full";

export function mean(latents: readonly Float32Array[], how: Mean): Float32Array {
  const sum = Float32Array.from({ length: latents[0]?.length ?? 0 }, (_, i) =>
    latents.reduce((total, latent) => total + (latent[i] as number), 0),
  );
  const strength = Math.sqrt(sum.reduce((total, value) => total + value ** 2, 0) / sum.length);
  const by = how === "short" ? latents.length : strength;
  return sum.map((value) => value / by);
}
