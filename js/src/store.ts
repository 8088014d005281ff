// Everything one widget model knows in the page. It lives from `initialize` to the model's end and is the only
// place that talks to the kernel; views are projections of it and may come and go.
import type { AnyModel } from "@anywidget/types";
import { Images } from "./images";
import {
  type Binary,
  type Cell,
  type Frame,
  fromKernel,
  type JobState,
  KIND,
  type Mark,
  PROTOCOL,
  type State,
  type Tile,
} from "./protocol";
import { type Answer, CommandError, Requests } from "./requests";

/** No answer to hello for this long: a page without kernel. A late answer still brings the widget to life. */
export const STATIC_AFTER_MS = 1000;
/** Tiles are laid out at about this many CSS pixels; the kernel sends no more than that many device pixels. */
const TILE_CSS_PX = 200;

export type Link = "connecting" | "live" | "static";
export interface View {
  /** State changed: redraw everything but pictures. */
  update(): void;
  /** These tiles have new pictures; resolves when they are on the screen. */
  paint(slots: readonly number[]): Promise<void>;
}
export interface Traits {
  mode: string;
  selection: number[];
  still: { state?: State; tiles?: Tile[] };
  tiles: Binary[];
}

export class Store {
  link: Link = "connecting";
  state: State | null = null;
  readonly images = new Images();
  readonly #views = new Set<View>();
  readonly #requests: Requests;
  /** Marks the user has made and the kernel has not confirmed yet; the last one wins. */
  #hopes = new Map<object, { slots: ReadonlySet<number>; mark: Mark }>();
  readonly #fetching = new Set<number>();
  #frames = 0;

  constructor(
    private readonly model: AnyModel<Traits>,
    signal: AbortSignal,
  ) {
    this.#requests = new Requests(
      (message) => model.send(message),
      () => this.#update(),
    );
    const onMessage = (content: unknown, buffers: DataView[]): void => this.#receive(content, buffers);
    const onTraits = (): void => this.#loadTraits();
    model.on("msg:custom", onMessage);
    model.on("change:tiles", onTraits);
    model.on("change:selection", onTraits);
    const timer = setTimeout(() => {
      if (this.link !== "connecting") return;
      this.link = "static";
      this.#update();
    }, STATIC_AFTER_MS);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        model.off("msg:custom", onMessage);
        model.off("change:tiles", onTraits);
        model.off("change:selection", onTraits);
        this.#requests.drop();
        this.images.clear();
      },
      { once: true },
    );
    this.#loadTraits();
    const tilePx = Math.ceil(TILE_CSS_PX * Math.min(globalThis.devicePixelRatio || 1, 4));
    model.send({ kind: KIND.hello, protocol: PROTOCOL, tile_px: tilePx });
  }

  get mode(): string {
    return this.model.get("mode") ?? "workbench";
  }
  get busy(): boolean {
    return this.#requests.busy;
  }
  get job(): JobState | null {
    return this.state?.job ?? null;
  }
  get cells(): readonly Cell[] {
    return this.state?.cells ?? [];
  }
  /** Frames taken so far; tests wait on it. */
  get frames(): number {
    return this.#frames;
  }

  attach(view: View): () => void {
    this.images.retain();
    this.#views.add(view);
    return () => {
      if (this.#views.delete(view)) this.images.release();
    };
  }

  /** Ask the kernel for something. Rejects with `CommandError` when it says no. */
  command(name: Parameters<Requests["ask"]>[0], args: Record<string, unknown> = {}): Promise<Answer> {
    return this.#requests.ask(name, args);
  }

  /** Mark tiles; shown at once, taken back if the kernel refuses. */
  async mark(slots: readonly number[], mark: Mark): Promise<void> {
    const key = {};
    this.#hopes.set(key, { slots: new Set(slots), mark });
    this.#update();
    try {
      await this.command("mark", { slots, mark });
    } finally {
      this.#hopes.delete(key);
      this.#update();
    }
  }

  markOf(cell: Cell): Mark {
    let mark = cell.mark;
    for (const hope of this.#hopes.values()) if (hope.slots.has(cell.slot)) mark = hope.mark;
    return mark;
  }

  /** Get the final pixels of a tile, lossless and full size, unless they are here already. */
  async fetchExact(slot: number): Promise<void> {
    const tile = this.images.tile(slot);
    if (this.link !== "live" || !tile?.final || tile.exact || this.#fetching.has(slot)) return;
    this.#fetching.add(slot);
    const { value, buffers } = await this.command("image", { slot }).finally(() =>
      this.#fetching.delete(slot),
    );
    const data = buffers[0];
    if (!data || !this.cells.some((cell) => cell.slot === slot)) return;
    this.images.put(value as Tile, data);
    await this.#paint([slot]);
  }

  #receive(content: unknown, buffers: readonly Binary[]): void {
    const message = fromKernel(content);
    if (!message) return;
    switch (message.kind) {
      case "snapshot":
        this.#alive();
        this.#show(message.state, message.tiles, buffers);
        break;
      case "state":
        this.#alive();
        this.#show(message.state, [], []);
        break;
      case "frame":
        void this.#frame(message, buffers);
        break;
      case "reply":
        this.#requests.answer(message, [...buffers]);
        break;
    }
  }

  #alive(): void {
    this.link = "live";
  }

  #show(state: State, tiles: readonly Tile[], buffers: readonly Binary[]): void {
    this.state = state;
    this.images.keep(new Set(state.cells.map((cell) => cell.slot)));
    this.#put(tiles, buffers);
    this.#update();
    void this.#paint(tiles.map((tile) => tile.slot));
  }

  async #frame(message: Frame, buffers: readonly Binary[]): Promise<void> {
    this.#frames += 1;
    this.#put(message.tiles, buffers);
    if (this.state) {
      const fresh = new Map(message.tiles.map((tile) => [tile.slot, tile]));
      const cells = this.state.cells.map((cell) => {
        const tile = fresh.get(cell.slot);
        return tile && cell.phase !== "done" ? { ...cell, phase: tile.final ? "done" : "preview" } : cell;
      }) as Cell[];
      this.state = { ...this.state, cells, job: message.job };
    }
    this.#update();
    // Without a view nothing is painted and nothing acknowledged: the kernel then slows down by itself.
    if (this.#views.size === 0) return;
    await this.#paint(message.tiles.map((tile) => tile.slot));
    this.model.send({ kind: KIND.ack, seq: message.seq });
  }

  #put(tiles: readonly Tile[], buffers: readonly Binary[]): void {
    tiles.forEach((tile, i) => {
      const data = buffers[i];
      if (data) this.images.put(tile, data);
    });
  }

  /** What is left when no kernel answers: the finished pictures, kept in traits. */
  #loadTraits(): void {
    if (this.link === "live") return;
    const { state, tiles } = this.model.get("still") ?? {};
    if (!state || !tiles) return;
    const starred = new Set(this.model.get("selection"));
    const cells = state.cells.map((cell) => ({
      ...cell,
      mark: starred.has(cell.slot) ? "star" : cell.mark === "star" ? "none" : cell.mark,
    })) as Cell[];
    this.#show({ ...state, cells }, tiles, this.model.get("tiles") ?? []);
  }

  #update(): void {
    for (const view of this.#views) view.update();
    this.images.sweep();
  }

  async #paint(slots: readonly number[]): Promise<void> {
    const painted = [...this.#views].map((view) => view.paint(slots));
    this.images.sweep();
    await Promise.all(painted);
  }
}

export { CommandError };
