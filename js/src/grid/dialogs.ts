// The two things that open over the widget: the full-size view and the sheet of keys. Native <dialog>: the browser
// keeps the focus inside, closes on Esc and gives the focus back.

import { button, h, icon, on, set, text } from "../dom";
import * as ICON from "../icons";
import { KEYS, TOOL_KEYS } from "../keys";
import type { Store } from "../store";
import { CompareView } from "./compare";
import { savePicture } from "./files";

/** The dialog itself gets the focus: Space then stars instead of pressing whatever button comes first. */
export function show(dialog: HTMLDialogElement): void {
  if (!dialog.open) dialog.showModal();
  dialog.focus();
}

export function closable(dialog: HTMLDialogElement, signal: AbortSignal): void {
  const outside = (event: MouseEvent): void => {
    if (event.target === dialog) dialog.close();
  };
  on(dialog, "click", outside, signal);
}

export class HelpView {
  readonly el: HTMLDialogElement;

  constructor(signal: AbortSignal) {
    const list = (keys: typeof KEYS): HTMLElement =>
      h("dl", {}, ...keys.map(([name, meaning]) => h("div", {}, h("dt", {}, name), h("dd", {}, meaning))));
    this.el = h("dialog", {
      class: "gw-dialog gw-keys",
      label: "Keys",
      tabindex: -1,
      autofocus: true,
    });
    const close = button("close", "Close (Esc)", () => this.el.close(), signal, icon(ICON.cross));
    this.el.append(h("header", {}, h("h2", {}, "Keys"), close), list(KEYS));
    this.el.append(h("h3", {}, "Pin and brush"), list(TOOL_KEYS));
    closable(this.el, signal);
  }

  open(): void {
    show(this.el);
  }
}

export interface LightboxHost {
  mark(slot: number, mark: "star" | "reject"): void;
  failed(error: unknown): void;
}

export class LightboxView {
  readonly el: HTMLDialogElement;
  readonly #img = h("img", { class: "gw-full", alt: "" });
  readonly #title = h("h2");
  readonly #size = h("span", "gw-size");
  readonly #label = h("p", "gw-full-label");
  readonly #star: HTMLElement;
  readonly #save = h(
    "a",
    { class: "gw-button gw-save", label: "Save", title: "Save the exact pixels, with what made them" },
    icon(ICON.save),
  );
  readonly #compare: CompareView;
  #slot = -1;

  constructor(
    private readonly store: Store,
    private readonly host: LightboxHost,
    signal: AbortSignal,
  ) {
    this.el = h("dialog", { class: "gw-dialog gw-lightbox", label: "Full size", tabindex: -1 });
    this.#star = button(
      "star-this",
      "Star (Space)",
      () => host.mark(this.#slot, "star"),
      signal,
      icon(ICON.star),
    );
    const close = button("close", "Close (Esc)", () => this.el.close(), signal, icon(ICON.cross));
    const left = button("previous", "Previous", () => this.#step(-1), signal, icon(ICON.left));
    const right = button("next", "Next", () => this.#step(1), signal, icon(ICON.right));
    const tools = h("div", "gw-tools", left, right, this.#star, this.#save, close);
    this.#compare = new CompareView(store, host.failed, signal);
    const sheet = h("div", "gw-sheet", this.#img, this.#compare.layer);
    this.el.append(
      h("header", {}, this.#title, tools),
      h("div", "gw-stage", sheet),
      this.#compare.el,
      h("div", "gw-foot", this.#label, this.#size),
    );
    closable(this.el, signal);
    on(this.el, "keydown", (event) => this.#key(event), signal);
    on(this.el, "keyup", (event) => this.#keyUp(event), signal);
    on(this.#save, "click", (event) => this.#download(event), signal);
    on(this.el, "close", () => this.#compare.show(null), signal);
  }

  /** The tile on show, or -1. */
  get slot(): number {
    return this.el.open ? this.#slot : -1;
  }

  open(slot: number): void {
    if (!this.store.pictures.url(slot)) return; // nothing painted yet
    this.#slot = slot;
    show(this.el);
    this.update();
    this.#paint();
    this.store.fetchExact(slot).catch(this.host.failed);
  }

  /** Open with what changed, or with where its parts came from. */
  compare(slot: number): void {
    this.open(slot);
    if (this.el.open) this.#compare.toggle();
  }

  update(): void {
    if (!this.el.open) return;
    const cell = this.store.cells.find((c) => c.slot === this.#slot);
    if (!cell) {
      this.el.close(); // undone meanwhile
      return;
    }
    const mark = this.store.markOf(cell);
    this.#compare.show(cell);
    text(this.#title, `Image ${cell.slot}`);
    text(this.#size, `${cell.w} × ${cell.h}`);
    text(this.#label, cell.label);
    set(this.el, { "data-mark": mark });
    set(this.#star, { pressed: mark === "star" });
    set(this.#img, { alt: cell.label, "data-small": Math.max(cell.w, cell.h) <= 256 });
    this.#img.style.setProperty("--gw-w", String(cell.w));
    this.#img.style.setProperty("--gw-h", String(cell.h));
  }

  async paint(slots: readonly number[]): Promise<void> {
    if (this.el.open && slots.includes(this.#slot)) this.#paint();
  }

  #paint(): void {
    const url = this.store.pictures.url(this.#slot);
    const tile = this.store.pictures.tile(this.#slot);
    if (!url || !tile) return;
    this.#img.src = url;
    set(this.#img, { "data-exact": tile.exact });
    const kind = tile.media_type.split("/")[1] ?? "png";
    // Saving a preview by mistake would be worse than waiting a moment for the exact pixels.
    set(this.#save, { href: tile.exact ? url : null, off: !tile.exact });
    set(this.#save, { download: `guidewidgets-${this.#slot}.${kind}` });
  }

  /** Without a kernel the pixels are all there is. */
  #download(event: MouseEvent): void {
    if (!this.store.live) return;
    event.preventDefault();
    savePicture(this.store, this.#slot).catch(this.host.failed);
  }

  #step(by: number): void {
    const slots = this.store.cells.map((cell) => cell.slot);
    const next = slots[slots.indexOf(this.#slot) + by];
    if (next !== undefined) this.open(next);
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === " " && !(event.target instanceof HTMLButtonElement))
      this.host.mark(this.#slot, "star");
    else if (event.key === "x" || event.key === "X") this.host.mark(this.#slot, "reject");
    else if (event.key === "c" || event.key === "C") this.#compare.toggle();
    else if (event.key === "b" || event.key === "B") this.#compare.hold(true);
    else return;
    event.preventDefault();
  }

  #keyUp(event: KeyboardEvent): void {
    if (event.key === "b" || event.key === "B") this.#compare.hold(false);
  }
}
