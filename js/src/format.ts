// Numbers as people read them.
import type { JobState } from "./protocol";

export function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function rate(perSecond: number): string {
  if (perSecond >= 1) return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} it/s`;
  return `${(1 / perSecond).toFixed(1)} s/it`;
}

/** "a concept is missing" → "A concept is missing." */
export function sentence(words: string): string {
  const trimmed = words.trim();
  if (trimmed === "") return "";
  return trimmed[0]?.toUpperCase() + trimmed.slice(1) + (/[.!?:)]$/.test(trimmed) ? "" : ".");
}

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** "Step 8 of 20 · 5.1 it/s · 3 s left"; `ahead`: older jobs that are done first. */
export function describe(job: JobState, ahead = 0): string {
  if (job.state === "queued") return ahead > 0 ? `Waiting for ${plural(ahead, "earlier job")}` : "Starting";
  const p = job.progress;
  const parts = [p.steps > 0 ? `Step ${p.step} of ${p.steps}` : "Preparing"];
  if (p.done > 0 && p.done < p.n) parts.push(`${p.done} of ${p.n} finished`);
  if (p.rate) parts.push(rate(p.rate));
  if (p.remaining !== null) parts.push(`${duration(p.remaining)} left`);
  if (job.state === "paused") parts.push("paused");
  return parts.join(" · ");
}
