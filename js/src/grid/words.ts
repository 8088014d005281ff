// The row under the prompt: a dice, words to put into it, those that complete what is being typed first, and hints.
import { button, div, group, h, hasFocus, hide, icon, on, prevent, refill, take } from "../dom";
import * as ICON from "../icons";
import { completions, dice, insert, SMALL, type Vocabulary } from "./prompt_words";

const HINT = "AND, OR and NOT in capitals join ideas";

export class WordsView {
  readonly el: HTMLElement;
  readonly #chips = group("words-chips", "Words");
  readonly #dice: HTMLButtonElement;
  #vocabulary: Vocabulary | undefined;
  #asked = false;
  #drawn = "";

  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly host: {
      ask(): Promise<Vocabulary | undefined>;
      put(prompt: string): void;
      learned(): void;
    },
    private readonly signal: AbortSignal,
  ) {
    this.#dice = button("dice", "Any prompt (R)", () => void this.roll(), signal, icon(ICON.dice));
    this.el = div("words", div("tools", this.#dice), this.#chips);
    on(area, "focus", () => void this.#learn(), signal);
    for (const type of ["keyup", "click"] as const) on(area, type, () => this.update(), signal);
    const down = (event: KeyboardEvent): void => {
      const last = !area.value.slice(area.selectionStart).includes("\n");
      const chip = this.#chips.querySelector("button");
      if (event.key !== "ArrowDown" || !last || !chip) return;
      prevent(event);
      chip.focus();
    };
    on(area, "keydown", down, signal);
    on(this.#chips, "keydown", (event) => this.#key(event), signal);
    this.update();
  }

  /** Words that the model knows; null: any, or not known yet. */
  get known(): ReadonlySet<string> | null {
    return this.#vocabulary ? new Set(this.#vocabulary.words) : null;
  }

  async roll(): Promise<void> {
    await this.#learn();
    if (this.#vocabulary) this.host.put(dice(this.#vocabulary));
  }

  update(): void {
    const { value, selectionStart } = this.area;
    const { kinds = {}, words = [] } = this.#vocabulary ?? {};
    const [begun, fits] = completions(value, selectionStart, words);
    const small = [...new Set(value.match(SMALL))];
    const key = [small, fits.length > 0 ? begun : "", words.length].join("/");
    hide(this.#dice, this.#vocabulary === null);
    if (key === this.#drawn || hasFocus(this.#chips)) return;
    this.#drawn = key;
    const chips: Node[] = small.map((word) => {
      const label = `${word} is a plain word: ${word.toUpperCase()} joins ideas`;
      return this.#chip(label, () =>
        this.host.put(value.replace(SMALL, (w) => (w === word ? w.toUpperCase() : w))),
      );
    });
    if (fits.length > 0) chips.push(...fits.map((word) => this.#word(word)));
    else
      for (const [kind, some] of Object.entries(kinds))
        chips.push(h("span", {}, kind), ...some.map((word) => this.#word(word)));
    if (chips.length === 0) chips.push(h("span", {}, HINT));
    refill(this.#chips, ...chips);
    this.#chips.scrollLeft = 0;
  }

  #word(word: string): HTMLElement {
    return this.#chip(word, () => {
      const { value, selectionStart: at } = this.area;
      const [prompt, to] = insert(value, at, completions(value, at, [])[0], word);
      this.host.put(prompt);
      this.area.setSelectionRange(to, to);
      this.update();
    });
  }

  #chip(label: string, press: () => void): HTMLElement {
    const chip = h("button", { class: "gw-lineage-chip gw-word", tabindex: -1 }, label);
    const put = (): void => {
      this.area.focus(); // what is typed next goes on from here
      press();
    };
    on(chip, "click", put, this.signal);
    return chip;
  }

  #key(event: KeyboardEvent): void {
    const chips = [...this.#chips.querySelectorAll("button")];
    const now = chips.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: chips.length - 1 }[event.key];
    const back = event.key === "ArrowUp" || event.key === "Escape" || (to ?? 0) < 0;
    if (to === undefined && !back) return;
    take(event);
    (back ? this.area : chips[to as number])?.focus();
  }

  /** Ask once; where it was refused, the next time again. */
  async #learn(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    this.#vocabulary = await this.host.ask();
    this.#asked = this.#vocabulary !== undefined;
    this.update();
    this.host.learned();
  }
}
