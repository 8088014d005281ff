// A host for the widget's module: a model that is a plain object, and counts of everything that could leak.
import type { AnyModel } from "@anywidget/types";
import { vi } from "vitest";
import fixture from "../../tests/widgets/fixture.json";
import factory from "../src/index";
import type { FromPage, Snapshot, State, Tile } from "../src/protocol";
import type { Traits } from "../src/store";

type Handler = (content?: unknown, buffers?: DataView[]) => void;

export class FakeModel {
  readonly sent: FromPage[] = [];
  readonly handlers = new Map<string, Handler[]>();
  widget_manager: object | undefined;

  constructor(readonly traits: Partial<Traits> = {}) {}

  get(name: string): unknown {
    return (this.traits as Record<string, unknown>)[name];
  }
  set(name: string, value: unknown): void {
    (this.traits as Record<string, unknown>)[name] = value;
    for (const handler of this.handlers.get(`change:${name}`) ?? []) handler();
  }
  on(event: string, handler: Handler): void {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
  }
  off(event: string, handler: Handler): void {
    this.handlers.set(
      event,
      (this.handlers.get(event) ?? []).filter((h) => h !== handler),
    );
  }
  send(content: FromPage): void {
    this.sent.push(content);
  }
  get listening(): number {
    return [...this.handlers.values()].flat().length;
  }
  deliver(content: unknown, buffers: number = 0): void {
    const data = Array.from({ length: buffers }, (_, i) => new DataView(new Uint8Array([i]).buffer));
    for (const handler of this.handlers.get("msg:custom") ?? []) handler(content, data);
  }
  commands(name: string) {
    return this.sent.flatMap((m) => (m.kind === "cmd" && m.name === name ? [m] : []));
  }
  answer(req: string, value: unknown = null): void {
    this.deliver({ kind: "reply", req, ok: true, value });
  }
  refuse(req: string, error: object): void {
    this.deliver({ kind: "reply", req, ok: false, error });
  }
}

export interface Running {
  model: FakeModel;
  life: AbortController;
  view(): { el: HTMLElement; root: HTMLElement; close(): void };
}

/** `kernel`: what Jupyter's manager would know of it. */
export function start(traits: Partial<Traits> = { mode: "workbench" }, kernel?: object): Running {
  const model = new FakeModel(traits);
  if (kernel) model.widget_manager = { kernel };
  const widget = factory();
  const life = new AbortController();
  const asModel = model as unknown as AnyModel<Traits>;
  widget.initialize({ model: asModel, signal: life.signal });
  const view = () => {
    const el = document.createElement("div");
    document.body.append(el);
    const end = new AbortController();
    widget.render({ model: asModel, el, signal: end.signal });
    const close = (): void => {
      end.abort();
      el.remove();
    };
    return { el, root: el.querySelector<HTMLElement>(".gw-root") as HTMLElement, close };
  };
  return { model, life, view };
}

/** A finished generation of n images. */
export function generation(n: number, changes: Partial<State> = {}): Snapshot {
  const example = fixture.from_kernel.snapshot as unknown as Snapshot;
  const cell = example.state.cells[0];
  if (!cell) throw new Error("the fixture has no cell");
  const cells = Array.from({ length: n }, (_, i) => ({
    ...cell,
    slot: 10 + i,
    holds: null,
    mark: "none" as const,
    phase: "done" as const,
  }));
  const tiles = cells.map(
    ({ slot }): Tile => ({ slot, w: 64, h: 64, media_type: "image/webp", final: true, exact: true }),
  );
  const calm = { job: null, parents: [], notices: [], generations: [], at: null, family: [] };
  return {
    kind: "snapshot",
    state: { ...example.state, cells, ...calm, ...changes },
    tiles,
  };
}

/** Blob URLs that are alive. */
export function countUrls(): { readonly alive: Set<string> } {
  const alive = new Set<string>();
  let made = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    made += 1;
    alive.add(`blob:test/${made}`);
    return `blob:test/${made}`;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => {
    if (!alive.delete(url)) throw new Error(`revoked twice: ${url}`);
  });
  return { alive };
}

/** Listeners with a signal that has not fired; those without one are listed: there must be none. */
export function countListeners(): { alive: number; unsignalled: string[] } {
  const count = { alive: 0, unsignalled: [] as string[] };
  const original = EventTarget.prototype.addEventListener;
  const spy = function (this: EventTarget, type: string, listener: unknown, options?: unknown) {
    const signal = (options as AddEventListenerOptions | undefined)?.signal;
    if (!(this instanceof AbortSignal)) {
      if (signal) {
        count.alive += 1;
        original.call(signal, "abort", () => (count.alive -= 1), { once: true });
      } else count.unsignalled.push(type);
    }
    return original.call(this, type, listener as EventListener, options as AddEventListenerOptions);
  };
  vi.spyOn(HTMLElement.prototype, "addEventListener").mockImplementation(spy as never);
  return count;
}

export function key(target: Element, name: string, modifiers: KeyboardEventInit = {}): void {
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...modifiers }),
  );
}

export const tiles = (root: Element): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(".gw-tile")];

export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
