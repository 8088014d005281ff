// What anywidget loads: a factory, so that whatever a model knows belongs to that model alone. The trait `kind` says
// which of a bundle's widgets a model is.
import type { AnyModel } from "@anywidget/types";
import { atEnd, hasFocus } from "./dom";
import type { Kind, Render } from "./panel/kind";
import { fromKernel, KIND } from "./protocol";

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
    const views = new Set<() => void>();
    return {
      initialize({ model, signal }: Context): () => void {
        const end = life(signal);
        let now = life(end.signal);
        const name: string = model.get("kind") ?? Object.keys(kinds)[0];
        const kind = kinds[name];
        if (!kind)
          throw new Error(`guidewidgets: no widget ${name} in this bundle: rebuild it, then restart`);
        const begin = (): void => {
          render = kind(model as AnyModel<never>, now.signal);
        };
        const renewed = (content: unknown): void => {
          if (fromKernel(content)?.kind !== KIND.renewed) return;
          now.abort();
          now = life(end.signal);
          begin();
          for (const draw of views) draw();
        };
        begin();
        model.on("msg:custom", renewed);
        atEnd(end.signal, () => model.off("msg:custom", renewed));
        return () => end.abort();
      },
      render({ el, signal }: Context & { el: HTMLElement }): () => void {
        const end = life(signal);
        let now = life(end.signal);
        const draw = (): void => {
          if (!render) throw new Error("guidewidgets: the host called render before initialize");
          const focused = hasFocus(el);
          now.abort();
          now = life(end.signal);
          const root = render(now.signal);
          el.append(root);
          if (focused) root.focus();
          // ipywidgets keeps the element of a closed view for as long as the model lives: leave it empty.
          atEnd(now.signal, () => root.remove());
        };
        draw();
        views.add(draw);
        atEnd(end.signal, () => views.delete(draw));
        return () => end.abort();
      },
    };
  };
}
