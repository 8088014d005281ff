// In place of an empty session: those that the notebook has left, each at a press.
import { button, focusOn, h, hide, refill } from "../dom";
import type { Store } from "../store";

const MOST = 3;

export interface Offers {
  readonly el: HTMLElement;
  update(): void;
}

export function offers(store: Store, open: (which: number) => void, signal: AbortSignal): Offers {
  const el = h("div", { class: "gw-line gw-offers", role: "status" });
  let most = MOST;
  let drawn = "";
  const press = (one: string, which: number): HTMLElement =>
    button("reopen", which ? one : "Open it", () => open(which), signal);
  const update = (): void => {
    const all = store.state?.offers ?? [];
    hide(el, all.length === 0 || !store.live);
    if (all.join() === drawn) return;
    drawn = all.join();
    refill(el, `Your last session: ${all[0]}`, ...all.slice(0, most).map(press));
    if (all.length > most) el.append(older);
  };
  const more = (): void => {
    most = 99;
    drawn = "";
    update();
    focusOn(el.children[MOST] as HTMLElement);
  };
  const older = button("older", "Older…", more, signal);
  return { el, update };
}
