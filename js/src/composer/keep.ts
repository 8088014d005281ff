// The buttons that keep the picture on show as a generation, or the best of a few from new noise, and under it the number that it was kept as.
import { button, h, on, refill, set } from "../dom";

/** `keep` takes how many to paint and keep the best of, if not the one on show; `show` turns to a picture, in a workbench. */
export function keepView(
  keep: (of: { of?: number }) => void,
  show: (slot: number) => void,
  signal: AbortSignal,
) {
  const told = h("p", { role: "status" });
  const look = h("button", "gw-link", "Show it");
  let slot: number | null = null;
  on(look, "click", () => show(slot as number), signal);
  const best = button("composer-best", "Best of 4", () => keep({ of: 4 }), signal);
  set(best, { title: "Paints four from new noise, keeps what holds all concepts best" });
  return {
    els: [button("composer-keep", "Keep this picture", () => keep({}), signal), best, told],
    /** The picture that was kept last; null while there is none, or it is undone. */
    update: (kept: number | null): void => {
      if (kept === slot) return;
      slot = kept;
      refill(told, ...(kept === null ? [] : [`Kept as ${kept}. `, look]));
    },
  };
}
