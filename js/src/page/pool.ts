// The workers: as many as there are processors to spare, each with the model, fed with small batches.
//
// Threads within one worker would need a server that sends special headers; workers side by side need none.
import type { Canvas, Look, Order, Paint, Report, Start } from "./messages";

const MOST_WORKERS = 4;

type Work = Paint | Look;

export class Pool {
  readonly #idle: Worker[] = [];
  readonly #workers: Worker[] = [];
  #queue: Work[] = [];

  constructor(
    private readonly start: Start,
    private readonly make: () => Worker,
    private readonly heard: (report: Exclude<Report, { kind: "idle" }>) => void,
  ) {
    this.#more();
  }

  /** How many workers there will be. */
  static get count(): number {
    return Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
  }

  /** Paint pictures: the first alone, so that something is there soon, the others shared out. */
  paint(job: number, canvases: readonly Canvas[], guidance: number): void {
    const [first, ...rest] = canvases;
    if (!first) return;
    const share = Math.ceil(rest.length / Pool.count) || 1;
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
    for (const worker of this.#workers) send(worker, { kind: "cancel", job });
  }

  /** One worker more. The next begins when this one has loaded, which is what the first picture waits for. */
  #more(): void {
    const worker = this.make();
    this.#workers.push(worker);
    let loaded = false;
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      if (data.kind !== "idle") {
        this.heard(data);
        return;
      }
      this.#idle.push(worker);
      this.#feed();
      if (!loaded && this.#workers.length < Pool.count) this.#more();
      loaded = true;
    });
    worker.addEventListener("error", (event) => {
      this.heard({ kind: "failed", job: null, message: event.message || "a worker cannot be started" });
    });
    send(worker, this.start);
  }

  #feed(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0)
      send(this.#idle.shift() as Worker, this.#queue.shift() as Work);
  }
}

function send(worker: Worker, order: Order): void {
  worker.postMessage(order);
}
