// The page's end of one widget model: hello, state, frames with their acknowledgements, commands and replies. It
// lives from `initialize` to the model's end and is the only place that talks to the kernel; views are projections
// of it and may come and go.
import type { AnyModel } from "@anywidget/types";
import type { Binary } from "../binary";
import { atEnd } from "../dom";
import { images } from "../images";
import {
  type Frame,
  fromKernel,
  type Hello,
  type JobState,
  KIND,
  type Notice,
  type Ping,
  PROTOCOL,
  type Tile,
} from "../protocol";
import { type Answer, Requests } from "../requests";
import { type Health, type Pulse, pulse } from "./pulse";

/** No answer to hello for this long: a page without kernel. A late answer still brings the widget to life. */
export const STATIC_AFTER_MS = 1000;
/** Tiles are laid out at about this many CSS pixels; the kernel sends no more than that many device pixels. */
const TILE_CSS_PX = 200;

/** closed: by its session; gone: with its kernel; offline: until the connection is back. */
export type Link = "connecting" | "live" | "static" | "closed" | "gone" | "offline";
/** What every widget's state has. */
export interface Common {
  version: number;
  job: JobState | null;
  notices: Notice[];
  /** What came besides pictures with a frame since. It is kept here, since it may come while no view is open. */
  news?: unknown;
}
export interface View {
  /** State changed: redraw everything but pictures. */
  update(): void;
  /** These tiles have new pictures; resolves when they are on the screen. */
  paint(slots: readonly number[]): Promise<void>;
}
export interface Kept<S> {
  kind: string;
  still: { state?: S; tiles?: Tile[] };
  tiles: Binary[];
}

export class Channel<S extends Common, T extends Kept<S> = Kept<S>> {
  link: Link = "connecting";
  state: S | null = null;
  readonly pictures = images();
  readonly #views = new Set<View>();
  readonly #requests: Requests;
  readonly #pulse: Pulse;
  #frames = 0;

  constructor(
    protected readonly model: AnyModel<T>,
    signal: AbortSignal,
    watched: readonly string[] = [],
  ) {
    this.#requests = new Requests((message, buffers) => model.send(message, undefined, buffers));
    const host = {
      ping: () => this.#send({ kind: KIND.ping }),
      waits: () =>
        this.#requests.late
          ? "late answer"
          : this.#requests.waiting
            ? "answer"
            : this.state?.job
              ? "job"
              : null,
      changed: () => this.#changed(),
    } as const;
    this.#pulse = pulse(model as never, host, signal);
    const onMessage = (content: unknown, buffers: DataView[]): void => this.#receive(content, buffers);
    const onTraits = (): void => this.#loadTraits();
    const events = ["tiles", ...watched].map((name) => `change:${name}`);
    model.on("msg:custom", onMessage);
    for (const event of events) model.on(event, onTraits);
    const timer = setTimeout(() => {
      if (this.link !== "connecting") return;
      this.link = "static";
      this.redraw();
    }, STATIC_AFTER_MS);
    atEnd(signal, () => {
      clearTimeout(timer);
      model.off("msg:custom", onMessage);
      for (const event of events) model.off(event, onTraits);
      this.#requests.drop();
      this.pictures.clear();
    });
    this.#loadTraits();
    this.#hello();
  }

  /** Whether what the user asks for reaches a kernel. */
  get live(): boolean {
    return this.link === "live";
  }
  get health(): Health {
    return this.#pulse.health;
  }
  /** The job under way, as far as anybody can know. */
  get job(): JobState | null {
    return this.link === "gone" || this.link === "closed" ? null : (this.state?.job ?? null);
  }
  /** Frames taken so far; tests wait on it. */
  get frames(): number {
    return this.#frames;
  }

