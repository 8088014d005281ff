import { beforeEach, describe, expect, it, vi } from "vitest";
import { generation, key, type Running, settled, start, tiles } from "./host";

/** Four columns: the layout engine of a test has no widths. */
const WIDTH = 640;

let running: Running;
let root: HTMLElement;
const at = (i: number): HTMLElement => tiles(root)[i] as HTMLElement;
const marks = (): unknown[] => running.model.commands("mark").map((m) => m.args);
const starred = (): number[] =>
  tiles(root).flatMap((t, i) => (t.getAttribute("aria-selected") === "true" ? [i] : []));

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(WIDTH);
  running = start();
  running.model.deliver(generation(10), 10);
  root = running.view().root;
});

describe("as a WAI-ARIA grid", () => {
  it("has rows of cells with places and names", () => {
    const grid = root.querySelector("[role=grid]");
    expect(grid?.getAttribute("aria-multiselectable")).toBe("true");
    expect([grid?.getAttribute("aria-rowcount"), grid?.getAttribute("aria-colcount")]).toEqual(["2", "5"]);
    const rows = [...(grid?.children ?? [])];
    expect(
      rows.map((r) => [r.getAttribute("role"), r.getAttribute("aria-rowindex"), r.children.length]),
    ).toEqual([
      ["row", "1", 5],
      ["row", "2", 5],
    ]);
    expect(at(6).getAttribute("role")).toBe("gridcell");
    expect(at(6).getAttribute("aria-colindex")).toBe("2");
    expect(at(6).getAttribute("aria-label")).toBe("a fox, number 16");
    expect(at(6).getAttribute("aria-selected")).toBe("false");
  });

  it("is one tab stop, on the cell itself, with nothing to tab to inside", () => {
    expect(tiles(root).filter((t) => t.tabIndex === 0)).toEqual([at(0)]);
    expect(root.querySelectorAll(".gw-tile :is(button, a, input, [tabindex])")).toHaveLength(0);
    at(0).focus();
    key(at(0), "ArrowDown");
    expect(document.activeElement).toBe(at(5));
    expect(tiles(root).filter((t) => t.tabIndex === 0)).toEqual([at(5)]);
  });

  it("is entered at its first picture, from the button that made it", () => {
    at(3).focus();
    const generate = root.querySelector<HTMLElement>(".gw-generate") as HTMLElement;
    generate.focus();
    key(generate, "ArrowDown");
    expect(document.activeElement).toBe(at(0));
  });

  it("tells its marks", () => {
    at(3).click();
    expect(at(3).getAttribute("aria-label")).toBe("a fox, number 13, starred");
    key(at(3), "x");
    expect(at(3).getAttribute("aria-label")).toBe("a fox, number 13, rejected");
    expect(at(3).getAttribute("aria-selected")).toBe("false");
  });

  it("opens at a double click, and is marked as before", () => {
    const twice = (): void => {
      for (const detail of [1, 2]) at(3).dispatchEvent(new MouseEvent("click", { detail, bubbles: true }));
    };
    const box = root.querySelector(".gw-lightbox") as HTMLDialogElement;
    for (const mark of ["none", "reject", "star"]) {
      if (mark === "reject") key(at(3), "x");
      if (mark === "star") at(3).click();
      expect(at(3).dataset.mark).toBe(mark);
      twice();
      expect([at(3).dataset.mark, box.open]).toEqual([mark, true]);
      box.close();
    }
  });

  it("names prompts as text, never as markup", () => {
    const bad = generation(1);
    const evil = "<img src=x onerror=alert(1)>";
    bad.state.cells = bad.state.cells.map((c) => ({ ...c, label: evil }));
    running.model.deliver(
      { ...bad, state: { ...bad.state, title: evil, settings: { ...bad.state.settings, prompt: evil } } },
      1,
    );
    expect(root.querySelectorAll("img[onerror]")).toHaveLength(0);
    expect(root.querySelector(".gw-title")?.textContent).toBe(evil);
  });
});

