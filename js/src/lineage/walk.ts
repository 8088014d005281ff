// Where one stands: the graph as it is laid out, whole or only what leads to stars, and the current node.
import { type Graph, Layout } from "./graph";
import type { Marks } from "./marks";

export class Walk {
  layout: Layout;
  /** −1 before there is one. */
  current = -1;
  /** Ancestors of the current node. */
  line: ReadonlySet<number> = new Set();
  starsOnly = false;

  constructor(
    private readonly graph: Graph,
    private readonly marks: Marks,
  ) {
    this.layout = new Layout(graph);
  }

  /** There is a current node, and the filter lets it through. */
  get there(): boolean {
    return this.current >= 0 && this.layout.has(this.current);
  }

  /** Number of the current candidate. */
  get slot(): number | undefined {
    return this.graph.slots[this.current];
  }

  get shown(): number {
    return this.layout.columns.reduce((sum, column) => sum + column.nodes.length, 0);
  }

  /** Nodes, stars or the filter are new. */
  lay(): void {
    const kept = this.starsOnly ? this.marks.starredLines : null;
    this.layout = new Layout(this.graph, kept ? (node) => kept.has(node) : undefined);
  }

  go(node: number): void {
    this.current = node;
    this.line = this.graph.ancestors(node);
  }

  step(columns: number, rows: number): number {
    return this.layout.step(this.current, columns, rows);
  }

  get first(): number {
    return this.layout.columns[0]?.nodes[0] ?? this.current;
  }

  get last(): number {
    return this.layout.columns.at(-1)?.nodes.at(-1) ?? this.current;
  }

  get parent(): number {
    return this.#shown(this.graph.parents[this.current]);
  }

  get child(): number {
    return this.#shown(this.graph.children[this.current]);
  }

  #shown(nodes: readonly number[] | undefined): number {
    return nodes?.find((node) => this.layout.has(node)) ?? this.current;
  }
}
