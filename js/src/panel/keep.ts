// The button that makes a picture on show a generation, and under it the number that it was kept as.
import { button, h, on, refill } from "../dom";

export class KeepView {
  readonly button: HTMLButtonElement;
  readonly kept = h("p", { role: "status" });
  readonly #look = h("button", "gw-link", "Show it");
  #slot: number | null = null;

  /** `show` turns to a picture, in a workbench. */
  constructor(name: string, keep: () => void, show: (slot: number) => void, signal: AbortSignal) {
    on(this.#look, "click", () => show(this.#slot as number), signal);
    this.button = button(name, "Keep this picture", keep, signal);
  }

  /** The picture that was kept last; null while there is none, or it is undone. */
  update(kept: number | null): void {
    if (kept === this.#slot) return;
    this.#slot = kept;
    refill(this.kept, ...(kept === null ? [] : [`Kept as ${kept}. `, this.#look]));
  }
}
