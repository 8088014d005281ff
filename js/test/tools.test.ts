import { beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../tests/widgets/fixture.json";
import { countUrls, generation, key, type Running, settled, start, tiles } from "./host";

let running: Running;
let root: HTMLElement;
const at = (i: number): HTMLElement => tiles(root)[i] as HTMLElement;
const get = (selector: string): HTMLElement => root.querySelector(selector) as HTMLElement;
const sent = (name: string): Record<string, unknown>[] => running.model.commands(name).map((m) => m.args);
const example = (name: string): Record<string, unknown> =>
  fixture.from_page.find((m) => m.name === name)?.args as Record<string, unknown>;

/** A click at a place of a tile that is 100 × 100 pixels. */
function click(tile: HTMLElement, x: number, y: number): void {
  const box = { left: 0, top: 0, width: 100, height: 100 } as DOMRect;
  const frame = tile.querySelector(".gw-frame") as HTMLElement;
  vi.spyOn(frame, "getBoundingClientRect").mockReturnValue(box);
  const how = { clientX: x, clientY: y, bubbles: true, isPrimary: true };
  for (const type of ["pointerdown", "pointerup"]) frame.dispatchEvent(new PointerEvent(type, how));
  frame.dispatchEvent(new MouseEvent("click", how));
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(640);
  running = start();
  running.model.deliver(generation(6), 6);
  root = running.view().root;
});

describe("tools", () => {
  it("stay out of the way of whoever never takes one up", () => {
    expect(get(".gw-extra").hidden).toBe(true);
    expect(get(".gw-act").hidden).toBe(true);
    at(0).click();
    expect(sent("mark")).toHaveLength(1);
    expect(root.querySelector(".gw-drawing")).toBeNull();
    key(at(0), "m");
    expect(sent("mutate")).toEqual([]);
  });

  it("mutate where a pin is, keeping the rest, and let go when the kernel has taken it", async () => {
    get(".gw-tool-pin").click();
    click(at(2), 30, 70);
    expect(sent("mark")).toEqual([]);
    expect(at(2).dataset.drawn).toBe("1");
    expect(at(2).getAttribute("aria-label")).toContain("1 mark drawn on it");
    get(".gw-apply").click();
    const [args] = sent("mutate");
    expect(args).toEqual({ slot: 12, at: [[0.3, 0.7]], radius: 0.15, n: 12, lock: true });
    expect(Object.keys(args ?? {})).toEqual(Object.keys(example("mutate")));
    expect(at(2).dataset.drawn).toBe("1"); // until it is answered
    running.model.answer(running.model.commands("mutate")[0]?.req ?? "", 3);
    await settled();
    expect(at(2).dataset.drawn).toBeUndefined();
    expect(root.dataset.tool).toBe("select");
  });

  it("lose nothing when the kernel refuses", async () => {
    get(".gw-tool-pin").click();
    click(at(2), 30, 70);
    get(".gw-apply").click();
    const req = running.model.commands("mutate")[0]?.req ?? "";
    running.model.refuse(req, { message: "n=5000: expected at most 1000", detail: "Traceback" });
    await settled();
    expect(at(2).dataset.drawn).toBe("1");
    expect(get(".gw-status-text").textContent).toContain("expected at most 1000");
  });

  it("recombine what is marked on several, by keyboard alone", () => {
    at(1).focus();
    key(at(1), "p");
    key(at(1), "Enter");
    key(at(1), "ArrowRight", { shiftKey: true });
    key(at(1), " ");
    expect(root.querySelectorAll(".gw-aim")).toHaveLength(0);
    key(at(1), "ArrowRight");
    expect(document.activeElement).toBe(at(2));
    key(at(2), "b");
    key(at(2), "Enter");
    key(at(2), "Enter");
    key(at(2), "ArrowDown");
    key(at(2), "Enter");
    expect(root.querySelectorAll(".gw-aim")).toHaveLength(0);
    key(at(2), "m");
    const args = sent("recombine")[0] ?? {};
    expect(Object.keys(args).sort()).toEqual(Object.keys(example("recombine")).sort());
    const [first, second] = args.picks as Record<string, Record<string, unknown>>[];
    expect(first).toEqual({ slot: 11, at: [[0.6, 0.5]] });
    expect(second?.slot).toBe(12);
    expect(Object.keys(second?.region ?? {}).sort()).toEqual(["bits", "height", "kind", "width"]);
    expect(sent("mark")).toEqual([]);
  });

  it("are left with Esc, and marks taken back with Backspace", () => {
    at(0).focus();
    key(at(0), "p");
    key(at(0), "Enter");
    key(at(0), "Enter");
    expect(root.querySelectorAll(".gw-aim").length).toBe(0); // the pin stands where it was
    key(at(0), "Backspace");
    expect(at(0).dataset.drawn).toBeUndefined();
    key(at(0), "Enter");
    expect(root.querySelectorAll(".gw-aim").length).toBeGreaterThan(0);
    key(at(0), "Enter"); // a pin
    key(at(0), "Enter");
    key(at(0), "Escape");
    expect([root.dataset.tool, at(0).dataset.drawn]).toEqual(["select", undefined]);
    expect(root.querySelectorAll(".gw-drawing")).toHaveLength(0);
    expect(get(".gw-apply").closest("[hidden]")).not.toBeNull();
  });

  it("are left with the arrow, which takes their marks and their headline away", () => {
    const title = get(".gw-title").textContent;
    get(".gw-tool-pin").click();
    click(at(2), 30, 70);
    expect(get(".gw-title").textContent).not.toBe(title);
    get(".gw-tool-select").click();
    expect([root.dataset.tool, at(2).dataset.drawn]).toEqual(["select", undefined]);
    expect(get(".gw-title").textContent).toBe(title);
  });

  it("leave a picture its menu, where a press is no mark", () => {
    get(".gw-tool-pin").click();
    const dots = at(2).querySelector<HTMLElement>(".gw-dots") as HTMLElement;
    for (const type of ["pointerdown", "pointerup"])
      dots.dispatchEvent(new PointerEvent(type, { bubbles: true, isPrimary: true, button: 0 }));
    expect(at(2).dataset.drawn).toBeUndefined();
  });

  it("say whether the rest is kept, and what the slider sets", () => {
    get(".gw-tool-pin").click();
    const before = get(".gw-lock").textContent;
    get(".gw-lock").click();
    expect([before, get(".gw-lock").textContent].sort()).toEqual(["Keep the rest: off", "Keep the rest: on"]);
    expect(get(".gw-radius").closest("label")?.textContent).toBe("Size");
    expect(get(".gw-tool-group").textContent).toBe("SelectPinBrush");
  });

  it("say where the crosshair is", async () => {
    at(0).focus();
    key(at(0), "p");
    key(at(0), "Enter");
    key(at(0), "ArrowLeft");
    await settled();
    expect(get(".gw-voice").textContent).toBe("Crosshair at 48 percent across, 50 down");
  });

  it("do not touch images that are not finished", () => {
    const { state } = generation(2);
    const cells = state.cells.map((cell) => ({ ...cell, phase: "preview" as const }));
    running.model.deliver({ kind: "state", state: { ...state, cells } });
    key(at(0), "p");
    click(at(0), 50, 50);
    key(at(0), "Enter");
    expect(root.querySelector(".gw-drawing")).toBeNull();
  });

  it("vary the one favourite, or the image that has the keyboard", () => {
    at(3).click();
    get(".gw-tool-pin").click();
    expect(get(".gw-apply").textContent).toBe("Vary1");
    get(".gw-apply").click();
    key(at(4), "v");
    expect(sent("mutate")[0]).toEqual({ slot: 13, n: 12 });
    expect(sent("mutate")).toHaveLength(2);
  });
});

