// Where a picture's noise comes from, and links that carry it: a few numbers, from which the noise is made again.
import { Nodes, type Origin, readNodes } from "./ancestors";
import { mean } from "./mean";
import { noise } from "./random/noise";
import { cross, owners } from "./voronoi";

/** The noise of n pictures of one seed. */
export const batch = (n: number, seed: number, more: Partial<Origin> = {}): Origin[] =>
  Array.from({ length: n }, (_, image) => ({ seed, image, ...more }));

/** What a link tells; the receiver trusts none of it. */
export interface Shared {
  prompt: string;
  guidance: number;
  origin: Origin;
}

const MOST_NODES = 300;
const LONGEST_PROMPT = 2000;
/** 12 is far too much already; 20 is for seeing that. */
export const GUIDANCE = { least: 1, most: 20 };

/** Makes latents, each once. */
export class Noises {
  readonly #made = new Map<Origin, { latent: Float32Array; owner: Int32Array | null }>();

  constructor(
    private readonly channels: number,
    private readonly side: number,
  ) {}

  of(origin: Origin): { latent: Float32Array; owner: Int32Array | null } {
    let made = this.#made.get(origin);
    if (!made) {
      made = this.#make(origin);
      this.#made.set(origin, made);
    }
    return made;
  }

  #make({ seed, image, parents, mean: how }: Origin): { latent: Float32Array; owner: Int32Array | null } {
    if (!parents) return { latent: noise(seed, image, this.channels * this.side ** 2), owner: null };
    const latents = parents.map((parent) => this.of(parent).latent);
    if (how) return { latent: mean(latents, how), owner: null };
    const owner = owners(parents.length, seed, image, this.side);
    return { latent: cross(latents, owner, seed, image), owner };
  }
}

/** The fragment of a link, without #. */
export function toFragment({ prompt, guidance, origin }: Shared): string {
  const nodes = new Nodes();
  nodes.place(origin);
  return new URLSearchParams({ p: prompt, g: String(guidance), n: nodes.text }).toString();
}

/** Read a fragment; null where there is none. Throws where it is damaged or asks for too much. */
export function fromFragment(fragment: string): Shared | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const prompt = fields.get("p");
  if (prompt === null) return null;
  const guidance = Number(fields.get("g") || "none");
  if (prompt.length > LONGEST_PROMPT) throw new Error("its prompt is too long");
  if (!(guidance >= GUIDANCE.least && guidance <= GUIDANCE.most))
    throw new Error("its guidance is out of range");
  const nodes = readNodes(fields.get("n") ?? "", MOST_NODES);
  return { prompt, guidance, origin: nodes[nodes.length - 1] as Origin };
}

/** The same picture in the notebook. */
export function inPython({ prompt, guidance, origin }: Shared): string {
  const lines = ["import guidewidgets as gw", "", "e = gw.Engine.load()"];
  const names = new Map<Origin, string>();
  const name = (node: Origin): string => {
    const known = names.get(node);
    if (known) return known;
    const parents = node.parents?.map(name);
    const made = `x${names.size + 1}`;
    names.set(node, made);
    if (parents && node.mean) {
      const by = node.mean === "short" ? String(parents.length) : `${made}.square().mean().sqrt()`;
      lines.push(`${made} = ${parents.join(" + ")}`, `${made} = ${made} / ${by}`);
      return made;
    }
    const from = parents
      ? `gw.evolve.voronoi_crossover([${parents.join(", ")}], ${node.image + 1}, seed=${node.seed})[0]`
      : `e.noise(${node.image + 1}, seed=${node.seed})`;
    lines.push(`${made} = ${from}[${node.image}]`);
    return made;
  };
  const made = name(origin);
  lines.push(`image = e.render(${made}[None], ${JSON.stringify(prompt)}, steps=10, guidance=${guidance})`);
  return lines.join("\n");
}

/** A seed nobody has had. */
export function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}
