// The buttons that keep the picture on show as a generation, or the best of a few from new noise, and under it the number that it was kept as.
import { button, h, on, refill, set } from "../dom";

export class KeepView {
  readonly els: readonly HTMLElement[];
  readonly #kept = h("p", { role: "status" });
  readonly #look = h("button", "gw-link", "Show it");
  #slot: number | null = null;

  /**
   * `keep` takes how many to paint and keep the best of, if not the one on show: only where there are concepts to hold;
   * `show` turns to a picture, in a workbench.
   */
  constructor(
    keep: (of: { of?: number }) => void,
    show: (slot: number) => void,
    signal: AbortSignal,
    concepts = true,
  ) {
    on(this.#look, "click", () => show(this.#slot as number), signal);
    const best = button("composer-best", "Best of 4", () => keep({ of: 4 }), signal);
    set(best, { title: "Paints four from new noise, keeps what holds all concepts best" });
    this.els = [
      button("composer-keep", "Keep this picture", () => keep({}), signal),
      ...(concepts ? [best] : []),
      this.#kept,
    ];
  }

  /** The picture that was kept last; null while there is none, or it is undone. */
  update(kept: number | null): void {
    if (kept === this.#slot) return;
    this.#slot = kept;
    refill(this.#kept, ...(kept === null ? [] : [`Kept as ${kept}. `, this.#look]));
  }
}
