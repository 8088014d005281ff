import { describe, expect, it } from "vitest";
import { countListeners, generation, key, start } from "./host";

const open = () => {
  const listeners = countListeners();
  const running = start();
  running.model.deliver(generation(3), 3);
  const { root, close } = running.view();
  const tab = (kind: string) => root.querySelector<HTMLElement>(`.gw-tab[data-tab=${kind}]`) as HTMLElement;
  const inner = (kind: string) => root.querySelector<HTMLElement>(`.gw-root.gw-${kind}`);
  const say = (name: string, content: unknown, buffers = 0) =>
    running.model.deliver({ kind: "tab", name, content }, buffers);
  const told = (name: string) =>
    running.model.sent.flatMap((m) => (m.kind === "tab" && m.name === name ? [m] : []));
  return { ...running, root, close, tab, inner, say, told, listeners };
};
const plane = { slots: [], choices: [], weights: [34, 33, 33], kept: null, why: "star three" };
const taste = { version: 1, job: null, notices: [], report: null, why: "star some", ways: [], plane };
const snapshot = { kind: "snapshot", state: taste, tiles: [] };

describe("the tabs", () => {
  it("are six, of which the grid is open, and the others are neither built nor asked for", () => {
    const { root, model } = open();
    const tabs = [...root.querySelectorAll<HTMLElement>("[role=tab]")];
    expect(tabs.map((tab) => tab.textContent)).toEqual("Grid Lineage Compose Look Optimise Taste".split(" "));
    expect(tabs.map((tab) => tab.getAttribute("aria-selected"))).toEqual(["true", ...Array(5).fill("false")]);
    expect(tabs.map((tab) => tab.tabIndex)).toEqual([0, ...Array(5).fill(-1)]);
    for (const tab of tabs)
      expect(
        root.querySelector(`#${tab.getAttribute("aria-controls")}`)?.getAttribute("aria-labelledby"),
      ).toBe(tab.id);
    expect(root.querySelectorAll(".gw-root").length).toBe(0);
    expect(model.sent.map((m) => m.kind)).toEqual(["hello"]);
  });

  it("open a panel that talks within the workbench's messages", () => {
    const { tab, inner, say, told, root, model } = open();
    tab("taste").click();
    expect(told("taste").map((m) => (m.content as { kind: string }).kind)).toEqual(["hello"]);
    say("taste", snapshot);
    say("lineage", { kind: "snapshot", state: { ...taste, why: "not mine" }, tiles: [] });
    expect(inner("taste")?.textContent).toContain("star some");
    expect(inner("taste")?.textContent).not.toContain("not mine");
    expect(root.querySelector<HTMLElement>(".gw-grid")?.closest<HTMLElement>("[role=tabpanel]")?.hidden).toBe(
      true,
    );
    inner("taste")?.querySelector<HTMLElement>(".gw-taste-grid")?.click();
    expect(tab("grid").getAttribute("aria-selected")).toBe("true");
    model.deliver({ kind: "closed" });
    tab("taste").click();
    expect(inner("taste")?.dataset.state).toBe("closed");
  });

  it("tell of what is painted in the grid, above all that may be out of sight", () => {
    const progress = { step: 3, steps: 20, done: 0, n: 12, rate: null, remaining: null };
    const job = { job: 1, operator: "suggest", state: "running", progress };
    for (const [name, below] of [
      ["taste", "h3"],
      ["lineage", ".gw-lineage-main"],
    ] as const) {
      const { tab, inner, say } = open();
      tab(name).click();
      const none = { slots: [], jobs: [], operators: [], by: [], degrees: [], parents: [] };
      const graph = { from: 0, count: 0, nodes: none, stars: [], rejects: [], undone: [], made: "" };
      say(name, { kind: "snapshot", state: { ...taste, ...graph, job }, tiles: [] });
      const status = inner(name)?.querySelector(".gw-status") as HTMLElement;
      expect(status.textContent).toContain("Painting 12 in Grid: Step 3 of 20");
      const rest = inner(name)?.querySelector(below) as HTMLElement;
      expect(status.compareDocumentPosition(rest)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    }
  });

  it("tell a panel nothing while it is not looked at, and everything when it is again", () => {
    const { tab, inner, say } = open();
    tab("taste").click();
    say("taste", snapshot);
    tab("grid").click();
    say("taste", { kind: "state", state: { ...taste, version: 2, why: "later" } });
    expect(inner("taste")?.textContent).toContain("star some");
    tab("taste").click();
    expect(inner("taste")?.textContent).toContain("later");
  });

  it("show the sum of what was set meanwhile, as after an undo in the grid", () => {
    const { tab, inner, say } = open();
    const preview = (prompt: string) => ({
      ...{ prompt, full: true, step: 3, steps: 3, seconds: 1 },
      attribution: {
        concepts: [{ text: prompt, coefficient: 5 }],
        high: 1,
        means: [1],
        arrows: [],
        flat: [],
      },
    });
    const settings = { prompt: "a hat", chips: [], steps: 3, w: 64, h: 64, guidance: 5, negation: "linear" };
    const rest = { on: null, choices: [], kept: null, doubts: [], can_undo: true, can_redo: false };
    const state = { ...taste, ...settings, ...rest, preview: preview("a hat") };
    const equation = () => inner("composer")?.querySelector(".gw-composer-equation")?.textContent;
    tab("composer").click();
    say("composer", { kind: "snapshot", state, tiles: [] });
    expect(equation()).toContain("a hat");
    tab("grid").click();
    // The kernel tells of the undo at once, and of the new preview when it is painted.
    say("composer", { kind: "state", state: { ...state, version: 2, prompt: "a fox" } });
    say("composer", { kind: "frame", seq: 1, job: null, tiles: [], news: preview("a fox") });
    tab("composer").click();
    expect(equation()).toBe("ε* = ε(∅) + 5 · [ (ε(a fox) − ε(∅)) ]");
  });

  it("look at the generation that the grid is at, and at a picture of it that was chosen", () => {
    const { tab, say, told, model } = open();
    const map = { words: [], source: "", problem: "", looking: false, map: null };
    const asked = () => told("saliency").flatMap(({ content }) => (content as { args?: object }).args ?? []);
    const looks = (candidate: number): void => {
      tab("saliency").click();
      const state = { ...taste, ...map, candidate, choices: [candidate] };
      say("saliency", { kind: "state", state });
      tab("grid").click();
    };
    looks(10); // by itself at the newest
    looks(12); // chosen there: it stays
    expect(asked()).toEqual([]);
    const older = generation(3).state.cells.map((cell, i) => ({
      ...cell,
      slot: i,
      mark: i ? "star" : "none",
    }));
    model.deliver(generation(3, { cells: older } as never), 3);
    tab("saliency").click();
    expect(asked()).toEqual([{ slot: 1 }]);
  });

  it("are reached by T from anywhere, walked by arrows, and opened by Enter alone", () => {
    const { root, tab, told, say } = open();
    key(root.querySelector(".gw-tile") as HTMLElement, "t");
    expect(document.activeElement).toBe(tab("grid"));
    key(tab("grid"), "ArrowLeft");
    expect(document.activeElement).toBe(tab("taste"));
    expect(told("taste")).toEqual([]);
    tab("taste").click();
    say("taste", snapshot);
    key(root.querySelector(".gw-taste-suggest") as HTMLElement, "t");
    expect(document.activeElement).toBe(tab("taste"));
    key(tab("taste"), "Home");
    expect(document.activeElement).toBe(tab("grid"));
  });

  it("of a view that closes leave nothing behind", () => {
    const { tab, say, close, life, model, listeners } = open();
    for (const kind of ["taste", "lineage", "composer", "saliency", "monitor"]) tab(kind).click();
    say("taste", snapshot);
    close();
    life.abort();
    expect(listeners.alive).toBe(0);
    expect(model.listening).toBe(0);
  });

  it("are not there where the grid is alone", () => {
    const { view } = start({ mode: "grid" });
    expect(view().root.querySelector("[role=tablist]")).toBeNull();
  });
});