describe("comparison", () => {
  const open = (compare: "change" | "origin"): void => {
    const { state } = generation(2);
    const cells = state.cells.map((cell) => ({ ...cell, compare }));
    running.model.deliver({ kind: "state", state: { ...state, cells } });
    at(0).focus();
    key(at(0), "c");
  };
  const answer = (name: "change" | "origin", buffers: number[][]): void => {
    const reply = fixture.from_kernel[name];
    const req = running.model.commands(name).at(-1)?.req;
    const data = buffers.map((bytes) => new DataView(new Uint8Array(bytes).buffer));
    for (const handler of running.model.handlers.get("msg:custom") ?? []) handler({ ...reply, req }, data);
  };

  it("shows the change map with its scale and outline, and leaves no Blob URL", async () => {
    open("change");
    const urls = countUrls();
    expect(sent("change")).toEqual([{ slot: 10 }]);
    answer("change", [[1], [2], [3]]);
    await settled();
    expect(get(".gw-layer").dataset.ready).toBe("");
    expect(get(".gw-scale").textContent).toBe("0143.3 of 255");
    expect(get(".gw-means").textContent).toContain("mean 38.2 in the region, 1.1 elsewhere");
    expect(root.querySelectorAll(".gw-layer path")).toHaveLength(2);
    expect(urls.alive.size).toBe(3);
    get(".gw-lightbox .gw-close").click();
    await settled();
    expect(urls.alive.size).toBe(0);
  });

  it("shows the parent for as long as B is held", async () => {
    open("change");
    const box = get(".gw-lightbox");
    get(".gw-look-picture").click();
    key(box, "b");
    expect(get(".gw-layer").dataset.look).toBe("before");
    answer("change", [[1], [2], [3]]);
    await settled();
    expect(get(".gw-legend").textContent).toBe("Image 4, before.");
    box.dispatchEvent(new KeyboardEvent("keyup", { key: "b" }));
    expect(get(".gw-layer").dataset.look).toBe("picture");
    expect(get(".gw-layer").hidden).toBe(true);
  });

  it("says which part came from which parent", async () => {
    open("origin");
    answer("origin", [[0, 0, 1, 255], [1], [2]]);
    await settled();
    const chips = [...root.querySelectorAll<HTMLElement>(".gw-chip")];
    expect(chips.map((chip) => chip.textContent)).toEqual(["4 · 50 %", "7 · 25 %", "new · 25 %"]);
    chips[1]?.focus();
    expect(get(".gw-told").textContent).toBe("The starting noise here is 7’s.");
    chips[2]?.focus();
    expect(get(".gw-told").textContent).toBe("The starting noise here is new.");
    expect(get(".gw-look-before").hidden).toBe(true);
  });

  it("offers no map where there is nothing to compare, but tells why", async () => {
    at(0).focus();
    key(at(0), "c");
    expect(get(".gw-look-map").hidden).toBe(true);
    expect(running.model.sent.filter((m) => m.kind === "cmd")).toEqual([]);
    get(".gw-look-why").click();
    expect(sent("why")).toEqual([{ slot: 10 }]);
    running.model.deliver({
      kind: "reply",
      req: running.model.commands("why")[0]?.req,
      ok: true,
      value: ["It is new.", "Seed 1.", "x′ = x"],
    });
    await settled();
    expect(get(".gw-why").textContent).toBe("It is new.");
    const folded = [...root.querySelectorAll<HTMLDetailsElement>("details.gw-why")];
    expect(folded.map(({ open, textContent }) => [open, textContent])).toEqual([
      [false, "NumbersSeed 1."],
      [false, "Formulasx′ = x"],
    ]);
    expect(get(".gw-layer").hidden).toBe(true);
  });
});

