// OR draws one branch per image, as Python's `random.Random(f"{seed}/{image}").choices` does.
import { Mersenne } from "../random/mersenne";
import { sha512 } from "../random/sha512";
import { join, type Node, oddsOf } from "./nodes";

/** The prompt of one image: one branch of every OR, by the branches' weights as odds. */
export function resolve(prompt: Node, seed: number, image: number): Node {
  return drawn(prompt, pythonRandom(`${seed}/${image}`));
}

/** Python's `random.Random(text).random`. */
export function pythonRandom(text: string): () => number {
  const bytes = new TextEncoder().encode(text);
  const key = [...bytes, ...sha512(bytes)].reverse(); // one large number, lowest byte first
  const words = Array.from({ length: Math.ceil(key.length / 4) }, (_, i) =>
    [3, 2, 1, 0].reduce((word, j) => word * 256 + (key[4 * i + j] ?? 0), 0),
  );
  while (words.length > 1 && words[words.length - 1] === 0) words.pop();
  const random = Mersenne.ofWords(words);
  return () => {
    const high = random.bits() >>> 5;
    return (high * 2 ** 26 + (random.bits() >>> 6)) / 2 ** 53;
  };
}

function drawn(node: Node, random: () => number): Node {
  if (node.kind === "concept") return node;
  if (node.kind === "not" || node.kind === "qualified") return { ...node, of: drawn(node.of, random) };
  if (node.kind === "and")
    return join(
      "and",
      node.parts.map((part) => drawn(part, random)),
    );
  let below = 0;
  const limits = node.parts.map((part) => {
    below += oddsOf(part);
    return below;
  });
  const thrown = random() * below;
  const at = limits.slice(0, -1).findIndex((limit) => thrown < limit);
  const part = node.parts[at < 0 ? limits.length - 1 : at] as Node;
  if (part.kind !== "qualified") return drawn(part, random);
  const { weight: _, ...plain } = part; // spent on the draw
  return drawn(plain.region || plain.steps ? plain : part.of, random);
}
