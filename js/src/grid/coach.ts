// The first minute: three marks, one after the other, at what comes next. Each goes when that is done, when it is
// clicked, or on Esc. They take no click from what lies below them, and who has made pictures before sees none.
import { boxOf, h, on, sized, spotOf, text, vary } from "../dom";
import { recall, remember } from "../memory";
import type { Store } from "../store";

const STEPS: readonly (readonly [words: string, at: string])[] = [
  ["Start here: paint the prompt.", ".gw-generate"],
  ["Click what you like: it gets a star.", ".gw-frame"],
  ["Now evolve them.", ".gw-evolve"],
];
const DONE = STEPS.length;
/** Between a mark and what it points at: under a picture it lies in the row of numbers, above the next pictures. */
const GAP = 3;
/** Where the room is narrower, the tabs reach to above Generate and Evolve. */
const NARROW = 800;
/** Which stands at the left below them. */
const DICE = 44;

export type CoachView = ReturnType<typeof coachView>;

/** `root` hears the clicks; the marks stand in `room`. */
export function coachView(store: Store, root: HTMLElement, room: HTMLElement, signal: AbortSignal) {
  /** Screen readers say what comes into it. */
  const el = h("div", { class: "gw-coach", role: "status" });
  let step = recall("coach") ? DONE : 0;
  /** The mark that was clicked away. */
  let closed = -1;
  let fresh = true;
  room.append(el);

  const place = (): void => {
    const target = room.querySelector(STEPS[step]?.[1] ?? "hr");
    if (!target || !el.hasChildNodes()) return;
    const { left, top, bottom, width } = boxOf(target);
    const box = boxOf(room);
    const { offsetWidth, offsetHeight, style } = el;
    const below = step === 1 || box.width < NARROW;
    const middle = left - box.left + width / 2;
    const least = step === 1 ? 0 : DICE;
    const start = Math.max(least, Math.min(middle - offsetWidth / 2, box.width - offsetWidth));
    style.left = `${start}px`;
    style.top = `${(below ? bottom + GAP : top - GAP - offsetHeight) - box.top}px`;
    vary(el, "--gw-tip", `${middle - start}px`);
    el.dataset.side = below ? "below" : "above";
  };
  sized(room, place, signal);
  const close = (): void => {
    closed = step;
    remember("coach", "seen");
    text(el, "");
  };
  const click = (event: MouseEvent): void => {
    const hit = spotOf(el, event).every((share) => share > 0 && share < 1);
    if (!hit || !el.hasChildNodes()) return;
    if (step === 1) event.stopPropagation(); // it would star what is under it
    close();
  };
  root.addEventListener("click", click, { capture: true, signal });
  const key = ({ key, target }: KeyboardEvent): void => {
    const here = !(target as Element).closest("dialog") && el.hasChildNodes();
    if (key === "Escape" && here) close();
  };
  on(root, "keydown", key, signal);

  return {
    /** `calm`: nothing else asks for the user's eyes. */
    update: (calm: boolean): void => {
      const { state, cells, job, live } = store;
      if (step === DONE || !state || !live) return;
      const starred = store.starred.length > 0;
      const made = cells.length > 0 || (state.generations?.length ?? 0) > 0;
      if (made && fresh) step = DONE;
      fresh = false;
      if (made) remember("coach", "seen");
      if (step === 0 && made) step = 1;
      if (step === 1 && starred) step = 2;
      else if (step === 2 && job) step = DONE;
      const due = calm && !job && closed !== step && (step < 2 || starred);
      text(el, due ? (STEPS[step]?.[0] ?? "") : "");
      place();
    },
  };
}