describe("blend", () => {
  it("takes two stars, by button or key, with the settings as typed", () => {
    at(0).click();
    expect(get(".gw-blend").hidden).toBe(true);
    at(2).click();
    expect(get(".gw-blend").hidden).toBe(false);
    get(".gw-blend").click();
    const [args] = sent("blend");
    expect(args?.slots).toEqual([10, 12]);
    expect(Object.keys(args ?? {}).sort()).toEqual(Object.keys(example("blend")).sort());
    key(at(0), "l");
    expect(sent("blend")).toHaveLength(2);
  });

  it("says what is missing", () => {
    key(at(0), "l");
    expect(sent("blend")).toEqual([]);
    expect(get(".gw-status-text").textContent).toContain("at least two");
  });
});

describe("pins on starred images", () => {
  it("are the spots that evolve cuts around", async () => {
    at(1).click();
    running.model.answer(running.model.commands("mark")[0]?.req ?? "", null);
    await settled();
    const starred = generation(6);
    (starred.state.cells[1] as { mark: string }).mark = "star";
    running.model.deliver(starred, 6);
    get(".gw-tool-pin").click();
    click(at(1), 30, 70);
    get(".gw-evolve").click();
    expect(sent("mark").at(-1)).toEqual({ slots: [11], mark: "star", at: [[0.3, 0.7]] });
    expect(sent("evolve")).toEqual([]); // until the spot is taken
    running.model.answer(running.model.commands("mark").at(-1)?.req ?? "", null);
    await settled();
    expect(sent("evolve")).toHaveLength(1);
  });
});

describe("the picture before", () => {
  const changed = (): void => {
    const message = generation(3);
    for (const cell of message.state.cells) (cell as { compare: string }).compare = "change";
    running.model.deliver(message, 3);
  };

  it("is there for as long as H is held", async () => {
    changed();
    at(1).focus();
    key(at(1), "h");
    const { req } = running.model.commands("change")[0] ?? { req: "" };
    const value = { media_type: "image/webp" };
    running.model.deliver({ kind: "reply", req, ok: true, value }, 1);
    await settled();
    expect(at(1).querySelector(".gw-was")).not.toBeNull();
    at(1).dispatchEvent(new KeyboardEvent("keyup", { key: "h", bubbles: true }));
    expect(at(1).querySelector(".gw-was")).toBeNull();
    key(at(1), "h");
    expect(at(1).querySelector(".gw-was")).not.toBeNull(); // fetched once
    expect(sent("change")).toHaveLength(1);
  });

  it("is offered where there was one", () => {
    expect(at(0).querySelector<HTMLElement>(".gw-past")?.hidden).toBe(true);
    key(at(0), "h");
    expect(sent("change")).toEqual([]);
    changed();
    expect(at(0).querySelector<HTMLElement>(".gw-past")?.hidden).toBe(false);
  });
});
