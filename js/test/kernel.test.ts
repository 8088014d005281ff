import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixture from "../../tests/widgets/fixture.json";
import { STATIC_AFTER_MS } from "../src/panel/channel";
import { LATE_AFTER_MS } from "../src/requests";
import { generation, settled, start, tiles } from "./host";

const text = (root: Element, selector: string): string => root.querySelector(selector)?.textContent ?? "";

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("makes a page without kernel static: pictures from traits, no actions", () => {
    const { state, tiles: described } = generation(2);
    const marked = { ...state, cells: state.cells.map((c) => ({ ...c, mark: "star" as const })) };
    const data = described.map(() => new DataView(new ArrayBuffer(1)));
    const { view } = start({
      mode: "workbench",
      selection: [11],
      still: { state: marked, tiles: described },
      tiles: data,
    });
    const { root } = view();
    expect(tiles(root).map((t) => t.querySelector("img")?.src.slice(0, 5))).toEqual(["blob:", "blob:"]);
    expect(tiles(root).map((t) => t.dataset.mark)).toEqual(["none", "star"]);
    vi.advanceTimersByTime(STATIC_AFTER_MS);
    expect(root.dataset.state).toBe("static");
  });

  it("brings it to life when the kernel answers after all", () => {
    const { model, view } = start();
    const { root } = view();
    vi.advanceTimersByTime(STATIC_AFTER_MS);
    model.deliver(fixture.from_kernel.state);
    expect(root.dataset.state).toBe("live");
  });

  it("says that the kernel is busy, until it answers", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(2, { can_undo: true }), 2);
    root.querySelector<HTMLElement>(".gw-undo")?.click();
    vi.advanceTimersByTime(LATE_AFTER_MS - 1);
    expect(text(root, ".gw-status-text")).not.toContain("busy");
    vi.advanceTimersByTime(1);
    expect(text(root, ".gw-status-text")).toContain("comes after it");
    expect(root.hasAttribute("data-busy")).toBe(true);
    model.answer(model.commands("undo")[0]?.req ?? "");
    expect(text(root, ".gw-status-text")).not.toContain("busy");
  });

  it("says that it is worked on where the kernel answers pings, and nothing once the answer is there", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(2, { can_undo: true }), 2);
    root.querySelector<HTMLElement>(".gw-undo")?.click();
    for (let i = 0; i < 20; i += 1) {
      vi.advanceTimersByTime(500);
      while (model.sent.at(-1)?.kind === "ping") {
        model.sent.pop();
        model.deliver({ kind: "pong" });
      }
    }
    expect(text(root, ".gw-status-text")).toBe("Working …");
    model.answer(model.commands("undo")[0]?.req ?? "");
    expect(text(root, ".gw-status-text")).not.toContain("Working");
    const before = model.sent.length;
    vi.advanceTimersByTime(10_000);
    expect(model.sent.length).toBe(before); // nothing is waited for: no pings
  });

  it("notices a job that nobody tells of any more, and forgets it when the kernel is back", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(fixture.from_kernel.snapshot, 2);
    model.deliver(fixture.from_kernel.frame, 1);
    vi.advanceTimersByTime(3000);
    expect(text(root, ".gw-status-text")).toContain("no longer there");
    model.deliver({ kind: "pong" });
    expect(text(root, ".gw-status-text")).not.toContain("no longer there");
  });

  it("lets screen readers hear at most one sentence in two seconds", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(fixture.from_kernel.snapshot, 2);
    const said: string[] = [];
    for (let i = 0; i < 60; i += 1) {
      const job = structuredClone(fixture.from_kernel.frame.job);
      job.progress.step = i;
      model.deliver({ kind: "frame", seq: i, job, tiles: [] });
      vi.advanceTimersByTime(100);
      const voice = text(root, ".gw-voice");
      if (voice !== said.at(-1)) said.push(voice);
    }
    expect(said.length).toBeGreaterThan(1);
    expect(said.length).toBeLessThanOrEqual(4);
  });
});

