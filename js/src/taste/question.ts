// Which of a few pictures is the best? Answered by click, or by keys: 1 to 9, and 0 where it cannot be told.
import { button, div, group, h, hasFocus, hide, icon, on, option, refill, set } from "../dom";
import * as ICON from "../icons";
import type { Answer } from "../requests";

export type Ask = (name: string, args?: Record<string, unknown>) => Promise<Answer | null>;
export type Show = (slot: number, alt: string) => HTMLElement;

const COUNTS = [2, 3, 4, 6, 9];

export function questionView(ask: Ask, show: Show, signal: AbortSignal) {
  let slots: readonly number[] = [];
  /** Whether it was answered, and the next one is on its way. */
  let told = false;

  /** The one at this place is the best; -1: it cannot be told. */
  const answer = async (place: number): Promise<void> => {
    const better = slots[place];
    if (told || (place >= 0 && better === undefined)) return;
    told = true; // a key pressed twice is one answer
    told = (await ask("prefer", { slots, ...(better !== undefined && { better }) })) !== null && told;
  };
  const cards = group("taste-question", "Which one is the best?");
  const tie = button("taste-tie", "Can't tell", () => void answer(-1), signal);
  tie.prepend(h("kbd", {}, "0"));
  const counts = COUNTS.map((n) => option(n, `of ${n}`));
  const count = h("select", { class: "gw-number-input", label: "How many to choose from" }, ...counts);
  on(count, "change", () => void ask("ask", { of: Number(count.value) }), signal);
  const undo = button("taste-undo", "Undo", () => void ask("undo"), signal, icon(ICON.undo));
  const el = div("taste-ask gw-side", cards, div("line", tie, count, undo));

  return {
    el,
    /** Ask about these, if they are new; it was asked for so many, and there is something to undo or not. */
    update: (now: readonly number[], of: number, undoable: boolean): void => {
      told = false;
      count.value = String(of);
      set(undo, { off: !undoable });
      hide(el.parentElement as Element, now.length === 0);
      if (now.join() === slots.join()) return;
      const focused = hasFocus(cards);
      slots = now;
      refill(
        cards,
        ...slots.map((slot, place) => {
          const said = h("span", {}, h("kbd", {}, `${place + 1}`), " This one");
          const card = h("button", "gw-taste-choice", show(slot, `Image ${slot}`), said);
          set(card, { "data-slot": slot, title: `Image ${slot}` });
          on(card, "click", () => void answer(place), signal);
          return card;
        }),
      );
      if (focused) cards.querySelector("button")?.focus();
    },
    key: ({ key }: KeyboardEvent): boolean => {
      const meant = /^\d$/.test(key) && slots.length > 0;
      if (meant) void answer(Number(key) - 1);
      return meant;
    },
  };
}