describe("by keyboard", () => {
  it("moves with arrows, Home and End, and stops at the edges", () => {
    at(0).focus();
    for (const [name, index] of [
      ["ArrowLeft", 0],
      ["ArrowRight", 1],
      ["ArrowUp", 1],
      ["ArrowDown", 6],
      ["End", 9],
      ["Home", 5],
    ] as const) {
      key(document.activeElement as Element, name);
      expect(document.activeElement).toBe(at(index));
    }
    key(at(5), "Home", { ctrlKey: true });
    expect(document.activeElement).toBe(at(0));
    key(at(0), "End", { ctrlKey: true });
    expect(document.activeElement).toBe(at(9));
  });

  it("stars with Space and with the number of the place, and takes it back", () => {
    at(2).focus();
    key(at(2), " ");
    key(at(2), "7");
    expect(starred()).toEqual([2, 6]);
    key(at(2), " ");
    expect(starred()).toEqual([6]);
    expect(marks()).toEqual([
      { slots: [12], mark: "star" },
      { slots: [16], mark: "star" },
      { slots: [12], mark: "none" },
    ]);
  });

  it("stars a range with Shift and arrows", () => {
    at(1).focus();
    key(at(1), "ArrowRight", { shiftKey: true });
    key(at(2), "ArrowRight", { shiftKey: true });
    expect(starred()).toEqual([1, 2, 3]);
    expect(marks()).toEqual([
      { slots: [11, 12], mark: "star" },
      { slots: [13], mark: "star" },
    ]);
  });

  it("rejects with x, undoes with z, redoes with shift z, opens the keys with ?", () => {
    at(4).focus();
    key(at(4), "x");
    expect(marks()).toEqual([{ slots: [14], mark: "reject" }]);
    key(at(4), "z");
    key(at(4), "Z", { shiftKey: true });
    expect(running.model.commands("undo")).toHaveLength(1);
    expect(running.model.commands("redo")).toHaveLength(1);
    key(at(4), "?");
    expect(root.querySelector<HTMLDialogElement>(".gw-keys")?.open).toBe(true);
  });

  it("leaves letters typed into the prompt alone, and the notebook out of it", () => {
    const outside = vi.fn();
    running.model.deliver(generation(2), 2);
    root.parentElement?.addEventListener("keydown", outside);
    const area = root.querySelector(".gw-prompt") as Element;
    for (const letter of ["z", "x", "1", "?", " "]) key(area, letter);
    expect(running.model.sent.filter((m) => m.kind === "cmd")).toEqual([]);
    expect(outside).not.toHaveBeenCalled();
    expect(root.dataset.lmSuppressShortcuts).toBe("true");
  });
});

describe("by mouse", () => {
  it("stars a range with Shift and a click, as one command", () => {
    at(2).click();
    at(5).dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true }));
    expect(starred()).toEqual([2, 3, 4, 5]);
    expect(marks().at(-1)).toEqual({ slots: [13, 14, 15], mark: "star" });
  });

  it("zooms by the corner button without starring", async () => {
    at(2)
      .querySelector<HTMLElement>(".gw-zoom")
      ?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const box = root.querySelector<HTMLDialogElement>(".gw-lightbox");
    expect(box?.open).toBe(true);
    expect(box?.querySelector("h2")?.textContent).toBe("Image 12");
    expect(box?.querySelector("img")?.hasAttribute("data-exact")).toBe(true);
    expect(marks()).toEqual([]);
    key(box as Element, "ArrowRight");
    expect(box?.querySelector("h2")?.textContent).toBe("Image 13");
    running.model.deliver({ kind: "state", state: generation(1).state });
    expect(box?.open).toBe(false); // undone meanwhile
  });
});

describe("focus", () => {
  it("stays in the grid when a new generation comes", () => {
    at(4).focus();
    const next = generation(3);
    next.state.cells = next.state.cells.map((c) => ({ ...c, slot: c.slot + 90 }));
    running.model.deliver({ ...next, tiles: [] });
    expect(tiles(root)).toHaveLength(3);
    expect(document.activeElement).toBe(at(2));
  });
});

describe("the prompt", () => {
  const area = (): HTMLTextAreaElement => root.querySelector(".gw-prompt") as HTMLTextAreaElement;

  it("generates on Enter with everything as typed", () => {
    area().value = "a hat";
    area().dispatchEvent(new Event("input"));
    key(area(), "Enter");
    expect(running.model.commands("sample")[0]?.args).toEqual({
      n: 12,
      prompt: "a hat",
      steps: 20,
      guidance: 5,
    });
  });

  it("shows where it stops making sense", async () => {
    area().value = "a fox AND AND b";
    area().dispatchEvent(new Event("input"));
    key(area(), "Enter");
    const error = {
      message: "a concept is missing here",
      detail: "t",
      line: 1,
      column: 11,
      hint: "name one",
    };
    running.model.refuse(running.model.commands("sample")[0]?.req ?? "", error);
    await settled();
    expect(root.querySelector(".gw-error-text")?.textContent).toBe("A concept is missing here.");
    expect(root.querySelector(".gw-caret")?.textContent).toBe("A");
    expect(root.querySelector(".gw-error-source")?.textContent).toBe("a fox AND AND b");
    expect(area().selectionStart).toBe(10);
    area().dispatchEvent(new Event("input"));
    expect(root.querySelector<HTMLElement>(".gw-prompt-error")?.hidden).toBe(true);
  });

  it("is never replaced under the user's hands", () => {
    area().value = "half a sent";
    area().dispatchEvent(new Event("input"));
    const { state } = generation(2);
    running.model.deliver({
      kind: "state",
      state: { ...state, settings: { ...state.settings, prompt: "other" } },
    });
    expect(area().value).toBe("half a sent");
  });
});

describe("evolve", () => {
  it("explains itself while nothing is starred", () => {
    const button = root.querySelector<HTMLElement>(".gw-evolve");
    expect(button?.getAttribute("aria-disabled")).toBe("true");
    button?.click();
    expect(running.model.commands("evolve")).toEqual([]);
    expect(root.querySelector(".gw-status-text")?.textContent).toContain("Nothing is starred yet");
    at(0).click();
    expect(button?.getAttribute("aria-disabled")).toBe("false");
    button?.click();
    expect(running.model.commands("evolve")).toHaveLength(1);
  });
});
