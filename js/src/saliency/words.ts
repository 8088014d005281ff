// What the view is told, and how it says so.
import type { Common } from "../panel/channel";

export interface SaliencyMap {
  candidate: number;
  kind: string;
  name: string;
  threshold: number;
  boxes: [number, number, number, number][];
  areas: number[];
  masses: number[];
}
export interface SaliencyState extends Common {
  candidate: number | null;
  choices: number[];
  words: string[];
  source: string;
  problem: string;
  looking: boolean;
  map: SaliencyMap | null;
}

/** Name, word on the button, and the field's term. */
export const SOURCES: readonly (readonly [string, string, string?])[] = [
  ["embedded", "Stands out", "By the saliency net"],
  ["spectral", "Contrast", "Spectral residual"],
  ["response", "Prompt", "Where the noise prediction changes with the prompt"],
  ["loss", "Optimised", "Where the newest loss looked"],
];
const KINDS: Readonly<Record<string, string>> = {
  fixation: "where people look",
  object: "what stands out",
  text: "where the words are",
  painted: "what you painted",
};

/** One line: what the map is of. */
export function legend(state: SaliencyState): string {
  if (state.problem) return state.problem;
  if (!state.map) return state.looking ? "Looking …" : "";
  const { name, kind, threshold } = state.map;
  const what = KINDS[kind] ?? kind;
  return `${name}: ${what}. Scaled to this picture; the contour is at ${percent(threshold)} of its maximum.`;
}

/** One sentence for each box. */
export function shares(seen: SaliencyMap | null): string {
  const lines = seen?.boxes.map(
    (_, i) =>
      `Box ${i + 1}: ${percent(seen.areas[i])} of the area, ${percent(seen.masses[i])} of the saliency`,
  );
  return lines?.join(". ") ?? "";
}

function percent(share: number | undefined): string {
  return `${Math.round(100 * (share ?? 0))} %`;
}
