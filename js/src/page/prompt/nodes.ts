// What a prompt is made of; the same grammar and the same refusals as `gw.Prompt`.

/** A box in [0, 1], origin at the top left: [left, top, right, bottom]. */
export type Box = readonly [number, number, number, number];
export type Range = readonly [number, number];

export type Node =
  | { kind: "concept"; text: string }
  | { kind: "and" | "or"; parts: Node[] }
  | { kind: "not"; of: Node }
  | { kind: "qualified"; of: Node; weight?: number; region?: Box; steps?: Range };

export const MAX_DEPTH = 50;

export const REGIONS: Readonly<Record<string, Box>> = {
  left: [0, 0, 0.5, 1],
  right: [0.5, 0, 1, 1],
  top: [0, 0, 1, 0.5],
  bottom: [0, 0.5, 1, 1],
  center: [0.25, 0.25, 0.75, 0.75],
};

/** A prompt that cannot be read: what is wrong, where (an index into the text), and how to mend it. */
export class PromptError extends Error {
  constructor(
    message: string,
    readonly position: number,
    readonly hint = "",
  ) {
    super(message);
  }
}

/** The chance of a branch of OR: its weight. */
export function oddsOf(branch: Node): number {
  return branch.kind === "qualified" ? (branch.weight ?? 1) : 1;
}

/** A join, taking apart what is of the same kind. */
export function join(kind: "and" | "or", parts: Node[]): Node {
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) };
}