  attach(view: View): () => void {
    this.pictures.retain();
    this.#views.add(view);
    return () => {
      if (this.#views.delete(view)) this.pictures.release();
    };
  }

  /** Ask the kernel for something. Rejects with `CommandError` when it says no. */
  command(name: string, args: Record<string, unknown> = {}, buffers?: ArrayBuffer[]): Promise<Answer> {
    const answer = this.#requests.ask(name, args, buffers);
    this.#pulse.watch();
    return answer;
  }

  /** Numbers of the pictures that a state has room for; null: all that come. */
  protected shown(_state: S): ReadonlySet<number> | null {
    return null;
  }
  /** The state after a frame. */
  protected after(state: S, frame: Frame): S {
    return { ...state, job: frame.job };
  }
  /** The state that the traits keep. */
  protected revived(state: S): S {
    return state;
  }

  protected redraw(): void {
    for (const view of this.#views) view.update();
    this.pictures.sweep();
  }

  protected async repaint(slots: readonly number[]): Promise<void> {
    const painted = [...this.#views].map((view) => view.paint(slots));
    this.pictures.sweep();
    await Promise.all(painted);
  }

  #receive(content: unknown, buffers: readonly Binary[]): void {
    const message = fromKernel<S>(content);
    if (!message || this.link === "gone") return;
    switch (message.kind) {
      case "snapshot":
        this.link = "live";
        this.#show(message.state, message.tiles, buffers);
        break;
      case "state":
        this.link = "live";
        this.#show(message.state, [], []);
        break;
      case "frame":
        void this.#frame(message, buffers);
        break;
      case "reply":
        this.#requests.answer(message, [...buffers]);
        break;
      case "pong":
        break;
      case "closed":
        this.link = "closed";
        this.#requests.drop();
        this.redraw();
        break;
    }
    this.#pulse.heard(message.kind === "pong");
  }

  #hello(): void {
    const tilePx = Math.ceil(TILE_CSS_PX * Math.min(globalThis.devicePixelRatio || 1, 4));
    this.#send({ kind: KIND.hello, protocol: PROTOCOL, tile_px: tilePx });
  }

  /** Nobody is to be told where it cannot be sent: what is seen says so. */
  #send(message: Hello | Ping): void {
    try {
      this.model.send(message);
    } catch {
      // the kernel is gone
    }
  }

  /** The kernel went, or came back. */
  #changed(): void {
    const { health } = this;
    if (this.link === "live" && (health === "gone" || health === "offline")) {
      this.link = health;
      if (health === "gone") this.#requests.drop("The kernel went before it answered");
    } else if (this.link === "offline") {
      this.link = health === "gone" ? "gone" : "live";
      if (this.live) this.#hello(); // what happened meanwhile
    }
    this.redraw();
  }

  #show(state: S, tiles: readonly Tile[], buffers: readonly Binary[]): void {
    this.state = state;
    const shown = this.shown(state);
    if (shown) this.pictures.keep(shown);
    this.#put(tiles, buffers);
    this.redraw();
    void this.repaint(tiles.map((tile) => tile.slot));
  }

  async #frame(message: Frame, buffers: readonly Binary[]): Promise<void> {
    this.#frames += 1;
    this.#put(message.tiles, buffers);
    const news = message.news ?? this.state?.news;
    if (this.state) this.state = { ...this.after(this.state, message), news };
    this.redraw();
    // Without a view nothing is painted and nothing acknowledged: the kernel then slows down by itself.
    if (this.#views.size === 0) return;
    await this.repaint(message.tiles.map((tile) => tile.slot));
    this.model.send({ kind: KIND.ack, seq: message.seq });
  }

  #put(tiles: readonly Tile[], buffers: readonly Binary[]): void {
    tiles.forEach((tile, i) => {
      const data = buffers[i];
      if (data) this.pictures.put(tile, data);
    });
  }

  /** What is left when no kernel answers: the finished pictures, kept in traits. */
  #loadTraits(): void {
    if (this.link === "live" || this.link === "closed") return;
    const { state, tiles } = this.model.get("still") ?? {};
    if (state && tiles) this.#show(this.revived(state), tiles, this.model.get("tiles") ?? []);
  }
}
