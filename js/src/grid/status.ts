// The status line: the last notice or error, its traceback one click away; and what screen readers are told.
import { atEnd, div, h, hide, on, set, text } from "../dom";
import type { Level, Notice } from "../protocol";

/** Live regions that speak more often than this are switched off by their listeners. */
const SPEAK_EVERY_MS = 2000;

export type StatusView = ReturnType<typeof statusView>;

export function statusView(signal: AbortSignal) {
  const line = h("span", "gw-status-text");
  const more = h("button", { class: "gw-link gw-more", hidden: true, "aria-expanded": "false" }, "Details");
  const close = h("button", { class: "gw-link gw-dismiss", hidden: true }, "Dismiss");
  const detailed = h("pre", { class: "gw-detail", hidden: true, tabindex: 0 });
  const voice = h("div", { class: "gw-voice", role: "status", "aria-live": "polite" });
  const el = div("status", div("status-row", line, more, close), detailed, voice);
  let shown = "";
  /** The last that came from the kernel. */
  let last = "";
  let hinted = "";
  let told = "";
  let warning = false;
  let spoken = 0;
  let next = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  const expand = (open: boolean): void => {
    hide(detailed, !open);
    set(more, { "aria-expanded": open });
    text(more, open ? "Hide details" : "Details");
  };
  /** Tell screen readers; the newest sentence wins when they come faster than anybody listens. */
  const say = (sentence: string): void => {
    next = sentence;
    if (timer) return;
    const speak = (): void => {
      timer = undefined;
      spoken = Date.now();
      text(voice, next);
    };
    timer = setTimeout(speak, Math.max(0, spoken + SPEAK_EVERY_MS - Date.now()));
  };
  const show = (level: Level, message: string, detail = ""): void => {
    shown = message;
    text(line, message || hinted);
    text(detailed, detail);
    set(el, { "data-level": message ? level : null });
    hide(more, detail === "");
    hide(close, message === "" || level === "info");
    expand(false);
    if (message) say(message);
  };
  on(more, "click", () => expand(detailed.hidden), signal);
  on(close, "click", () => show("info", ""), signal);
  atEnd(signal, () => clearTimeout(timer));

  return {
    el,
    show,
    say,
    /** Whether there is something to worry about. */
    get alarmed(): boolean {
      return /error|warning/.test(el.dataset.level ?? "");
    },
    /** The kernel's newest notice, once each time that it is left; it goes when there is none any more. */
    tell: (notice: Notice | undefined): void => {
      const key = notice ? [notice.times, notice.level, notice.text, notice.detail].join(" ") : "";
      if (key === told) return;
      told = key;
      warning = notice?.level === "warning";
      if (!notice) {
        if (shown === last) show("info", "");
      } else if (notice.text !== shown || notice.level === "error") {
        const again = notice.times > 1 && notice.level === "error" ? ` (${notice.times} ×)` : "";
        last = notice.text + again;
        show(notice.level, last, notice.detail);
      }
    },
    /** Make room for what comes of a command; the kernel's warning stays for as long as it holds. */
    clear: (holds: boolean): void => {
      if (!warning || !holds) show("info", "");
      warning &&= holds;
    },
    /** Shown while there is no message; not spoken. */
    hint: (hint: string): void => {
      hinted = hint;
      if (!shown) text(line, hint);
    },
    /** Make room for the hint, unless there is something to worry about. */
    rest: (): void => {
      if (el.dataset.level === "info") show("info", "");
    },
  };
}
