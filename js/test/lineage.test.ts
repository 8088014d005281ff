import { describe, expect, it } from "vitest";
import { GAP, Graph, HEAD, LANE, Layout, type Nodes, ROWS, TILE } from "../src/lineage/graph";
import { Marks } from "../src/lineage/marks";
import { Sheets } from "../src/lineage/sheets";

const nodes = (...of: [slot: number, job: number, by: string, ...parents: number[]][]): Nodes => {
  const operators = [...new Set(of.map(([, , by]) => by))];
  return {
    slots: of.map(([slot]) => slot),
    jobs: of.map(([, job]) => job),
    operators,
    colours: operators.map((name) => (name === "cross" ? "#e69f00" : "")),
    by: of.map(([, , by]) => operators.indexOf(by)),
    degrees: of.map(([, , , ...parents]) => parents.length),
    parents: of.flatMap(([, , , ...parents]) => parents),
  };
};

function family(): Graph {
  const graph = new Graph();
  graph.add(nodes([0, 1, "sample"], [1, 1, "sample"], [2, 1, "sample"]));
  graph.add(nodes([3, 4, "cross", 0, 2], [4, 4, "cross", 0, 2], [9, 6, "mutate", 4]));
  return graph;
}

describe("the graph", () => {
  it("has the colours it was told, and grey for operators that nobody knows", () => {
    const graph = family();
    expect(graph.colour("cross")).toBe("#e69f00");
    expect(graph.colour("mutate")).toBe("#8c8c8c");
    expect(graph.colour("an older version's")).toBe("#8c8c8c");
  });

  it("grows, and knows kin", () => {
    const graph = family();
    expect(graph.size).toBe(6);
    expect(graph.operators[graph.place(9) as number]).toBe("mutate");
    expect([...graph.ancestors(5)].sort()).toEqual([0, 2, 4]);
    expect(graph.children[0]).toEqual([3, 4]);
  });

  it("leaves out parents that are not there, named twice, younger or the node itself", () => {
    const graph = new Graph();
    graph.add(nodes([0, 1, "sample"], [1, 2, "cross", 0, 0, 7, 1, 2], [2, 2, "cross", 1]));
    expect(graph.parents).toEqual([[], [0], [1]]);
    expect([...graph.ancestors(2)].sort()).toEqual([0, 1]);
  });

  it("takes ten times the nodes in about ten times the time", () => {
    const seconds = (count: number): number => {
      const many: [number, number, string, ...number[]][] = [];
      for (let i = 0; i < count; i += 1)
        many.push([i, Math.floor(i / 12), "cross", ...(i > 40 ? [i - 13, i - 30] : [])]);
      const taken = nodes(...many);
      const start = performance.now();
      const graph = new Graph();
      graph.add(taken);
      const layout = new Layout(graph);
      graph.ancestors(count - 1);
      expect(layout.columns.length).toBe(Math.ceil(count / 12));
      return performance.now() - start;
    };
    seconds(3_000); // compiled by now
    const best = (count: number): number => Math.min(seconds(count), seconds(count), seconds(count));
    expect(best(30_000)).toBeLessThan(50 * best(3_000)); // a quadratic way would take 100 times
  });
});

describe("the layout", () => {
  const graph = family();
  const layout = new Layout(graph);

  it("has a column per generation, in the order of jobs, in grid order", () => {
    expect(layout.columns.map((column) => column.nodes)).toEqual([[0, 1, 2], [3, 4], [5]]);
    expect(layout.columns[1]?.x).toBe((layout.columns[0]?.x ?? 0) + TILE + LANE);
    expect(layout.y(2)).toBe(HEAD + 2 * (TILE + GAP));
  });

  it("finds the node under a point, and none between them", () => {
    for (let node = 0; node < graph.size; node += 1) {
      expect(layout.at(layout.x(node) + 1, layout.y(node) + 1)).toBe(node);
      expect(layout.at(layout.x(node) + TILE - 1, layout.y(node) + TILE - 1)).toBe(node);
      expect(layout.at(layout.x(node) + TILE + 1, layout.y(node) + 1)).toBe(-1);
      expect(layout.at(layout.x(node) + 1, layout.y(node) + TILE + 1)).toBe(-1);
    }
    expect(layout.at(-5, -5)).toBe(-1);
  });

  it("steps to neighbours and stays at the borders", () => {
    expect(layout.step(2, 1, 0)).toBe(4); // that column is shorter
    expect(layout.step(4, 0, 1)).toBe(4);
    expect(layout.step(0, -1, 0)).toBe(0);
    expect(layout.step(3, 0, 1)).toBe(4);
  });

  it("breaks a large generation into columns and names the first", () => {
    const big = new Graph();
    big.add(nodes(...Array.from({ length: 30 }, (_, i): [number, number, string] => [i, 0, "sample"])));
    const wide = new Layout(big);
    expect(wide.columns.map((column) => column.nodes.length)).toEqual([ROWS, ROWS, 30 - 2 * ROWS]);
    expect(wide.columns.map((column) => column.head)).toEqual([true, false, false]);
  });

  it("leaves out what is filtered", () => {
    const kept = graph.ancestors(5).add(5);
    const some = new Layout(graph, (node) => kept.has(node));
    expect(some.columns.map((column) => column.nodes)).toEqual([[0, 2], [4], [5]]);
    expect(some.has(1)).toBe(false);
    expect(some.step(5, -1, 0)).toBe(4);
  });

  it("says which columns are in sight", () => {
    expect(layout.between(0, 1e6)).toEqual([0, 3]);
    const [, second] = layout.columns;
    expect(layout.between(second?.x ?? 0, (second?.x ?? 0) + 1)).toEqual([1, 2]);
    expect(layout.between(1e6, 2e6)).toEqual([3, 3]);
  });
});

describe("the sheets", () => {
  it("are as many as what is in sight needs, also after the graph has grown", () => {
    const sheets = new Sheets();
    const paints = { quiet: "", accent: "", sunken: "", bg: "" };
    const draw = (generations: number) => {
      const graph = new Graph();
      for (let i = 0; i < generations; i += 1) graph.add(nodes([i, i, "sample"]));
      const thumbs = { get: () => undefined } as never;
      const look = { graph, layout: new Layout(graph), thumbs, marks: new Marks(graph) };
      const sight = { left: 0, width: 900, zoom: 1, ratio: 1, paints };
      sheets.draw({ ...look, current: 0, line: new Set() }, sight);
      return sheets.el.querySelectorAll(".gw-lineage-line").length;
    };
    expect([draw(2), draw(6), draw(7)]).toEqual([1, 3, 3]);
  });
});
