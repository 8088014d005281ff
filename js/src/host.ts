// What anywidget loads: a factory, so that whatever a model knows belongs to that model alone. The trait `kind` says
// which of a bundle's widgets a model is.
import type { AnyModel } from "@anywidget/types";
import { atEnd } from "./dom";
import type { Kind, Render } from "./panel/kind";

interface Context {
  // biome-ignore lint/suspicious/noExplicitAny: each kind knows the traits of its own models
  model: AnyModel<any>;
  signal?: AbortSignal;
}

/** A signal that ends with the host's, where the host has one, or with the cleanup function it calls. */
function life(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController();
  signal?.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  return controller;
}

/** The module of a bundle with these widgets; a model that names none is the first. */
export function host(kinds: Readonly<Record<string, Kind>>) {
  return () => {
    let render: Render | null = null;
    return {
      initialize({ model, signal }: Context): () => void {
        const end = life(signal);
        const name: string = model.get("kind") ?? Object.keys(kinds)[0];
        const kind = kinds[name];
        if (!kind)
          throw new Error(`guidewidgets: no widget ${name} in this bundle: rebuild it, then restart`);
        render = kind(model as AnyModel<never>, end.signal);
        return () => end.abort();
      },
      render({ el, signal }: Context & { el: HTMLElement }): () => void {
        if (!render) throw new Error("guidewidgets: the host called render before initialize");
        const end = life(signal);
        const root = render(end.signal);
        el.append(root);
        // ipywidgets keeps the element of a closed view for as long as the model lives: leave it empty.
        atEnd(end.signal, () => root.remove());
        return () => end.abort();
      },
    };
  };
}
