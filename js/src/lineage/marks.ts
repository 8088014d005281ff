// What people and the session say of candidates: starred, rejected, undone; picked here to compare or to cross.
import type { Graph } from "./graph";

const MOST_PICKS = 12;

interface Said {
  stars: readonly number[];
  rejects: readonly number[];
  undone: readonly number[];
}

export class Marks {
  stars: ReadonlySet<number> = new Set();
  picks: readonly number[] = [];
  #rejects: ReadonlySet<number> = new Set();
  #undone: ReadonlySet<number> = new Set();

  constructor(private readonly graph: Graph) {}

  take(said: Said): void {
    this.stars = new Set(said.stars);
    this.#rejects = new Set(said.rejects);
    this.#undone = new Set(said.undone);
  }

  star(node: number): boolean {
    return this.stars.has(this.#slot(node));
  }

  reject(node: number): boolean {
    return this.#rejects.has(this.#slot(node));
  }

  undone(node: number): boolean {
    return this.#undone.has(this.graph.jobs[node] as number);
  }

  /** Give a mark at once, or take it back; the next state says how it really is. Returns what to ask the kernel for. */
  flip(node: number, mark: "star" | "reject"): "star" | "reject" | "none" {
    const has = mark === "star" ? this.star(node) : this.reject(node);
    this.stars = without(this.stars, this.#slot(node), mark === "star" && !has);
    this.#rejects = without(this.#rejects, this.#slot(node), mark === "reject" && !has);
    return has ? "none" : mark;
  }

  /** Starred nodes and all their ancestors. */
  get starredLines(): ReadonlySet<number> {
    const starred = [...this.stars].flatMap((slot) => this.graph.place(slot) ?? []);
    return new Set([...this.graph.ancestors(...starred), ...starred]);
  }

  /** Numbers of the picked images. */
  get pickedSlots(): (number | undefined)[] {
    return this.picks.map((node) => this.graph.slots[node]);
  }

  pick(node: number): void {
    const others = this.picks.filter((pick) => pick !== node);
    this.picks = others.length < this.picks.length ? others : [...others, node].slice(-MOST_PICKS);
  }

  /** Numbers of the two picked last, or of the one picked and the current one. */
  two(current: number): [number, number] | null {
    const picks = this.picks.slice(-2);
    if (picks.length === 1 && picks[0] !== current && current >= 0) picks.push(current);
    const [one, other] = picks.map((node) => this.graph.slots[node]);
    return one === undefined || other === undefined ? null : [one, other];
  }

  words(node: number): string {
    const words = [
      this.star(node) && "starred",
      this.reject(node) && "rejected",
      this.undone(node) && "undone",
    ];
    return words.filter(Boolean).join(", ");
  }

  /** What a screen reader says of a node. */
  name(node: number): string {
    const { slots, operators, parents } = this.graph;
    const from = parents[node]?.map((i) => slots[i]).join(", ");
    const marks = this.words(node);
    return `Image ${slots[node]}, ${operators[node]}${from ? ` of ${from}` : ""}${marks ? `, ${marks}` : ""}`;
  }

  #slot(node: number): number {
    return this.graph.slots[node] as number;
  }
}

function without(set: ReadonlySet<number>, slot: number, add: boolean): ReadonlySet<number> {
  const copy = new Set(set);
  if (add) copy.add(slot);
  else copy.delete(slot);
  return copy;
}
