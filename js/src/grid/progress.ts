// What is on show and what is under way. Always the same height: nothing moves when a job starts or ends.
import { button, div, h, hasFocus, set, text, vary } from "../dom";
import { describe, plural } from "../format";
import type { Store } from "../store";
import type { GenerationsView } from "./generations";
import type { Sorter } from "./holds";

export class ProgressView {
  readonly el: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #title: HTMLElement;
  readonly #figures: HTMLElement;
  readonly #cancel: HTMLButtonElement;
  /** The job that was told to end, which it does before its next step. */
  #ending = -1;
  #advice = "";

  constructor(
    private readonly store: Store,
    cancel: () => void,
    private readonly generations: GenerationsView,
    private readonly sort: Sorter,
    signal: AbortSignal,
  ) {
    this.#bar = h("div", {
      class: "gw-bar",
      role: "progressbar",
      label: "Progress",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    });
    this.#title = h("span", "gw-title");
    this.#figures = h("span", "gw-figures");
    const end = (): void => {
      this.#ending = store.job?.job ?? -1;
      this.update();
      cancel();
    };
    this.#cancel = button("cancel", "", end, signal);
    const line = div(
      "progress-line",
      generations.nav,
      this.#title,
      generations.family,
      this.#figures,
      sort.el,
      generations.back,
      this.#cancel,
    );
    this.el = div("progress", this.#bar, line);
  }

  /** `advice` stands in place of the title, while there is some. */
  update(advice = this.#advice): void {
    this.#advice = advice;
    this.sort.update();
    const { job, state } = this.store;
    const lost = state?.job && !job ? state.job.progress : null;
    const share = job?.progress.fraction ?? 0;
    vary(this.#bar, "--gw-share", share);
    set(this.#bar, {
      "data-on": job !== null,
      "aria-valuenow": job ? Math.round(100 * share) : null,
      "aria-valuetext": job ? describe(job) : "Nothing under way",
    });
    const shown = this.generations.place + (state?.title ?? "");
    text(this.#title, lost ? `${lost.done} of ${plural(lost.n, "image")} finished` : advice || shown);
    set(this.#title, { title: advice || null });
    text(this.#figures, job ? describe(job, state?.ahead) : "");
    set(this.#figures, { title: job?.progress.message ?? null }); // says who paints, where workers do
    text(this.#cancel, job?.job === this.#ending ? "Cancelling…" : "Cancel");
    const cancellable = job !== null && this.store.live;
    // A button that goes must not take the keyboard with it.
    if (!cancellable && hasFocus(this.#cancel)) this.el.closest<HTMLElement>(".gw-root")?.focus();
    set(this.#cancel, { "data-on": cancellable });
  }
}
