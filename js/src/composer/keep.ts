// The button that keeps the picture on show as a generation, and under it the number that it was kept as.
import { button, h, on, refill } from "../dom";

export class KeepView {
  readonly els: readonly HTMLElement[];
  #slot = 0;

  /** `keep` resolves to the picture's number, null where it failed; `show` turns to it, where `canShow` says so. */
  constructor(
    keep: () => Promise<number | null>,
    show: (slot: number) => void,
    canShow: () => boolean,
    signal: AbortSignal,
  ) {
    const kept = h("p", { role: "status" });
    const look = h("button", "gw-link", "Show it");
    on(look, "click", () => show(this.#slot), signal);
    const press = async (): Promise<void> => {
      const slot = await keep();
      if (slot === null) return;
      this.#slot = slot;
      refill(kept, `Kept as ${slot}. `, ...(canShow() ? [look] : []));
    };
    this.els = [button("composer-keep", "Keep this picture", () => void press(), signal), kept];
  }
}
