// The button that keeps the picture on show as a generation, and under it the number that it was kept as.
import { button, h, on, refill } from "../dom";

export class KeepView {
  readonly els: readonly HTMLElement[];
  readonly #kept = h("p", { role: "status" });
  readonly #look = h("button", "gw-link", "Show it");
  #slot = -1;

  /** `keep` resolves to the number it will have, if any; `show` turns to it, in a workbench. */
  constructor(keep: () => Promise<unknown>, show: (slot: number) => void, signal: AbortSignal) {
    on(this.#look, "click", () => show(this.#slot), signal);
    const press = async (): Promise<void> => {
      this.#slot = Number((await keep()) ?? -1);
    };
    this.els = [button("composer-keep", "Keep this picture", press, signal), this.#kept];
  }

  /** The newest pictures: what is said of the one that was kept comes with it, and goes when it is undone. */
  update(newest: readonly number[]): void {
    const there = newest.includes(this.#slot);
    if (there === this.#kept.hasChildNodes()) return;
    refill(this.#kept, ...(there ? [`Kept as ${this.#slot}. `, this.#look] : []));
  }
}
