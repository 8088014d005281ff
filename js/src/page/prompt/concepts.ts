// The meaning of a prompt: one flat, signed sum of concepts.
import type { Box, Node, Range } from "./nodes";

/** One summand of a prompt's score. `weight` is relative to the guidance scale, negative for NOT. */
export interface Concept {
  text: string;
  weight: number;
  region?: Box | undefined;
  steps?: Range | undefined;
  /** Its place among all that the prompt names. */
  place: number;
}

/** Equal concepts are merged, those of weight 0 or without text left out, the rest sorted: order cannot matter. */
export function concepts(prompt: Node): Concept[] {
  const merged = new Map<string, Concept>();
  const written = [...summands(prompt, { text: "", weight: 1, place: 0 })]
    .filter(({ text }) => text.trim())
    .map((concept, place) => ({ ...concept, place }));
  for (const concept of written.sort((a, b) => a.weight - b.weight)) {
    const key = JSON.stringify([concept.text, concept.region ?? null, concept.steps ?? null]);
    const before = merged.get(key);
    if (before) {
      before.weight += concept.weight;
      before.place = Math.min(before.place, concept.place);
    } else merged.set(key, { ...concept });
  }
  const ordered = [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([, concept]) => concept).filter(({ weight }) => weight !== 0);
}

function* summands(node: Node, outer: Concept): Generator<Concept> {
  if (node.kind === "concept") yield { ...outer, text: node.text };
  else if (node.kind === "not") yield* summands(node.of, { ...outer, weight: -outer.weight });
  else if (node.kind === "qualified") {
    const region = both(outer.region, node.region, overlap);
    const steps = both(outer.steps, node.steps, ([a, b], [c, d]) => ordered(Math.max(a, c), Math.min(b, d)));
    if (region === null || steps === null) return; // nowhere, or never
    yield* summands(node.of, { ...outer, weight: outer.weight * (node.weight ?? 1), region, steps });
  } else if (node.kind === "or") throw new Error("the branches of an OR are not drawn yet");
  else for (const part of node.parts) yield* summands(part, outer);
}

function both<T>(a: T | undefined, b: T | undefined, meet: (a: T, b: T) => T | null): T | null | undefined {
  return a && b ? meet(a, b) : (a ?? b);
}

function ordered(from: number, to: number): Range | null {
  return from < to ? [from, to] : null;
}

function overlap(a: Box, b: Box): Box | null {
  const [x, y] = [
    ordered(Math.max(a[0], b[0]), Math.min(a[2], b[2])),
    ordered(Math.max(a[1], b[1]), Math.min(a[3], b[3])),
  ];
  return x && y ? [x[0], y[0], x[1], y[1]] : null;
}

/** Which columns of a side × side latent a box holds: half open, so that two that share an edge share none. */
export function mask([x0, y0, x1, y1]: Box, side: number): Float32Array {
  const within = (i: number, from: number, to: number) => (i + 0.5) / side >= from && (i + 0.5) / side < to;
  const bits = Float32Array.from({ length: side * side }, (_, i) =>
    Number(within(i % side, x0, x1) && within(Math.floor(i / side), y0, y1)),
  );
  if (!bits.includes(1)) {
    // A region always holds the column of its own middle.
    const at = (from: number, to: number) => Math.min(side - 1, Math.floor(((from + to) / 2) * side));
    bits[at(y0, y1) * side + at(x0, x1)] = 1;
  }
  return bits;
}
