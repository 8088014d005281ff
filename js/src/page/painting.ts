// What is painted now: pictures as work for the pool, of which only the newest is heard.
import type { Origin } from "./ancestors";
import type { Chosen } from "./descent";
import { speckle } from "./dom";
import type { Runtime } from "./engine";
import type { Generation, Picture } from "./history";
import type { Canvas, Moment, Pixels, Report } from "./messages";
import { inPython, Noises } from "./origin";
import { Pool } from "./pool";
import { concepts } from "./prompt/concepts";
import { resolve } from "./prompt/draw";
import { parse } from "./prompt/parse";
import type { Facts } from "./start";

export type Step = Extract<Report, { kind: "step" }>;

export interface PaintingHost {
  /** Pictures of a generation are further. */
  drawn(step: Step, generation: Generation): void;
  /** The picture that was looked into, taken apart. */
  revealed(moments: readonly Moment[], picture: Pixels): void;
  failed(message: string): void;
  /** Which engine paints, and why not another. */
  told(words: string, why: string): void;
}

export class Painting {
  private readonly facts: Facts;
  readonly #noises: Noises;
  readonly #pool: Pool;
  /** What is painted: none else is heard. */
  readonly #jobs = new Map<number, Generation>();
  /** The newest, and that which takes a picture apart. */
  #job = 0;
  #looking = 0;

  constructor(
    runtime: Runtime,
    private readonly host: PaintingHost,
  ) {
    this.facts = runtime.start.facts;
    this.#noises = new Noises(this.facts.channels, this.facts.side);
    this.#pool = new Pool(runtime, (report) => this.#heard(report), host.told);
  }

  /** Paint what is not finished of a generation, in place of what was being painted. */
  begin(generation: Generation): void {
    this.stop();
    this.more(generation, (picture) => !picture.finished);
  }

  /** Paint some of a generation, after what is being painted. */
  more(generation: Generation, which: (picture: Picture) => boolean): void {
    const slots = generation.pictures.flatMap((picture, slot) => (which(picture) ? [slot] : []));
    const canvases = slots.map((slot) => this.#canvas(generation, slot));
    this.#jobs.set(++this.#job, generation);
    this.#pool.paint(this.#job, canvases, generation.guidance);
  }

  paints(generation: Generation): boolean {
    return [...this.#jobs.values()].includes(generation);
  }

  /** Leave it as it is: `begin` goes on with it. What is still under way is not heard. */
  stop(): void {
    for (const job of [...this.#jobs.keys(), this.#looking]) this.#pool.cancel(job);
    this.#jobs.clear();
    this.#looking = 0;
  }

  /** Take one picture apart. */
  look(generation: Generation, slot: number): void {
    this.#looking = ++this.#job;
    this.#pool.look(this.#looking, this.#canvas(generation, slot), generation.guidance);
  }

  /** The noise that a picture begins with. */
  noise(origin: Origin): Canvas["latent"] {
    return this.#noises.of(origin).latent;
  }

  /** What is known of a picture before it is taken apart. */
  about(generation: Generation, slot: number): Chosen {
    const { origin, parents } = generation.pictures[slot] as Generation["pictures"][number];
    return {
      slot,
      noise: origin.mean
        ? "the mean of its parents’"
        : `${origin.parents ? "pieces of its parents’, and what is new of it " : ""}picture ${origin.image + 1} of seed ${origin.seed}`,
      python: inPython({ ...generation, origin }),
      owner: this.#noises.of(origin).owner,
      parents,
      noises: origin.mean
        ? [origin, ...(origin.parents ?? [])].map((one) => speckle(this.noise(one), this.facts))
        : [],
    };
  }

  #canvas({ prompt, pictures }: Generation, slot: number): Canvas {
    const { origin } = pictures[slot] as (typeof pictures)[number];
    return {
      slot,
      latent: this.noise(origin),
      concepts: concepts(resolve(parse(prompt), origin.seed, origin.image)),
    };
  }

  #heard(report: Exclude<Report, { kind: "idle" }>): void {
    if (report.kind === "failed") this.host.failed(report.message);
    else if (report.kind === "look") {
      if (report.job === this.#looking) this.host.revealed(report.moments, report.picture);
    } else {
      const generation = this.#jobs.get(report.job);
      if (generation) this.host.drawn(report, generation);
    }
  }
}
