// Begin: fetch the model, with progress, then show the page at work.
import { h, set, text } from "../dom";
import { App } from "./app";
import { choose, type Runtime } from "./engine";
import { inlined, load, reload, type Sizes } from "./load";
import type { Start } from "./start";

declare const BUILT: Sizes;

async function begin(place: HTMLElement): Promise<void> {
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Loading the model" });
  const said = h("p", { role: "status" }, "Fetching the model …");
  place.replaceChildren(h("div", "loading", bar, said));
  try {
    const engine = await choose(location.search);
    const start = await load(BUILT, engine, (bytes, of) => {
      set(bar, { value: bytes / of });
      text(said, `Fetching the model: ${(bytes / 1e6).toFixed(0)} of ${(of / 1e6).toFixed(0)} MB`);
    });
    const app = new App(engine === "webgpu" ? chip(start) : processor(start, "The processor paints"));
    place.replaceChildren(app.root);
  } catch (error) {
    text(said, `The page cannot begin: ${error instanceof Error ? error.message : error}`);
    bar.remove();
  }
}

function chip(start: Start): Runtime {
  return {
    start,
    worker: workers("worker-webgpu.js"),
    told: () => "The graphics chip paints (WebGPU).",
    next: async () =>
      processor(await reload(start, BUILT, "wasm"), "The graphics chip failed; the processor paints now"),
  };
}

function processor(start: Start, words: string): Runtime {
  const told = (count: number) => `${words} (WebAssembly, ${count} ${count > 1 ? "workers" : "worker"}).`;
  return { start, worker: workers("worker.js"), told, next: null };
}

function workers(name: string): () => Worker {
  const code = inlined(name);
  const at = code ? URL.createObjectURL(new Blob([code], { type: "text/javascript" })) : name;
  return () => new Worker(at);
}

void begin(document.getElementById("place") as HTMLElement);
