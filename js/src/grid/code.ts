// What was done, as Python: a dialog with the code and a button that copies it.
import { button, h, icon, set, text } from "../dom";
import * as ICON from "../icons";
import type { Answer } from "../requests";
import { dialog, show } from "./dialogs";

const COPIED_MS = 1500;

export function codeView(ask: () => Promise<Answer>, failed: (error: unknown) => void, signal: AbortSignal) {
  const code = h("pre", { class: "gw-code-text", tabindex: 0, label: "Python code" });
  const copyIt = async (): Promise<void> => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
    } catch {
      // No clipboard without a secure page or permission: what is selected can be copied by hand, or as of old.
      getSelection()?.selectAllChildren(code);
      copied = document.execCommand("copy");
    }
    text(copy, copied ? "Copied" : "Selected: press Ctrl + C");
    setTimeout(() => text(copy, "Copy"), COPIED_MS);
  };
  const copy = button("copy", "Copy", () => void copyIt(), signal);
  const el = dialog("code-dialog", "Code", h("h2", {}, "Code"), signal, copy);
  el.append(code);
  const open = async (): Promise<void> => {
    try {
      const { value } = await ask();
      text(code, String(value));
      set(el, { "data-ready": true });
      show(el);
    } catch (error) {
      failed(error);
    }
  };
  const label = "Code: what was done, as Python";
  return { el, open, button: button("code", label, () => void open(), signal, icon(ICON.code)) };
}
