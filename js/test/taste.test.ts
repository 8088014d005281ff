import type { AnyModel } from "@anywidget/types";
import { describe, expect, it, vi } from "vitest";
import factory from "../src/index";
import { shares } from "../src/taste/plane";
import { FakeModel, generation, key, start } from "./host";

const report = (question: number[]) => ({
  ...{ summary: "", sees: "", stars: 3, comparisons: 9, auc: null, used: false, foretold: [] },
  likes: [],
  question,
});
const state = (question: number[], more = {}) => ({
  ...{ version: 1, job: null, notices: [], report: report(question), why: "", of: 4, can_undo: true },
  ways: [
    ["taste", "taste: 3 ×"],
    ["published", "as published"],
  ],
  plane: { slots: [4, 7, 9], choices: [1, 4, 7, 9], weights: [34, 33, 33], kept: null, why: "" },
  ...more,
});

const open = (question: number[] = [5, 0, 2, 8]) => {
  const model = new FakeModel({ kind: "taste" } as never);
  const widget = factory();
  const asModel = model as unknown as AnyModel<never>;
  widget.initialize({ model: asModel, signal: new AbortController().signal } as never);
  const el = document.createElement("div");
  document.body.append(el);
  widget.render({ model: asModel, el, signal: new AbortController().signal } as never);
  const told = (now: object) => model.deliver({ kind: "snapshot", state: now, tiles: [] });
  told(state(question));
  const root = el.querySelector(".gw-root") as HTMLElement;
  const find = <T extends HTMLElement>(name: string) => root.querySelector<T>(`.gw-${name}`) as T;
  const last = (name: string) => model.commands(name).at(-1);
  return { model, root, told, find, last };
};

describe("a choice of one among several", () => {
  it("is told by click, by its number's key, and by 0 where it cannot be told; each question once", () => {
    const { model, root, told, last } = open();
    const cards = () => [...root.querySelectorAll<HTMLElement>(".gw-taste-choice")];
    expect(cards().map((card) => card.textContent)).toEqual([
      "1 This one",
      "2 This one",
      "3 This one",
      "4 This one",
    ]);
    cards()[1]?.click(); // image 0, which is as good a number as any
    expect(last("prefer")?.args).toEqual({ slots: [5, 0, 2, 8], better: 0 });
    key(root, "3");
    expect(model.commands("prefer").length).toBe(1); // the next question is not here yet
    told(state([1, 2, 3], { version: 2 }));
    key(root, "4");
    expect(model.commands("prefer").length).toBe(1); // there is no fourth
    key(root, "3");
    expect(last("prefer")?.args).toEqual({ slots: [1, 2, 3], better: 3 });
    told(state([1, 2, 3], { version: 3 })); // undone: it is asked again
    key(root, "0");
    expect(last("prefer")?.args).toEqual({ slots: [1, 2, 3] });
  });

  it("may be answered again once it was refused, and is taken back with Undo", async () => {
    const { model, root, find } = open();
    key(root, "1");
    model.refuse(model.commands("prefer")[0]?.req ?? "", { message: "no", detail: "" });
    await vi.waitFor(() => {
      key(root, "2");
      expect(model.commands("prefer").length).toBe(2);
    });
    find("taste-undo").click();
    expect(model.commands("undo").length).toBe(1);
    const count = root.querySelector<HTMLSelectElement>("[aria-label='How many to choose from']");
    expect(count?.value).toBe("4");
    if (count) count.value = "9";
    count?.dispatchEvent(new Event("change"));
    expect(model.commands("ask")[0]?.args).toEqual({ of: 9 });
  });

  it("is hidden where there is nothing to ask, and its keys mean nothing", () => {
    const { model, root, find } = open([]);
    expect(find("taste-ask").parentElement?.hidden).toBe(true);
    key(root, "1");
    expect(model.commands("prefer")).toEqual([]);
  });
});

describe("the point between three favourites", () => {
  it("has the shares of its barycentric coordinates, and those of the nearest side outside", () => {
    expect(shares(0.5, 0)).toEqual([100, 0, 0]);
    expect(shares(0, 1)).toEqual([0, 100, 0]);
    expect(shares(1, 1)).toEqual([0, 0, 100]);
    expect(shares(0.5, 2 / 3)).toEqual([33, 34, 33]);
    for (const [x, y] of [
      [-1, 0.4],
      [2, 0.4],
      [0.2, -3],
      [0.3, 9],
      [0.505, 0.495],
    ] as const) {
      const found = shares(x, y);
      expect(found.reduce((a, b) => a + b)).toBe(100);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    }
    // A point is the sum of its corners: (0.5, 0), (0, 1), (1, 1).
    for (let a = 0; a <= 100; a += 10)
      for (let c = 0; c <= 100 - a; c += 10) {
        const [x, y] = [(a / 2 + c) / 100, 1 - a / 100];
        expect(shares(x, y)).toEqual([a, 100 - a - c, c]);
      }
  });

  it("moves by arrows, says where it is, is sketched and kept", () => {
    const { model, root, find, last } = open();
    const dot = find("taste-dot");
    expect(dot.getAttribute("aria-valuetext")).toBe("34 % of 4, 33 % of 7, 33 % of 9");
    key(dot, "ArrowUp");
    expect(last("move")?.args).toEqual({ weights: [39, 31, 30], full: true });
    expect(dot.getAttribute("aria-valuetext")).toBe("39 % of 4, 31 % of 7, 30 % of 9");
    for (let i = 0; i < 20; i += 1) key(dot, "ArrowUp");
    expect(dot.getAttribute("aria-valuetext")).toBe("100 % of 4, 0 % of 7, 0 % of 9");
    key(root, "ArrowLeft"); // elsewhere an arrow is the page's
    expect(dot.getAttribute("aria-valuenow")).toBe("100");
    find("composer-keep").click();
    expect(model.commands("keep").length).toBe(1);
  });

  it("has corners that never are the same image", () => {
    const { root, last } = open();
    const [top] = root.querySelectorAll<HTMLSelectElement>(".gw-taste-corner select");
    if (top) top.value = "9";
    top?.dispatchEvent(new Event("change"));
    expect(last("corners")?.args).toEqual({ slots: [9, 7, 4] });
  });
});

describe("best of", () => {
  it("tells what it costs before, asks for more than it keeps, and is remembered", () => {
    const { model, view } = start();
    model.deliver(generation(3), 3);
    const { root, close } = view();
    const field = (name: string) => root.querySelector<HTMLInputElement>(`.gw-${name}`) as HTMLInputElement;
    const best = [...root.querySelectorAll<HTMLLabelElement>(".gw-fields label")].find((label) =>
      label.textContent?.startsWith("Best of"),
    );
    const select = best?.querySelector("select") as HTMLSelectElement;
    field("generate").click();
    expect(model.commands("sample").at(-1)?.args).not.toHaveProperty("of");
    field("steps").value = "10";
    select.value = "4";
    for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
    expect(best?.querySelector("output")?.textContent).toBe("4.4 × the time");
    expect(best?.querySelector("output")?.title).toBe("12 of 48");
    field("generate").click();
    expect(model.commands("sample").at(-1)?.args).toMatchObject({ n: 12, of: 48 });
    expect(localStorage.getItem("guidewidgets.best")).toBe("4");
    localStorage.removeItem("guidewidgets.best");
    close();
  });
});
