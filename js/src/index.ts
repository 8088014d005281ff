// The anywidget module. The default export is a factory: whatever a model knows belongs to that model alone.
import type { AnyModel } from "@anywidget/types";
import { Store, type Traits } from "./store";
import { Workbench } from "./views/workbench";

interface Context {
  model: AnyModel<Traits>;
  signal?: AbortSignal;
}

/** A signal that ends with the host's, where the host has one, or with the cleanup function it calls. */
function life(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController();
  signal?.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  return controller;
}

export default function widget() {
  let store: Store | null = null;
  return {
    initialize({ model, signal }: Context): () => void {
      const end = life(signal);
      store = new Store(model, end.signal);
      return () => end.abort();
    },
    render({ el, signal }: Context & { el: HTMLElement }): () => void {
      if (!store) throw new Error("guidewidgets: the host called render before initialize");
      const end = life(signal);
      const view = new Workbench(store, end.signal);
      const detach = store.attach(view);
      end.signal.addEventListener("abort", detach, { once: true });
      el.append(view.el);
      view.update();
      void view.paint(store.cells.map((cell) => cell.slot));
      return () => end.abort();
    },
  };
}
