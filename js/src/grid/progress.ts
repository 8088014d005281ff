// What is on show and what is under way. Always the same height: nothing moves when a job starts or ends.
import { button, div, h, hasFocus, set, text, vary } from "../dom";
import { describe, plural } from "../format";
import type { Store } from "../store";
import type { GenerationsView } from "./generations";
import type { Sorter } from "./holds";

export type ProgressView = ReturnType<typeof progressView>;

export function progressView(
  store: Store,
  cancel: () => void,
  generations: GenerationsView,
  sort: Sorter,
  signal: AbortSignal,
) {
  const bar = h("div", {
    class: "gw-bar",
    role: "progressbar",
    label: "Progress",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const title = h("span", "gw-title");
  const figures = h("span", "gw-figures");
  /** The job that was told to end, which it does before its next step. */
  let ending = -1;
  let advised = "";

  /** `advice` stands in place of the title, while there is some. */
  const update = (advice = advised): void => {
    advised = advice;
    sort.update();
    const { job, state } = store;
    const lost = state?.job && !job ? state.job.progress : null;
    const share = job?.progress.fraction ?? 0;
    vary(bar, "--gw-share", share);
    set(bar, {
      "data-on": job !== null,
      "aria-valuenow": job ? Math.round(100 * share) : null,
      "aria-valuetext": job ? describe(job) : "Nothing under way",
    });
    const shown = generations.place + (state?.title ?? "");
    text(title, lost ? `${lost.done} of ${plural(lost.n, "image")} finished` : advice || shown);
    set(title, { title: advice || null });
    text(figures, job ? describe(job, state?.ahead) : "");
    set(figures, { title: job?.progress.message ?? null }); // says who paints, where workers do
    text(stop, job?.job === ending ? "Cancelling…" : "Cancel");
    const cancellable = job !== null && store.live;
    // A button that goes must not take the keyboard with it.
    if (!cancellable && hasFocus(stop)) el.closest<HTMLElement>(".gw-root")?.focus();
    set(stop, { "data-on": cancellable });
  };
  const end = (): void => {
    ending = store.job?.job ?? -1;
    update();
    cancel();
  };
  const stop = button("cancel", "", end, signal);
  const { nav, family, back } = generations;
  const line = div("progress-line", nav, title, family, figures, sort.el, back, stop);
  const el = div("progress", bar, line);
  return { el, update };
}
