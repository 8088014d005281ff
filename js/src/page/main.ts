// Begin: fetch the model, with progress, then show the page at work.
import { h, set, text } from "../dom";
import { App } from "./app";
import { inlined, load, type Sizes } from "./load";

declare const BUILT: Sizes;

async function begin(place: HTMLElement): Promise<void> {
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Loading the model" });
  const said = h("p", { role: "status" }, "Fetching the model …");
  place.replaceChildren(h("div", "loading", bar, said));
  try {
    const start = await load(BUILT, (bytes, of) => {
      set(bar, { value: bytes / of });
      text(said, `Fetching the model: ${(bytes / 1e6).toFixed(0)} of ${(of / 1e6).toFixed(0)} MB`);
    });
    const code = inlined("worker.js");
    const at = code ? URL.createObjectURL(new Blob([code], { type: "text/javascript" })) : "worker.js";
    const app = new App(start, () => new Worker(at));
    place.replaceChildren(app.root);
  } catch (error) {
    text(said, `The page cannot begin: ${error instanceof Error ? error.message : error}`);
    bar.remove();
  }
}

void begin(document.getElementById("place") as HTMLElement);
