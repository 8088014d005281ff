// Whether the kernel is there. Where the host knows (JupyterLab, Notebook 7) it tells at once; elsewhere, and of what no
// event tells, like a kernel that is stopped, one ping a second tells, sent only while something is waited for.
import type { AnyModel } from "@anywidget/types";
import { atEnd } from "../dom";

const BEAT_MS = 500;
/** Silence for this long is asked about. */
const ASK_AFTER_MS = 1000;
/** A pong comes at once, unless the kernel's thread is taken. */
const PONG_MS = 400;
/** Silence for this long means that nobody may be there. */
const PATIENCE_MS = 2000;

/** gone: for good; offline: until the connection is back; silent: nobody answers; busy: with a cell; working: on it. */
export type Health = "ok" | "working" | "busy" | "silent" | "offline" | "gone";

interface Signal {
  connect(slot: () => void): void;
  disconnect(slot: () => void): void;
}
interface Kernel {
  status: string;
  connectionStatus: string;
  isDisposed: boolean;
  statusChanged: Signal;
  connectionStatusChanged: Signal;
  disposed: Signal;
}
/** Of a kernel that is not, or no longer, the one that the widget was made in. */
const LOST = new Set(["restarting", "autorestarting", "dead", "terminating"]);

export class Pulse {
  #gone = false;
  #heard = Date.now();
  #pinged = 0;
  #timer: ReturnType<typeof setInterval> | null = null;
  #shown: Health = "ok";
  readonly #kernel: Kernel | undefined;

  constructor(
    model: AnyModel<never>,
    private readonly host: {
      ping(): void;
      /** What is waited for: an answer that is late, or news of a job. */
      waits(): "answer" | "late answer" | "job" | null;
      changed(): void;
    },
    signal: AbortSignal,
  ) {
    // Only Jupyter's own manager has a kernel.
    this.#kernel = (model.widget_manager as { kernel?: Kernel } | undefined)?.kernel;
    const look = (): void => this.#look();
    const lost = (): void => {
      this.#gone = true;
      this.#look();
    };
    const signals = [
      this.#kernel?.statusChanged,
      this.#kernel?.connectionStatusChanged,
      this.#kernel?.disposed,
    ];
    for (const each of signals) each?.connect(look);
    model.on("comm_live_update", lost);
    atEnd(signal, () => {
      for (const each of signals) each?.disconnect(look);
      model.off("comm_live_update", lost);
      if (this.#timer !== null) clearInterval(this.#timer);
    });
  }

  get health(): Health {
    const kernel = this.#kernel;
    this.#gone ||= kernel !== undefined && (kernel.isDisposed || LOST.has(kernel.status));
    if (this.#gone) return "gone";
    if (kernel && kernel.connectionStatus !== "connected") return "offline";
    const waits = this.host.waits();
    if (waits === null || waits === "answer") return "ok";
    const unanswered = this.#pinged > 0 && Date.now() - this.#pinged >= PONG_MS;
    const busy = kernel?.status === "busy" || Date.now() - this.#heard <= PATIENCE_MS;
    if (waits === "job") return unanswered && !busy ? "silent" : "ok";
    return !unanswered ? "working" : busy ? "busy" : "silent";
  }

  /** A message has come from the kernel. */
  heard(pong: boolean): void {
    this.#heard = Date.now();
    if (pong) this.#pinged = 0;
    this.watch();
  }

  /** Look once a second for as long as something is waited for. */
  watch(): void {
    const waits = this.host.waits() !== null;
    if (waits && this.#timer === null) {
      this.#heard = Date.now();
      this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    } else if (!waits && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
      this.#pinged = 0;
    }
    this.#look();
  }

  #beat(): void {
    const late = this.host.waits() === "late answer" || Date.now() - this.#heard >= ASK_AFTER_MS;
    if (late && !this.#pinged && this.health !== "gone") {
      this.#pinged = Date.now();
      this.host.ping();
    }
    this.#look();
  }

  #look(): void {
    const { health } = this;
    if (health === this.#shown) return;
    this.#shown = health;
    this.host.changed();
  }
}