describe("a kernel that goes", () => {
  const signal = () => {
    const slots = new Set<() => void>();
    return {
      connect: (slot: () => void) => slots.add(slot),
      disconnect: (slot: () => void) => slots.delete(slot),
      tell: () => slots.forEach((slot) => void slot()),
      slots,
    };
  };
  const kernel = () => ({
    status: "idle",
    connectionStatus: "connected",
    isDisposed: false,
    statusChanged: signal(),
    connectionStatusChanged: signal(),
    disposed: signal(),
  });
  const banner = (root: Element): string => {
    const el = root.querySelector<HTMLElement>(".gw-banner");
    return el && !el.hidden ? (el.textContent ?? "") : "";
  };
  const off = (root: Element, name: string): boolean =>
    root.querySelector(`.gw-${name}`)?.closest("[inert]") !== null;

  it("gives up a command that cannot be sent", async () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(2, { can_undo: true }), 2);
    model.send = () => {
      throw new Error("Cannot send");
    };
    root.querySelector<HTMLElement>(".gw-undo")?.click();
    await settled();
    expect(text(root, ".gw-status-text")).toBe("The kernel cannot be reached");
    expect(root.hasAttribute("data-busy")).toBe(false);
  });

  it.each(["restarting", "autorestarting", "dead", "terminating"])("is gone for good when %s", (status) => {
    const k = kernel();
    const { model, view } = start(undefined, k);
    const { root } = view();
    model.deliver(fixture.from_kernel.snapshot, 2);
    expect(banner(root)).toBe("");
    k.status = status;
    k.statusChanged.tell();
    expect(banner(root)).toContain("run its cell again");
    expect([off(root, "generate"), off(root, "undo"), root.dataset.job]).toEqual([true, true, "idle"]);
    expect(text(root, ".gw-title")).toMatch(/^\d+ of \d+ images? finished$/);
    expect(root.querySelector(".gw-cancel")?.hasAttribute("data-on")).toBe(false);
    expect(text(root, ".gw-status-text")).not.toContain("lost its kernel");
    const box = vi
      .spyOn(root, "getBoundingClientRect")
      .mockReturnValue({ top: -300, height: 900 } as DOMRect);
    document.dispatchEvent(new Event("scroll")); // the line stays in view
    expect(root.querySelector<HTMLElement>(".gw-banner")?.style.top).toBe("300px");
    box.mockRestore();
    tiles(root)[0]?.click(); // does nothing, and says why
    expect(text(root, ".gw-status-text")).toContain("lost its kernel");
    k.status = "idle"; // the next one's: this widget is not in it
    k.statusChanged.tell();
    model.deliver(generation(2), 2);
    expect(root.dataset.state).toBe("gone");
  });

  it("is gone when its comm is, and whoever waits is told", async () => {
    const { model, view } = start();
    const { root } = view();
    document.body.append(root);
    model.deliver(generation(2, { can_undo: true }), 2);
    const undo = root.querySelector<HTMLElement>(".gw-undo");
    undo?.click();
    undo?.focus();
    expect(root.querySelector("textarea")?.readOnly).toBe(false);
    for (const handler of model.handlers.get("comm_live_update") ?? []) handler();
    await settled();
    expect(banner(root)).toContain("lost its kernel");
    expect(text(root, ".gw-status-text")).toBe("The kernel went before it answered");
    for (const name of ["n", "strength", "dice", "tool-pin", "tray", "film"])
      expect(off(root, name)).toBe(true);
    expect(root.querySelector("textarea")?.readOnly).toBe(true); // it can still be copied
    expect(document.activeElement).toBe(root); // what is typed next is not the notebook's
    root.remove();
  });

  it("is offline while the connection is, and asks what happened when it is back", () => {
    const k = kernel();
    const { model, view, life } = start(undefined, k);
    const { root } = view();
    model.deliver(generation(2), 2);
    k.connectionStatus = "connecting";
    k.connectionStatusChanged.tell();
    expect(banner(root)).toContain("Not connected");
    expect(off(root, "generate")).toBe(true);
    k.connectionStatus = "connected";
    k.connectionStatusChanged.tell();
    expect(banner(root)).toBe("");
    expect(off(root, "generate")).toBe(false);
    expect(model.sent.filter((m) => m.kind === "hello").length).toBe(2);
    life.abort();
    expect(k.statusChanged.slots.size + k.connectionStatusChanged.slots.size + k.disposed.slots.size).toBe(0);
  });
});
