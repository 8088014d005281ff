import { expect, it, vi } from "vitest";
import type { Runtime } from "../../src/page/engine";
import type { Generation } from "../../src/page/history";
import { fresh } from "../../src/page/making";
import type { Order, Paint, Report } from "../../src/page/messages";
import { Painting } from "../../src/page/painting";
import type { Facts } from "../../src/page/start";

/** A worker that keeps what it is told, and says what it is told to. */
class Fake extends EventTarget {
  readonly orders: Order[] = [];
  postMessage(order: Order) {
    this.orders.push(order);
  }
  says(report: Report) {
    this.dispatchEvent(new MessageEvent("message", { data: report }));
  }
}

function begun() {
  const worker = new Fake();
  const facts = { channels: 4, side: 16 } as Facts;
  const host = { drawn: vi.fn(), revealed: vi.fn(), failed: vi.fn(), told: vi.fn() };
  const runtime: Runtime = {
    start: { kind: "start", engine: "webgpu", facts } as Runtime["start"],
    worker: () => worker as unknown as Worker,
    told: () => "",
    next: null,
  };
  const painting = new Painting(runtime, host);
  let from = 0;
  /** All that it was told to do since, until it is at rest. */
  const done = () => {
    for (let before = -1; before !== worker.orders.length; ) {
      before = worker.orders.length;
      worker.says({ kind: "idle" });
    }
    const since = worker.orders.slice(from);
    from = worker.orders.length;
    return since.filter(({ kind }) => kind === "paint" || kind === "look") as Paint[];
  };
  return { painting, worker, host, done };
}

const set = (seed: number): Generation => ({
  prompt: "a fox",
  guidance: 5,
  pictures: fresh(seed),
  made: "fresh",
  of: null,
  asked: null,
});
const step = ({ job }: Paint): Report => ({
  kind: "step",
  job,
  step: 1,
  slots: [3],
  pictures: [],
  finished: false,
});

it("paints stars of another set after the one on show, and says whose they are", () => {
  const { painting, worker, host, done } = begun();
  const [now, other] = [set(1), set(2)];
  painting.begin(now);
  const mine = done();
  expect(mine.flatMap(({ canvases }) => canvases)).toHaveLength(12);
  expect(painting.paints(other)).toBe(false);
  painting.more(other, (one) => one === other.pictures[3]);
  expect(painting.paints(other)).toBe(true);
  const theirs = done();
  expect(theirs.flatMap(({ canvases }) => canvases.map(({ slot }) => slot))).toEqual([3]);
  for (const order of [...mine.slice(0, 1), ...theirs]) worker.says(step(order));
  expect(host.drawn.mock.calls.map(([, whose]) => whose)).toEqual([now, other]);
  painting.begin(set(3));
  for (const order of [...mine, ...theirs]) worker.says(step(order));
  expect(host.drawn).toHaveBeenCalledTimes(2); // what was stopped is not heard
});

it("shows the inside only of the picture that was chosen last", () => {
  const { painting, worker, host, done } = begun();
  const now = set(1);
  painting.begin(now);
  done();
  const looks = [0, 1].map((slot) => {
    painting.look(now, slot);
    return done()[0] as Paint;
  });
  for (const { job } of looks)
    worker.says({ kind: "look", job, moments: [], picture: new Uint8ClampedArray(4) });
  expect(host.revealed).toHaveBeenCalledTimes(1);
});
