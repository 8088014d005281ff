// What is on show and what is under way. Always the same height: nothing moves when a job starts or ends.
import { h, on, set, text } from "../dom";
import { describe, plural } from "../format";
import type { Store } from "../store";

export class ProgressView {
  readonly el: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #title: HTMLElement;
  readonly #figures: HTMLElement;
  readonly #cancel: HTMLButtonElement;

  constructor(
    private readonly store: Store,
    cancel: () => void,
    signal: AbortSignal,
  ) {
    this.#bar = h("div", {
      class: "gw-bar",
      role: "progressbar",
      "aria-label": "Progress",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    });
    this.#title = h("span", { class: "gw-title" });
    this.#figures = h("span", { class: "gw-figures" });
    this.#cancel = h("button", { type: "button", class: "gw-button gw-cancel" }, "Cancel");
    on(this.#cancel, "click", cancel, signal);
    const line = h("div", { class: "gw-progress-line" }, this.#title, this.#figures, this.#cancel);
    this.el = h("div", { class: "gw-progress" }, this.#bar, line);
  }

  update(): void {
    const { job, state } = this.store;
    const share = job?.progress.fraction ?? 0;
    this.#bar.style.setProperty("--gw-share", String(share));
    set(this.#bar, {
      "data-on": job !== null,
      "aria-valuenow": job ? Math.round(100 * share) : null,
      "aria-valuetext": job ? describe(job) : "Nothing under way",
    });
    text(this.#title, state?.title ?? "");
    const waiting = state && state.queued > 0 ? ` · ${plural(state.queued, "job")} waiting` : "";
    text(this.#figures, job ? describe(job) + waiting : "");
    set(this.#cancel, { "data-on": job !== null && this.store.link === "live" });
  }
}
