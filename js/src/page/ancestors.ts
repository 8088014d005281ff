// Noise as text: one node per ancestor, `seed.image`, `seed.image.parent,parent,…` or `….short`, parents before children.
import type { Mean } from "./mean";

/** Image `image` of a seed: fresh noise, or a child of parents: cut up, or where it says so their mean. */
export interface Origin {
  seed: number;
  image: number;
  parents?: readonly Origin[];
  mean?: Mean;
}

export const MOST_PARENTS = 12;
const LARGEST_SEED = 2 ** 32 - 1;

/** Writes origins, each ancestor once, however many children it has. */
export class Nodes {
  readonly #nodes: string[] = [];
  readonly #places = new Map<Origin, number>();

  get text(): string {
    return this.#nodes.join("~");
  }

  /** Which node an origin is. */
  place(origin: Origin): number {
    const known = this.#places.get(origin);
    if (known !== undefined) return known;
    const { seed, image, mean } = origin;
    const parents = origin.parents?.map((parent) => this.place(parent));
    const words = [seed, image, ...(parents ? [parents.join(",")] : []), ...(mean ? [mean] : [])];
    const at = this.#nodes.push(words.join(".")) - 1;
    this.#places.set(origin, at);
    return at;
  }
}

/** The origins that were written. Throws where the text is damaged or asks for too much: nobody vouches for it. */
export function readNodes(text: string, most = Number.POSITIVE_INFINITY): Origin[] {
  const written = text.split("~");
  if (written.length > most) throw new Error("its picture has too many ancestors");
  const nodes: Origin[] = [];
  for (const one of written) {
    const found = /^(\d{1,10})\.(\d{1,2})(?:\.(\d{1,6}(?:,\d{1,6})*)(?:\.(short|full))?)?$/.exec(one);
    if (!found) throw new Error("its picture cannot be read");
    const [seed, image] = [Number(found[1]), Number(found[2])];
    const parents = found[3]?.split(",").map((at) => nodes[Number(at)]);
    if (seed > LARGEST_SEED || parents?.includes(undefined) || (parents?.length ?? 0) > MOST_PARENTS)
      throw new Error("its picture cannot be read");
    const mean = found[4] ? { mean: found[4] as Mean } : {};
    nodes.push(parents ? { seed, image, parents: parents as Origin[], ...mean } : { seed, image });
  }
  return nodes;
}
