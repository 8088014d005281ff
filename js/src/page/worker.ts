// The worker: loads the model and paints what the page orders, a step at a time, so that it can be told to stop.
import { look } from "./look";
import type { Order, Report } from "./messages";
import { Model } from "./model";
import { paint } from "./paint";

let model: Model | null = null;
const cancelled = new Set<number>();

function report(message: Report, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

/** Let messages in that came meanwhile. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

async function obey(order: Order): Promise<void> {
  if (order.kind === "cancel") {
    cancelled.add(order.job);
  } else if (order.kind === "start") {
    model = await Model.load(order, (message) => report({ kind: "failed", job: null, message }));
  } else if (!model) {
    throw new Error("the model is not loaded");
  } else if (order.kind === "look") {
    const { moments, picture } = await look(model, order.canvas, order.guidance);
    report({ kind: "look", job: order.job, moments, picture });
  } else {
    const slots = order.canvases.map(({ slot }) => slot);
    for await (const { step, pictures, finished } of paint(model, order.canvases, order.guidance)) {
      await breathe();
      if (cancelled.has(order.job)) return;
      const buffers = pictures.map(({ buffer }) => buffer);
      report({ kind: "step", job: order.job, step, slots, pictures, finished }, buffers);
    }
  }
}

self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  obey(data)
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      report({ kind: "failed", job: "job" in data ? data.job : null, message });
    })
    .finally(() => data.kind !== "cancel" && report({ kind: "idle" }));
});
