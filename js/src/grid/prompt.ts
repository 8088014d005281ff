// The prompt line. Enter generates; a prompt that doesn't parse is shown with the place where it stops making sense.
import { div, h, hasFocus, hide, on, prevent, refill, set, text } from "../dom";
import { sentence } from "../format";
import type { Failure } from "../protocol";
import type { Store } from "../store";
import { pieces, type Vocabulary } from "./prompt_words";
import { wordsView } from "./words";

export type PromptView = ReturnType<typeof promptView>;

export function promptView(
  store: Store,
  signal: AbortSignal,
  host: { submit(): void; changed(): void; words(): Promise<Vocabulary | undefined> },
) {
  const area = h("textarea", {
    class: "gw-prompt gw-textbox",
    rows: 1,
    maxlength: 10_000,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "What should the pictures show?",
    label: "Prompt",
  });
  /** Over the text, and as it stands: lines under its signs and unknown words. */
  const ink = h("div", { class: "gw-ink", silent: true });
  const message = h("p", "gw-error-text");
  const hint = h("p", "gw-error-hint");
  const before = h("span");
  const at = h("mark", "gw-caret");
  const after = h("span");
  const source = h("code", { class: "gw-error-source", silent: true }, before, at, after);
  const attributes = { class: "gw-prompt-error", role: "alert", hidden: true };
  const wrong = h("div", attributes, message, source, hint);
  let known: string | null = null;
  let typing = false; // edited and not yet handed over

  const draw = (): void => {
    const marked = pieces(area.value, words.known).map(({ text: said, is }) =>
      is === "text" ? said : h("span", `gw-${is}`, said),
    );
    refill(ink, ...marked);
    ink.scrollTop = area.scrollTop;
  };
  const edited = (): void => {
    draw();
    words.update();
    hide(wrong, true);
    set(area, { "aria-invalid": null });
  };
  // What a chip puts in is no change to the browser: the field may also just be left.
  const commit = (): void => {
    if (!typing) return;
    typing = false;
    if (area.value !== store.state?.settings.prompt) host.changed();
  };
  const put = (prompt: string): void => {
    area.value = prompt;
    input();
    if (!hasFocus(area)) commit();
  };
  const input = (): void => {
    typing = true;
    edited();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    prevent(event);
    typing = false;
    host.submit();
  };
  const words = wordsView(area, { ask: host.words, put, learned: draw }, signal);
  on(area, "scroll", draw, signal);
  on(area, "keydown", key, signal);
  on(area, "input", input, signal);
  for (const type of ["change", "blur"] as const) on(area, type, commit, signal);

  return {
    el: div("prompt-box", div("prompt-field", area, ink), wrong),
    /** The row under it. */
    words: words.el,
    /** Any prompt, of the words that the model knows. */
    roll: (): void => void words.roll(),
    focus: (): void => area.focus(),
    get value(): string {
      return area.value;
    },
    /** Take the kernel's prompt when it is news, and never from under the user's hands. */
    update: (prompt: string): void => {
      set(area, { readonly: !store.live });
      if (prompt === known || typing) return;
      known = prompt;
      if (area.value !== prompt) area.value = prompt;
      edited();
    },
    fail: (failure: Failure): void => {
      const lines = area.value.split("\n");
      const line = Math.min(Math.max((failure.line ?? 1) - 1, 0), lines.length - 1);
      const column = Math.max((failure.column ?? 1) - 1, 0);
      const said = lines[line] ?? "";
      text(message, sentence(failure.message));
      text(hint, sentence(failure.hint ?? ""));
      text(before, said.slice(0, column));
      text(at, said.slice(column, column + 1) || " ");
      text(after, said.slice(column + 1));
      hide(wrong, false);
      set(area, { "aria-invalid": "true" });
      const offset = lines.slice(0, line).reduce((sum, l) => sum + l.length + 1, 0) + column;
      area.focus();
      area.setSelectionRange(offset, offset);
    },
  };
}
