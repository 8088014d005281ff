// The button that keeps the picture on show as a generation, and under it the number that it was kept as.
import { button, h, on, refill } from "../dom";

export class KeepView {
  readonly els: readonly HTMLElement[];
  readonly #kept = h("p", { role: "status" });
  readonly #look = h("button", "gw-link", "Show it");
  #slot: number | null = null;

  /** `show` turns to a picture, in a workbench. */
  constructor(keep: () => void, show: (slot: number) => void, signal: AbortSignal) {
    on(this.#look, "click", () => show(this.#slot as number), signal);
    this.els = [button("composer-keep", "Keep this picture", keep, signal), this.#kept];
  }

  /** The picture that was kept last; null while there is none, or it is undone. */
  update(kept: number | null): void {
    if (kept === this.#slot) return;
    this.#slot = kept;
    refill(this.#kept, ...(kept === null ? [] : [`Kept as ${kept}. `, this.#look]));
  }
}
