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

export class CoachView {
  /** Screen readers say what comes into it. */
  readonly el = h("div", { class: "gw-coach", role: "status" });
  #step = recall("coach") ? DONE : 0;
  /** The mark that was clicked away. */
  #closed = -1;
  #new = true;

  /** `root` hears the clicks; the marks stand in `room`. */
  constructor(
    private readonly store: Store,
    root: HTMLElement,
    private readonly room: HTMLElement,
    signal: AbortSignal,
  ) {
    room.append(this.el);
    sized(room, () => this.#place(), signal);
    const click = (event: MouseEvent): void => {
      const hit = spotOf(this.el, event).every((share) => share > 0 && share < 1);
      if (!hit || !this.el.hasChildNodes()) return;
      if (this.#step === 1) event.stopPropagation(); // it would star what is under it
      this.#close();
    };
    root.addEventListener("click", click, { capture: true, signal });
    const key = ({ key, target }: KeyboardEvent): void => {
      const here = !(target as Element).closest("dialog") && this.el.hasChildNodes();
      if (key === "Escape" && here) this.#close();
    };
    on(root, "keydown", key, signal);
  }

  /** `calm`: nothing else asks for the user's eyes. */
  update(calm: boolean): void {
    const { store } = this;
    const { state, cells, job } = store;
    if (this.#step === DONE || !state || !store.live) return;
    const starred = store.starred.length > 0;
    const made = cells.length > 0 || (state.generations?.length ?? 0) > 0;
    if (made && this.#new) this.#step = DONE;
    this.#new = false;
    if (made) remember("coach", "seen");
    if (this.#step === 0 && made) this.#step = 1;
    if (this.#step === 1 && starred) this.#step = 2;
    else if (this.#step === 2 && job) this.#step = DONE;
    const due = calm && !job && this.#closed !== this.#step && (this.#step < 2 || starred);
    text(this.el, due ? (STEPS[this.#step]?.[0] ?? "") : "");
    this.#place();
  }

  #close(): void {
    if (!this.el.hasChildNodes()) return;
    this.#closed = this.#step;
    remember("coach", "seen");
    text(this.el, "");
  }

  #place(): void {
    const target = this.room.querySelector(STEPS[this.#step]?.[1] ?? "hr");
    if (!target || !this.el.hasChildNodes()) return;
    const { left, top, bottom, width } = boxOf(target);
    const room = boxOf(this.room);
    const { offsetWidth, offsetHeight, style } = this.el;
    const below = this.#step === 1 || room.width < NARROW;
    const middle = left - room.left + width / 2;
    const least = this.#step === 1 ? 0 : DICE;
    const start = Math.max(least, Math.min(middle - offsetWidth / 2, room.width - offsetWidth));
    style.left = `${start}px`;
    style.top = `${(below ? bottom + GAP : top - GAP - offsetHeight) - room.top}px`;
    vary(this.el, "--gw-tip", `${middle - start}px`);
    this.el.dataset.side = below ? "below" : "above";
  }
}
