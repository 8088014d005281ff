import { describe, expect, it, vi } from "vitest";
import fixture from "../../tests/widgets/fixture.json";
import { countListeners, countUrls, generation, settled, start, tiles } from "./host";

const text = (root: Element, selector: string): string => root.querySelector(selector)?.textContent ?? "";

describe("frames", () => {
  it("are acknowledged once, however many views there are, and after they are painted", async () => {
    const { model, view } = start();
    view();
    view();
    model.deliver(fixture.from_kernel.snapshot, 2);
    model.deliver(fixture.from_kernel.frame, 1);
    expect(model.sent.filter((m) => m.kind === "ack")).toEqual([]);
    await settled();
    expect(model.sent.filter((m) => m.kind === "ack")).toEqual([{ kind: "ack", seq: 3 }]);
  });

  it("are kept but not acknowledged while nobody looks", async () => {
    const { model, view } = start();
    model.deliver(fixture.from_kernel.snapshot, 2);
    model.deliver(fixture.from_kernel.frame, 1);
    await settled();
    expect(model.sent.filter((m) => m.kind === "ack")).toEqual([]);
    const { root } = view();
    expect(tiles(root)[2]?.dataset.phase).toBe("preview");
    expect(tiles(root)[2]?.querySelector("img")?.src).toMatch(/^blob:/);
  });

  it("are acknowledged even when a picture cannot be decoded", async () => {
    vi.spyOn(HTMLImageElement.prototype, "decode").mockRejectedValue(new Error("replaced"));
    const { model, view } = start();
    view();
    model.deliver(fixture.from_kernel.snapshot, 2);
    model.deliver(fixture.from_kernel.frame, 1);
    await settled();
    expect(model.sent.at(-1)).toEqual({ kind: "ack", seq: 3 });
  });

  it("do not replace exact pixels by lossy ones", () => {
    const urls = countUrls();
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(1), 1);
    const before = root.querySelector("img")?.src;
    const tile = { slot: 10, w: 64, h: 64, media_type: "image/jpeg", final: true, exact: false };
    model.deliver({ kind: "frame", seq: 1, job: null, tiles: [tile] }, 1);
    expect(root.querySelector("img")?.src).toBe(before);
    expect(urls.alive.size).toBe(1);
  });
});

describe("leaks", () => {
  it("leave no Blob URL of a replaced picture, a closed view or an ended model", () => {
    const urls = countUrls();
    const { model, life, view } = start();
    model.deliver(generation(3), 3);
    expect(urls.alive.size).toBe(0); // nobody looks
    const [one, two] = [view(), view()];
    expect(urls.alive.size).toBe(3); // shared
    for (let seq = 1; seq <= 50; seq += 1) {
      const frame = { ...fixture.from_kernel.frame, seq };
      model.deliver({ ...frame, tiles: [{ ...frame.tiles[0], slot: 11 }] }, 1);
    }
    expect(urls.alive.size).toBe(3);
    model.deliver({ kind: "state", state: generation(2).state });
    expect(urls.alive.size).toBe(2);
    one.close();
    expect(urls.alive.size).toBe(2);
    two.close();
    expect(urls.alive.size).toBe(0);
    expect(tiles(view().root)).toHaveLength(2);
    expect(urls.alive.size).toBe(2);
    life.abort();
    expect(urls.alive.size).toBe(0);
  });

  it("leave no listener of a tile, a view or a model", () => {
    const listeners = countListeners();
    const { model, life, view } = start();
    model.deliver(generation(3), 3);
    const first = view();
    const withThree = listeners.alive;
    model.deliver(generation(30), 30);
    expect(listeners.alive).toBeGreaterThan(withThree);
    model.deliver(generation(3), 3);
    expect(listeners.alive).toBe(withThree);
    const second = view();
    second.close();
    expect(listeners.alive).toBe(withThree);
    first.close();
    expect(listeners.alive).toBe(0);
    expect(listeners.unsignalled).toEqual([]);
    expect(model.listening).toBeGreaterThan(0);
    life.abort();
    expect(model.listening).toBe(0);
  });
});

describe("marks", () => {
  it("show at once, on every view, and fall back when refused", async () => {
    const { model, view } = start();
    const [one, two] = [view().root, view().root];
    model.deliver(generation(3), 3);
    tiles(one)[1]?.click();
    expect([one, two].map((root) => tiles(root)[1]?.dataset.mark)).toEqual(["star", "star"]);
    model.refuse(model.commands("mark")[0]?.req ?? "", { message: "no candidate 11", detail: "Traceback" });
    await settled();
    expect(tiles(two)[1]?.dataset.mark).toBe("none");
    expect(text(one, ".gw-status-text")).toBe("no candidate 11");
    const more = one.querySelector<HTMLElement>(".gw-more");
    expect(one.querySelector<HTMLElement>(".gw-detail")?.hidden).toBe(true);
    more?.click();
    expect(one.querySelector<HTMLElement>(".gw-detail")?.hidden).toBe(false);
    expect(text(one, ".gw-detail")).toBe("Traceback");
  });
});
