// What was done, as Python: a dialog with the code and a button that copies it.
import { button, h, icon, set, text } from "../dom";
import * as ICON from "../icons";
import type { Answer } from "../requests";
import { dialog, show } from "./dialogs";

const COPIED_MS = 1500;

export class CodeView {
  readonly el: HTMLDialogElement;
  readonly button: HTMLButtonElement;
  readonly #code = h("pre", { class: "gw-code-text", tabindex: 0, label: "Python code" });
  readonly #copy: HTMLButtonElement;

  constructor(
    private readonly ask: () => Promise<Answer>,
    private readonly failed: (error: unknown) => void,
    signal: AbortSignal,
  ) {
    const label = "Code: what was done, as Python";
    this.button = button("code", label, () => void this.open(), signal, icon(ICON.code));
    this.#copy = button("copy", "Copy", () => void this.#copyIt(), signal);
    this.el = dialog("code-dialog", "Code", h("h2", {}, "Code"), signal, this.#copy);
    this.el.append(this.#code);
  }

  async open(): Promise<void> {
    try {
      const { value } = await this.ask();
      text(this.#code, String(value));
      set(this.el, { "data-ready": true });
      show(this.el);
    } catch (error) {
      this.failed(error);
    }
  }

  async #copyIt(): Promise<void> {
    let copied = true;
    try {
      await navigator.clipboard.writeText(this.#code.textContent ?? "");
    } catch {
      // No clipboard without a secure page or permission: what is selected can be copied by hand, or as of old.
      const range = document.createRange();
      range.selectNodeContents(this.#code);
      const selection = getSelection();
      selection?.removeAllRanges();
      selection?.addRange(range);
      copied = document.execCommand("copy");
    }
    text(this.#copy, copied ? "Copied" : "Selected: press Ctrl + C");
    setTimeout(() => text(this.#copy, "Copy"), COPIED_MS);
  }
}
