// The graph of all candidates, and where each stands: a column per generation, oldest first, in grid order. Pure, and
// linear in the number of nodes and edges.

import type { Common } from "../panel/channel";

/** Nodes as they travel: one entry per candidate, parents one after the other. */
export interface Nodes {
  slots: number[];
  jobs: number[];
  operators: string[];
  /** One for each operator; absent in what older versions left in a notebook. */
  colours?: string[];
  by: number[];
  degrees: number[];
  parents: number[];
}

/** Stars, rejects and undone ones by number; nodes from the `from`-th on. */
export interface LineageState extends Common {
  count: number;
  from: number;
  nodes: Nodes;
  stars: number[];
  rejects: number[];
  undone: number[];
  /** What made the newest generation. */
  made: string;
}

/** Of operators that this version does not know. */
const OTHER = "#8c8c8c";

/** Nodes are named by their place in the order of arrival; candidates that are not here have none. */
export class Graph {
  readonly slots: number[] = [];
  readonly jobs: number[] = [];
  readonly operators: string[] = [];
  readonly parents: number[][] = [];
  readonly children: number[][] = [];
  readonly #places = new Map<number, number>();
  readonly #colours = new Map<string, string>();

  get size(): number {
    return this.slots.length;
  }

  place(slot: number): number | undefined {
    return this.#places.get(slot);
  }

  colour(operator: string): string {
    return this.#colours.get(operator) || OTHER;
  }

  add(nodes: Nodes): void {
    const first = this.size;
    nodes.colours?.forEach((colour, i) => {
      this.#colours.set(nodes.operators[i] ?? "", colour);
    });
    nodes.slots.forEach((slot, i) => {
      this.#places.set(slot, first + i);
      this.slots.push(slot);
      this.jobs.push(nodes.jobs[i] ?? 0);
      this.operators.push(nodes.operators[nodes.by[i] ?? 0] ?? "unknown");
      this.parents.push([]);
      this.children.push([]);
    });
    let at = 0;
    nodes.slots.forEach((_, i) => {
      for (let k = 0; k < (nodes.degrees[i] ?? 0); k += 1, at += 1) {
        const parent = this.#places.get(nodes.parents[at] ?? -1);
        const own = this.parents[first + i] as number[];
        // A node is older than its children; whatever a file says, nobody is his own ancestor.
        if (parent === undefined || parent >= first + i || own.includes(parent)) continue;
        own.push(parent);
        this.children[parent]?.push(first + i);
      }
    });
  }

  /** Add nodes that begin at `from`; the first of them may be known already. */
  take(from: number, nodes: Nodes): void {
    const known = this.size - from;
    if (known < nodes.slots.length) this.add(known === 0 ? nodes : tail(nodes, known));
  }

  clear(): void {
    for (const list of [this.slots, this.jobs, this.operators, this.parents, this.children]) list.length = 0;
    this.#places.clear();
  }

  /** All that some nodes come from, without themselves. */
  ancestors(...of: number[]): Set<number> {
    return reach(this.parents, of);
  }
}

function tail(nodes: Nodes, from: number): Nodes {
  const skipped = nodes.degrees.slice(0, from).reduce((sum, n) => sum + n, 0);
  return {
    operators: nodes.operators,
    ...(nodes.colours ? { colours: nodes.colours } : {}),
    slots: nodes.slots.slice(from),
    jobs: nodes.jobs.slice(from),
    by: nodes.by.slice(from),
    degrees: nodes.degrees.slice(from),
    parents: nodes.parents.slice(skipped),
  };
}

function reach(next: readonly number[][], from: readonly number[]): Set<number> {
  const found = new Set<number>();
  const todo = [...from];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    for (const one of next[node] ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      todo.push(one);
    }
  }
  return found;
}

export const TILE = 56;
export const GAP = 10;
/** Between generations: room for the edges. */
export const LANE = 52;
export const HEAD = 26;
export const EDGE = 14;
/** A generation of more stands in several columns. */
export const ROWS = 12;

export interface Column {
  x: number;
  job: number;
  /** The first of its generation: it bears the name. */
  head: boolean;
  nodes: number[];
}

export class Layout {
  readonly columns: Column[] = [];
  readonly width: number;
  readonly height: number;
  /** Per node: its column, or -1 where it is filtered out; and its row. */
  readonly column: Int32Array;
  readonly row: Int32Array;
  /** Parent and child of each edge between nodes that are here, one after the other. */
  readonly edges: readonly number[];

  constructor(graph: Graph, include: (node: number) => boolean = () => true) {
    this.column = new Int32Array(graph.size).fill(-1);
    this.row = new Int32Array(graph.size);
    const jobs = new Map<number, number[]>();
    for (let node = 0; node < graph.size; node += 1) {
      if (!include(node)) continue;
      const job = graph.jobs[node] as number;
      const made = jobs.get(job);
      if (made) made.push(node);
      else jobs.set(job, [node]);
    }
    let x = EDGE;
    let rows = 0;
    for (const [job, made] of [...jobs].sort(([a], [b]) => a - b)) {
      for (let from = 0; from < made.length; from += ROWS) {
        const nodes = made.slice(from, from + ROWS);
        nodes.forEach((node, row) => {
          this.column[node] = this.columns.length;
          this.row[node] = row;
        });
        rows = Math.max(rows, nodes.length);
        this.columns.push({ x, job, head: from === 0, nodes });
        x += TILE + (from + ROWS < made.length ? GAP : LANE);
      }
    }
    this.width = this.columns.length ? x - LANE + EDGE : 0;
    this.height = HEAD + rows * (TILE + GAP) - GAP + EDGE;
    this.edges = graph.parents.flatMap((parents, child) =>
      this.has(child)
        ? parents.filter((parent) => this.has(parent)).flatMap((parent) => [parent, child])
        : [],
    );
  }

  has(node: number): boolean {
    return (this.column[node] ?? -1) >= 0;
  }
  x(node: number): number {
    return this.columns[this.column[node] ?? -1]?.x ?? 0;
  }
  y(node: number): number {
    return HEAD + (this.row[node] ?? 0) * (TILE + GAP);
  }

  /** Columns that reach into [from, to]: first and one past the last. */
  between(from: number, to: number): [number, number] {
    return [this.#search(from - TILE), this.#search(to)];
  }

  /** The node at a point, or -1. */
  at(x: number, y: number): number {
    const column = this.columns[this.#search(x - TILE)];
    if (!column || x < column.x || x >= column.x + TILE) return -1;
    const row = Math.floor((y - HEAD) / (TILE + GAP));
    if (row < 0 || y - HEAD - row * (TILE + GAP) >= TILE) return -1;
    return column.nodes[row] ?? -1;
  }

  /** Where a step leads; to the same node at the border. */
  step(node: number, across: number, down: number): number {
    const at = this.column[node] ?? -1;
    const column = this.columns[at + across];
    if (at < 0 || !column) return node;
    const row = (this.row[node] ?? 0) + down;
    if (across !== 0) return column.nodes[Math.min(row, column.nodes.length - 1)] ?? node;
    return column.nodes[row] ?? node;
  }

  /** Place of the first column that begins right of x. */
  #search(x: number): number {
    let low = 0;
    let high = this.columns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.columns[middle] as Column).x > x) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
