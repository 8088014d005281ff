import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { choose, type Runtime } from "../../src/page/engine";
import type { Order, Report } from "../../src/page/messages";
import { Pool } from "../../src/page/pool";
import type { Start } from "../../src/page/start";

/** What a browser says of its chip. */
function chip(info: object | null): void {
  const gpu = { requestAdapter: async () => (info ? { info } : null) };
  vi.stubGlobal("navigator", { ...navigator, gpu, hardwareConcurrency: 2 });
}

describe("the engine", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ["a chip", { vendor: "intel", architecture: "gen-12lp" }, "", "webgpu"],
    ["no chip", null, "", "wasm"],
    ["no chip, though asked for", null, "?engine=webgpu", "wasm"],
    ["a chip that is not wanted", { vendor: "intel" }, "?engine=wasm", "wasm"],
    ["one that says it is played", { isFallbackAdapter: true }, "", "wasm"],
    ["one whose name says so", { vendor: "mesa", architecture: "llvmpipe" }, "", "wasm"],
    [
      "a played one, asked for",
      { vendor: "google", architecture: "swiftshader" },
      "?engine=webgpu",
      "webgpu",
    ],
  ])("for %s", async (_, info, search, engine) => {
    chip(info);
    expect(await choose(search)).toBe(engine);
  });

  it("is the processor where the browser knows no chips", async () => {
    expect(await choose("?engine=webgpu")).toBe("wasm");
  });
});

class Fake extends EventTarget {
  readonly orders: Order[] = [];
  ended = false;
  postMessage(order: Order) {
    this.orders.push(order);
  }
  terminate() {
    this.ended = true;
  }
  says(report: Report) {
    this.dispatchEvent(new MessageEvent("message", { data: report }));
  }
}

describe("a chip that fails", () => {
  const made: Fake[] = [];
  const heard: Report[] = [];
  const told: string[] = [];
  const runtime = (engine: "webgpu" | "wasm", next: Runtime["next"]): Runtime => ({
    start: { kind: "start", engine } as Start,
    worker: () => {
      made.push(new Fake());
      return made.at(-1) as unknown as Worker;
    },
    told: (workers) => `${engine} ${workers}`,
    next,
  });
  const begin = (next: Runtime["next"]) =>
    new Pool(
      runtime("webgpu", next),
      (report) => heard.push(report),
      (words, why) => told.push(`${words}${why && `: ${why}`}`),
    );
  const canvases = Array.from({ length: 12 }, (_, slot) => ({
    slot,
    latent: new Float32Array(1),
    concepts: [],
  }));
  const painted = (worker: Fake | undefined) =>
    worker?.orders.map((order) =>
      order.kind === "paint" ? order.canvases.map(({ slot }) => slot) : order.kind,
    );

  beforeEach(() => {
    chip(null);
    for (const list of [made, heard, told]) list.length = 0;
    return () => vi.unstubAllGlobals();
  });

  it("leaves what it has not done to the processor's workers", async () => {
    const pool = begin(async () => runtime("wasm", null));
    pool.paint(1, canvases, 5);
    made[0]?.says({ kind: "idle" });
    made[0]?.says({ kind: "idle" }); // the first picture is done, and the eleven others are begun
    expect(painted(made[0])).toEqual(["start", [0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]);
    made[0]?.says({ kind: "failed", job: null, message: "lost" });
    expect(made[0]?.ended).toBe(true);
    await vi.waitFor(() => expect(made).toHaveLength(2));
    made[1]?.says({ kind: "idle" });
    expect(made).toHaveLength(2);
    made[1]?.says({ kind: "idle" }); // its first picture is done: now the other worker begins
    made[2]?.says({ kind: "idle" });
    expect(painted(made[1])).toEqual(["start", [1], [2, 3, 4, 5, 6]]);
    expect(painted(made[2])).toEqual(["start", [7, 8, 9, 10, 11]]);
    made[0]?.says({ kind: "failed", job: 1, message: "still here" });
    expect(heard).toEqual([]);
    expect(told).toEqual(["webgpu 1", "wasm 2: lost"]);
  });

  it("does not bring back what was given up", async () => {
    const pool = begin(async () => runtime("wasm", null));
    pool.paint(1, canvases.slice(0, 1), 5);
    made[0]?.says({ kind: "idle" });
    pool.cancel(1);
    made[0]?.says({ kind: "failed", job: null, message: "lost" });
    await vi.waitFor(() => expect(made).toHaveLength(2));
    made[1]?.says({ kind: "idle" });
    expect(painted(made[1])).toEqual(["start"]);
  });

  it("is told where nothing else can be had, once", async () => {
    begin(() => Promise.reject(new Error("ort.wasm.gz cannot be had: the server says 404")));
    made[0]?.says({ kind: "failed", job: null, message: "lost" });
    made[0]?.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ message: "lost; and ort.wasm.gz cannot be had: the server says 404" });
  });
});
