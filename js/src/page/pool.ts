// The workers, each with the model, fed with small batches: one for the graphics chip, or as many as there are
// processors to spare.
//
// Threads within one worker would need a server that sends special headers; workers side by side need none.
import type { Runtime } from "./engine";
import type { Canvas, Look, Order, Paint, Report } from "./messages";

const MOST_WORKERS = 4;
const MOST_ON_PHONES = 2; // every worker has the model to itself, a quarter of a gigabyte

type Work = Paint | Look;

export class Pool {
  #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Work | null>();
  #queue: Work[] = [];

  constructor(
    private runtime: Runtime,
    private readonly heard: (report: Exclude<Report, { kind: "idle" }>) => void,
    private readonly told: (words: string, why: string) => void,
  ) {
    this.#begin("");
  }

  /** How many workers there will be. */
  get #count(): number {
    if (this.runtime.start.engine === "webgpu") return 1;
    const most = matchMedia("(pointer: coarse)").matches ? MOST_ON_PHONES : MOST_WORKERS;
    return Math.max(1, Math.min(most, navigator.hardwareConcurrency || 1));
  }

  /** Paint pictures: the first alone, so that something is there soon, the others shared out. */
  paint(job: number, canvases: readonly Canvas[], guidance: number): void {
    const [first, ...rest] = canvases;
    if (!first) return;
    const share = Math.ceil(rest.length / this.#count) || 1;
    const batches: Canvas[][] = [[first]];
    for (let i = 0; i < rest.length; i += share) batches.push(rest.slice(i, i + share));
    this.#queue.push(...batches.map((batch): Paint => ({ kind: "paint", job, guidance, canvases: batch })));
    this.#feed();
  }

  /** Take one picture apart, before anything else that waits; nobody wants what was asked for before. */
  look(job: number, canvas: Canvas, guidance: number): void {
    this.#queue = [
      { kind: "look", job, guidance, canvas },
      ...this.#queue.filter(({ kind }) => kind === "paint"),
    ];
    this.#feed();
  }

  /** Stop painting. */
  cancel(job: number): void {
    this.#queue = this.#queue.filter((work) => work.job !== job);
    for (const [worker, work] of this.#busy) {
      send(worker, { kind: "cancel", job });
      if (work?.job === job) this.#busy.set(worker, null);
    }
  }

  /** `why`: what went wrong before. */
  #begin(why: string): void {
    this.told(this.runtime.told(this.#count), why);
    this.#more();
  }

  /** One worker more. The others begin when the first has made a picture: before, they would only take its time. */
  #more(): void {
    const worker = this.runtime.worker();
    let loaded = false;
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      if (!this.#busy.has(worker)) return; // of a runtime given up
      if (data.kind === "failed") this.#failed(data.job, data.message);
      else if (data.kind !== "idle") this.heard(data);
      else {
        this.#busy.set(worker, null);
        this.#idle.push(worker);
        this.#feed();
        while (loaded && this.#busy.size < this.#count) this.#more();
        loaded = true;
      }
    });
    worker.addEventListener("error", (event) => {
      if (this.#busy.has(worker)) this.#failed(null, event.message || "a worker cannot be started");
    });
    this.#busy.set(worker, null);
    send(worker, this.runtime.start);
  }

  /** Say so; or go on with the next runtime, and do again there what was not done. */
  #failed(job: number | null, message: string): void {
    const next = this.runtime.next;
    if (!next) {
      this.heard({ kind: "failed", job, message });
      return;
    }
    this.#queue.unshift(...[...this.#busy.values()].filter((work) => work !== null));
    for (const worker of this.#busy.keys()) worker.terminate();
    this.#busy.clear();
    this.#idle = [];
    next()
      .then((runtime) => {
        this.runtime = runtime;
        const left = this.#queue;
        this.#queue = [];
        for (const work of left) {
          if (work.kind === "look") this.#queue.push(work);
          else this.paint(work.job, work.canvases, work.guidance);
        }
        this.#begin(message);
      })
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : error;
        this.heard({ kind: "failed", job, message: `${message}; and ${why}` });
      });
  }

  #feed(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const [worker, work] = [this.#idle.shift() as Worker, this.#queue.shift() as Work];
      this.#busy.set(worker, work);
      send(worker, work);
    }
  }
}

function send(worker: Worker, order: Order): void {
  worker.postMessage(order);
}
