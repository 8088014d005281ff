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

interface Host {
  ping(): void;
  /** What is waited for: an answer that is late, or news of a job. */
  waits(): "answer" | "late answer" | "job" | null;
  changed(): void;
}

export type Pulse = ReturnType<typeof pulse>;

export function pulse(model: AnyModel<never>, host: Host, signal: AbortSignal) {
  // Only Jupyter's own manager has a kernel.
  const { kernel } = (model.widget_manager ?? {}) as { kernel?: Kernel };
  let gone = false;
  let heard = Date.now();
  let pinged = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let shown: Health = "ok";

  const health = (): Health => {
    gone ||= kernel !== undefined && (kernel.isDisposed || LOST.has(kernel.status));
    if (gone) return "gone";
    if (kernel && kernel.connectionStatus !== "connected") return "offline";
    const waits = host.waits();
    if (waits === null || waits === "answer") return "ok";
    const unanswered = pinged > 0 && Date.now() - pinged >= PONG_MS;
    const busy = kernel?.status === "busy" || Date.now() - heard <= PATIENCE_MS;
    if (waits === "job") return unanswered && !busy ? "silent" : "ok";
    return !unanswered ? "working" : busy ? "busy" : "silent";
  };
  const look = (): void => {
    const now = health();
    if (now === shown) return;
    shown = now;
    host.changed();
  };
  const lost = (): void => {
    gone = true;
    look();
  };
  const signals = [kernel?.statusChanged, kernel?.connectionStatusChanged, kernel?.disposed];
  for (const each of signals) each?.connect(look);
  model.on("comm_live_update", lost);
  const end = (): void => {
    for (const each of signals) each?.disconnect(look);
    model.off("comm_live_update", lost);
    clearInterval(timer);
  };
  atEnd(signal, end);

  const beat = (): void => {
    const late = host.waits() === "late answer" || Date.now() - heard >= ASK_AFTER_MS;
    if (late && !pinged && health() !== "gone") {
      pinged = Date.now();
      host.ping();
    }
    look();
  };
  /** Look once a second for as long as something is waited for. */
  const watch = (): void => {
    const waits = host.waits() !== null;
    if (waits && !timer) {
      heard = Date.now();
      timer = setInterval(beat, BEAT_MS);
    } else if (!waits && timer) {
      clearInterval(timer);
      timer = undefined;
      pinged = 0;
    }
    look();
  };
  return {
    watch,
    get health(): Health {
      return health();
    },
    /** A message has come from the kernel. */
    heard: (pong: boolean): void => {
      heard = Date.now();
      if (pong) pinged = 0;
      watch();
    },
  };
}
