// The status line: the last notice or error, its traceback one click away; and what screen readers are told.
import { atEnd, div, h, hide, on, set, text } from "../dom";
import type { Level, Notice } from "../protocol";

/** Live regions that speak more often than this are switched off by their listeners. */
const SPEAK_EVERY_MS = 2000;

export class StatusView {
  readonly el: HTMLElement;
  readonly #line: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #close: HTMLButtonElement;
  readonly #detail: HTMLElement;
  readonly #voice: HTMLElement;
  #message = "";
  /** The last that came from the kernel. */
  #notice = "";
  #hint = "";
  #told = "";
  #warning = false;
  #spoken = 0;
  #next: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    this.#line = h("span", "gw-status-text");
    this.#more = h("button", { class: "gw-link gw-more", hidden: true, "aria-expanded": "false" }, "Details");
    this.#close = h("button", { class: "gw-link gw-dismiss", hidden: true }, "Dismiss");
    this.#detail = h("pre", { class: "gw-detail", hidden: true, tabindex: 0 });
    this.#voice = h("div", { class: "gw-voice", role: "status", "aria-live": "polite" });
    const row = div("status-row", this.#line, this.#more, this.#close);
    this.el = div("status", row, this.#detail, this.#voice);
    on(this.#more, "click", () => this.#expand(this.#detail.hidden), signal);
    on(this.#close, "click", () => this.show("info", ""), signal);
    atEnd(signal, () => clearTimeout(this.#timer));
  }

  /** Whether there is something to worry about. */
  get alarmed(): boolean {
    return /error|warning/.test(this.el.dataset.level ?? "");
  }

  show(level: Level, message: string, detail = ""): void {
    this.#message = message;
    text(this.#line, message || this.#hint);
    text(this.#detail, detail);
    set(this.el, { "data-level": message ? level : null });
    hide(this.#more, detail === "");
    hide(this.#close, message === "" || level === "info");
    this.#expand(false);
    if (message) this.say(message);
  }

  /** The kernel's newest notice, once each time that it is left; it goes when there is none any more. */
  tell(notice: Notice | undefined): void {
    const key = notice ? [notice.times, notice.level, notice.text, notice.detail].join(" ") : "";
    if (key === this.#told) return;
    this.#told = key;
    this.#warning = notice?.level === "warning";
    if (!notice) {
      if (this.#message === this.#notice) this.show("info", "");
    } else if (notice.text !== this.#message || notice.level === "error") {
      const again = notice.times > 1 && notice.level === "error" ? ` (${notice.times} ×)` : "";
      this.#notice = notice.text + again;
      this.show(notice.level, this.#notice, notice.detail);
    }
  }

  /** Make room for what comes of a command; the kernel's warning stays for as long as it holds. */
  clear(holds: boolean): void {
    if (!this.#warning || !holds) this.show("info", "");
    this.#warning &&= holds;
  }

  /** Shown while there is no message; not spoken. */
  hint(hint: string): void {
    this.#hint = hint;
    if (!this.#message) text(this.#line, hint);
  }

  /** Make room for the hint, unless there is something to worry about. */
  rest(): void {
    if (this.el.dataset.level === "info") this.show("info", "");
  }

  /** Tell screen readers; the newest sentence wins when they come faster than anybody listens. */
  say(sentence: string): void {
    this.#next = sentence;
    if (this.#timer) return;
    const wait = Math.max(0, this.#spoken + SPEAK_EVERY_MS - Date.now());
    const speak = (): void => {
      this.#timer = undefined;
      this.#spoken = Date.now();
      text(this.#voice, this.#next ?? "");
    };
    this.#timer = setTimeout(speak, wait);
  }

  #expand(open: boolean): void {
    hide(this.#detail, !open);
    set(this.#more, { "aria-expanded": open });
    text(this.#more, open ? "Hide details" : "Details");
  }
}
