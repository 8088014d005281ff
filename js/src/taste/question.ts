// Which of a few pictures is the best? Answered by click, or by keys: 1 to 9, and 0 where it cannot be told.
import { button, div, group, h, hasFocus, hide, icon, on, option, refill, set } from "../dom";
import * as ICON from "../icons";
import type { Answer } from "../requests";

const COUNTS = [2, 3, 4, 6, 9];

export class QuestionView {
  readonly #cards = group("taste-question", "Which one is the best?");
  readonly #count = h(
    "select",
    { label: "How many to choose from" },
    ...COUNTS.map((n) => option(n, `of ${n}`)),
  );
  readonly #undo: HTMLButtonElement;
  readonly el: HTMLElement;
  #slots: readonly number[] = [];
  /** Whether it was answered, and the next one is on its way. */
  #told = false;

  constructor(
    private readonly ask: (name: string, args?: Record<string, unknown>) => Promise<Answer | null>,
    private readonly picture: (slot: number, alt: string) => HTMLElement,
    private readonly signal: AbortSignal,
  ) {
    const tie = button(
      "taste-tie",
      "Can't tell",
      () => this.#answer(-1),
      signal,
      h("kbd", {}, "0"),
      "Can't tell",
    );
    this.#undo = button("taste-undo", "Undo", () => void ask("undo"), signal, icon(ICON.undo));
    on(this.#count, "change", () => void ask("ask", { of: Number(this.#count.value) }), signal);
    this.el = div("taste-ask", this.#cards, div("line", tie, this.#count, this.#undo));
  }

  /** Ask about these, if they are new; it was asked for so many, and there is something to undo or not. */
  update(slots: readonly number[], of: number, undo: boolean): void {
    this.#told = false;
    this.#count.value = String(of);
    set(this.#undo, { off: !undo });
    hide(this.el.parentElement as Element, slots.length === 0);
    if (slots.join() === this.#slots.join()) return;
    const focused = hasFocus(this.#cards);
    this.#slots = slots;
    refill(
      this.#cards,
      ...slots.map((slot, place) => {
        const said = h("span", {}, h("kbd", {}, String(place + 1)), "This one");
        const card = h("button", "gw-taste-choice", this.picture(slot, `Image ${slot}`), said);
        set(card, { "data-slot": slot, title: `Image ${slot}` });
        on(card, "click", () => this.#answer(place), this.signal);
        return card;
      }),
    );
    if (focused) this.#cards.querySelector("button")?.focus();
  }

  key({ key }: KeyboardEvent): boolean {
    if (!/^\d$/.test(key) || this.#slots.length === 0) return false;
    this.#answer(Number(key) - 1);
    return true;
  }

  /** The one at this place is the best; -1: it cannot be told. */
  #answer(place: number): void {
    const { [place]: better } = this.#slots;
    if (this.#told || (place >= 0 && better === undefined)) return;
    this.#told = true; // a key pressed twice is one answer
    const args = { slots: this.#slots, ...(better !== undefined && { better }) };
    void this.ask("prefer", args).then((answer) => {
      this.#told &&= answer !== null;
    });
  }
}
