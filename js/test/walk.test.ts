import { describe, expect, it } from "vitest";
import type { Key } from "../src/keys";
import { Graph } from "../src/lineage/graph";
import { action, belongsTo } from "../src/lineage/keys";
import { Marks } from "../src/lineage/marks";
import { Walk } from "../src/lineage/walk";

/** 0 and 1 are sampled, 2 and 3 crossed from both, 4 is mutated from 3. */
function family(): Graph {
  const graph = new Graph();
  graph.add({
    slots: [0, 1, 2, 3, 4],
    jobs: [1, 1, 2, 2, 3],
    operators: ["sample", "cross", "mutate"],
    by: [0, 0, 1, 1, 2],
    degrees: [0, 0, 2, 2, 1],
    parents: [0, 1, 0, 1, 3],
  });
  return graph;
}

describe("a walk through the lineage", () => {
  const graph = family();
  const marks = new Marks(graph);
  const walk = new Walk(graph, marks);
  walk.lay();

  it("knows kin and ends, and stays where there is nobody", () => {
    walk.go(3);
    expect([walk.parent, walk.child, walk.first, walk.last]).toEqual([0, 4, 0, 4]);
    expect([...walk.line].sort()).toEqual([0, 1]);
    walk.go(4);
    expect(walk.child).toBe(4);
  });

  it("passes over what the filter hides", () => {
    marks.take({ stars: [2], rejects: [], undone: [] });
    walk.starsOnly = true;
    walk.lay();
    expect(walk.shown).toBe(3); // the starred one and both its parents
    expect(walk.there).toBe(false);
    walk.go(0);
    expect(walk.child).toBe(2);
    expect(walk.last).toBe(2);
  });
});

describe("the lineage's keys", () => {
  const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  const press = (key: string, more: Partial<Key> = {}) => action({ key, ...none, ...more });

  it("are letters of either case, and nobody's with a modifier", () => {
    expect([press("p"), press("P"), press("Enter"), press("q")]).toEqual([
      "parent",
      "parent",
      "details",
      null,
    ]);
    expect(press("Enter", { shiftKey: true })).toBe("pick");
    expect(press("c", { ctrlKey: true })).toBeNull();
  });

  it("leave buttons and sliders their own", () => {
    const button = document.createElement("button");
    expect([belongsTo(button, " "), belongsTo(button, "ArrowUp"), belongsTo(button, "v")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(belongsTo(document.createElement("input"), "v")).toBe(true);
  });
});
