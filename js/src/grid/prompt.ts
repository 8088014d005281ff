// The prompt line. Enter generates; a prompt that doesn't parse is shown with the place where it stops making sense.
import { div, h, hasFocus, hide, on, prevent, refill, set, text } from "../dom";
import { sentence } from "../format";
import type { Failure } from "../protocol";
import type { Store } from "../store";
import { pieces, type Vocabulary } from "./prompt_words";
import { WordsView } from "./words";

export class PromptView {
  readonly el: HTMLElement;
  /** The row under it. */
  readonly words: HTMLElement;
  readonly #area: HTMLTextAreaElement;
  /** Over the text, and as it stands: lines under its signs and unknown words. */
  readonly #ink = h("div", { class: "gw-ink", silent: true });
  readonly #words: WordsView;
  readonly #error: HTMLElement;
  readonly #message: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #before: HTMLElement;
  readonly #at: HTMLElement;
  readonly #after: HTMLElement;
  #known: string | null = null;
  #typing = false; // edited and not yet handed over

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
    host: { submit(): void; changed(): void; words(): Promise<Vocabulary | undefined> },
  ) {
    this.#area = h("textarea", {
      class: "gw-prompt gw-textbox",
      rows: 1,
      maxlength: 10_000,
      spellcheck: "false",
      autocomplete: "off",
      placeholder: "What should the pictures show?",
      label: "Prompt",
    });
    this.#message = h("p", "gw-error-text");
    this.#hint = h("p", "gw-error-hint");
    this.#before = h("span");
    this.#at = h("mark", "gw-caret");
    this.#after = h("span");
    const source = h("code", { class: "gw-error-source", silent: true }, this.#before, this.#at, this.#after);
    this.#error = h(
      "div",
      { class: "gw-prompt-error", role: "alert", hidden: true },
      this.#message,
      source,
      this.#hint,
    );
    // What a chip puts in is no change to the browser: the field may also just be left.
    const commit = (): void => {
      if (!this.#typing) return;
      this.#typing = false;
      if (this.value !== store.state?.settings.prompt) host.changed();
    };
    const put = (prompt: string): void => {
      this.#area.value = prompt;
      this.#typing = true;
      this.#edited();
      if (!hasFocus(this.#area)) commit();
    };
    const learned = (): void => this.#draw();
    this.#words = new WordsView(this.#area, { ask: host.words, put, learned }, signal);
    const field = div("prompt-field", this.#area, this.#ink);
    this.el = div("prompt-box", field, this.#error);
    this.words = this.#words.el;
    on(this.#area, "scroll", () => this.#draw(), signal);
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      prevent(event);
      this.#typing = false;
      host.submit();
    };
    on(this.#area, "keydown", key, signal);
    const input = (): void => {
      this.#typing = true;
      this.#edited();
    };
    on(this.#area, "input", input, signal);
    for (const type of ["change", "blur"] as const) on(this.#area, type, commit, signal);
  }

  get value(): string {
    return this.#area.value;
  }

  /** Take the kernel's prompt when it is news, and never from under the user's hands. */
  update(prompt: string): void {
    set(this.#area, { readonly: !this.store.live });
    if (prompt === this.#known || this.#typing) return;
    this.#known = prompt;
    if (this.#area.value !== prompt) this.#area.value = prompt;
    this.#edited();
  }

  fail(failure: Failure): void {
    const lines = this.value.split("\n");
    const line = Math.min(Math.max((failure.line ?? 1) - 1, 0), lines.length - 1);
    const column = Math.max((failure.column ?? 1) - 1, 0);
    const source = lines[line] ?? "";
    text(this.#message, sentence(failure.message));
    text(this.#hint, sentence(failure.hint ?? ""));
    text(this.#before, source.slice(0, column));
    text(this.#at, source.slice(column, column + 1) || " ");
    text(this.#after, source.slice(column + 1));
    hide(this.#error, false);
    set(this.#area, { "aria-invalid": "true" });
    const offset = lines.slice(0, line).reduce((sum, l) => sum + l.length + 1, 0) + column;
    this.#area.focus();
    this.#area.setSelectionRange(offset, offset);
  }

  focus(): void {
    this.#area.focus();
  }

  /** Any prompt, of the words that the model knows. */
  roll(): void {
    void this.#words.roll();
  }

  #draw(): void {
    const marked = pieces(this.value, this.#words.known).map(({ text: said, is }) =>
      is === "text" ? said : h("span", `gw-${is}`, said),
    );
    refill(this.#ink, ...marked);
    this.#ink.scrollTop = this.#area.scrollTop;
  }

  #edited(): void {
    this.#draw();
    this.#words.update();
    hide(this.#error, true);
    set(this.#area, { "aria-invalid": null });
  }
}
