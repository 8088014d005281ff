// What opens over the widget: native <dialog>, so that the browser keeps the focus inside, closes on Esc and gives the
// focus back. Here is what all share, and the sheet of keys.

import { button, div, h, icon, on } from "../dom";
import * as ICON from "../icons";
import { KEYS, TOOL_KEYS } from "../keys";

/** The dialog itself gets the focus: Space then stars instead of pressing whatever button comes first. */
export function show(dialog: HTMLDialogElement): void {
  if (!dialog.open) dialog.showModal();
  dialog.focus();
}

/** A dialog with a heading, tools, and a button that closes it, as a click beside it does. */
export function dialog(
  kind: string,
  label: string,
  heading: HTMLElement,
  signal: AbortSignal,
  ...tools: HTMLElement[]
): HTMLDialogElement {
  const el = h("dialog", { class: `gw-dialog gw-${kind}`, label, tabindex: -1 });
  const close = (): void => el.close();
  on(el, "click", ({ target }) => target === el && close(), signal);
  on(el, "keydown", (event) => event.stopPropagation(), signal);
  tools.push(button("close", "Close (Esc)", close, signal, icon(ICON.cross)));
  el.append(h("header", {}, heading, div("tools", ...tools)));
  return el;
}

export class HelpView {
  readonly el: HTMLDialogElement;

  constructor(signal: AbortSignal) {
    const list = (keys: typeof KEYS): HTMLElement =>
      h("dl", {}, ...keys.map(([name, meaning]) => h("div", {}, h("dt", {}, name), h("dd", {}, meaning))));
    this.el = dialog("keys", "Keys", h("h2", {}, "Keys"), signal);
    this.el.append(list(KEYS), h("h3", {}, "Pin and brush"), list(TOOL_KEYS));
  }

  open(): void {
    show(this.el);
  }
}
