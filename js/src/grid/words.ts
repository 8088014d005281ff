// The row under the prompt: a dice, words to put into it, those that complete what is being typed first, and hints.
import { button, div, group, h, hasFocus, hide, icon, on, prevent, refill, take } from "../dom";
import * as ICON from "../icons";
import { completions, dice, insert, SMALL, type Vocabulary } from "./prompt_words";

const HINT = "AND, OR and NOT in capitals join ideas";

interface Host {
  ask(): Promise<Vocabulary | undefined>;
  put(prompt: string): void;
  learned(): void;
}

export function wordsView(area: HTMLTextAreaElement, host: Host, signal: AbortSignal) {
  const chips = group("words-chips", "Words");
  let vocabulary: Vocabulary | undefined;
  let asked = false;
  let drawn = "";

  const chipOf = (label: string, press: () => void): HTMLElement => {
    const chip = h("button", { class: "gw-lineage-chip gw-word", tabindex: -1 }, label);
    const put = (): void => {
      area.focus(); // what is typed next goes on from here
      press();
    };
    on(chip, "click", put, signal);
    return chip;
  };
  const wordOf = (word: string): HTMLElement =>
    chipOf(word, () => {
      const { value, selectionStart: at } = area;
      const [prompt, to] = insert(value, at, completions(value, at, [])[0], word);
      host.put(prompt);
      area.setSelectionRange(to, to);
      update();
    });
  const update = (): void => {
    const { value, selectionStart } = area;
    const { kinds = {}, words = [] } = vocabulary ?? {};
    const [begun, fits] = completions(value, selectionStart, words);
    const small = [...new Set(value.match(SMALL))];
    const key = [small, fits.length > 0 ? begun : "", words.length].join("/");
    hide(any, vocabulary === null);
    if (key === drawn || hasFocus(chips)) return;
    drawn = key;
    const shown: Node[] = small.map((word) => {
      const label = `${word} is a plain word: ${word.toUpperCase()} joins ideas`;
      return chipOf(label, () => host.put(value.replace(SMALL, (w) => (w === word ? w.toUpperCase() : w))));
    });
    if (fits.length > 0) shown.push(...fits.map(wordOf));
    else
      for (const [kind, some] of Object.entries(kinds)) shown.push(h("span", {}, kind), ...some.map(wordOf));
    if (shown.length === 0) shown.push(h("span", {}, HINT));
    refill(chips, ...shown);
    chips.scrollLeft = 0;
  };

  /** Ask once; where it was refused, the next time again. */
  const learn = async (): Promise<void> => {
    if (asked) return;
    asked = true;
    vocabulary = await host.ask();
    asked = vocabulary !== undefined;
    update();
    host.learned();
  };
  const roll = async (): Promise<void> => {
    await learn();
    if (vocabulary) host.put(dice(vocabulary));
  };
  const any = button("dice", "Any prompt (R)", () => void roll(), signal, icon(ICON.dice));

  on(area, "focus", () => void learn(), signal);
  for (const type of ["keyup", "click"] as const) on(area, type, update, signal);
  const down = (event: KeyboardEvent): void => {
    const last = !area.value.slice(area.selectionStart).includes("\n");
    const chip = chips.querySelector("button");
    if (event.key !== "ArrowDown" || !last || !chip) return;
    prevent(event);
    chip.focus();
  };
  on(area, "keydown", down, signal);
  const key = (event: KeyboardEvent): void => {
    const all = [...chips.querySelectorAll("button")];
    const now = all.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: all.length - 1 }[event.key];
    const back = event.key === "ArrowUp" || event.key === "Escape" || (to ?? 0) < 0;
    if (to === undefined && !back) return;
    take(event);
    (back ? area : all[to as number])?.focus();
  };
  on(chips, "keydown", key, signal);
  update();

  return {
    el: div("words", div("tools", any), chips),
    update,
    roll,
    /** Words that the model knows; null: any, or not known yet. */
    get known(): ReadonlySet<string> | null {
      return vocabulary ? new Set(vocabulary.words) : null;
    },
  };
}
