// One cell of the grid: picture, number, star; with quiet mouse buttons for zoom and reject.
import { h, ICON, icon, on, set, text } from "../dom";
import { plural } from "../format";
import type { Hand } from "../hand";
import type { Cell } from "../protocol";
import type { Store } from "../store";
import { Overlay } from "./overlay";

export interface TileActions {
  click(slot: number, extend: boolean): void;
  focus(slot: number): void;
  zoom(slot: number): void;
  reject(slot: number): void;
}

const STATE_WORD = { none: "", star: ", starred", reject: ", rejected" } as const;
const PHASE_WORD = { pending: ", waiting", preview: ", being painted", done: "" } as const;

export class TileView {
  readonly el: HTMLElement;
  readonly #img: HTMLImageElement;
  readonly #number: HTMLElement;
  readonly #note: HTMLElement;
  readonly #overlay: Overlay;
  #src = "";

  constructor(
    readonly slot: number,
    private readonly store: Store,
    private readonly hand: Hand,
    actions: TileActions,
    signal: AbortSignal,
  ) {
    this.#img = h("img", { class: "gw-img", alt: "", draggable: "false", decoding: "async" });
    this.#number = h("span", { class: "gw-number" }, String(slot));
    this.#note = h("span", { class: "gw-note" });
    // For the mouse only: the keyboard has Enter and X, and buttons inside a cell would break a grid's keys.
    const zoom = h(
      "span",
      { class: "gw-corner gw-zoom", title: "Full size (Enter)", "aria-hidden": "true" },
      icon(ICON.zoom),
    );
    const reject = h(
      "span",
      { class: "gw-corner gw-reject", title: "Reject (X)", "aria-hidden": "true" },
      icon(ICON.cross),
    );
    const frame = h(
      "div",
      { class: "gw-frame" },
      h("div", { class: "gw-skeleton" }),
      this.#img,
      this.#note,
      reject,
      zoom,
    );
    this.#overlay = new Overlay(frame, slot, hand, signal);
    this.el = h(
      "div",
      { class: "gw-tile", role: "gridcell", tabindex: -1, "data-slot": slot },
      frame,
      h(
        "div",
        { class: "gw-caption", "aria-hidden": "true" },
        this.#number,
        h("span", { class: "gw-star" }, icon(ICON.star)),
      ),
    );
    const click = (event: MouseEvent): void => {
      if (hand.tool === "select") actions.click(slot, event.shiftKey);
      else actions.focus(slot);
    };
    on(this.el, "click", click, signal);
    on(this.el, "pointerenter", () => this.wantExact(), signal);
    on(this.el, "focus", () => this.wantExact(), signal);
    for (const [button, act] of [
      [zoom, actions.zoom],
      [reject, actions.reject],
    ] as const) {
      const press = (event: MouseEvent): void => {
        event.stopPropagation();
        act(slot);
      };
      on(button, "click", press, signal);
    }
  }

  /** So that "save image" gives the exact pixels: large pictures come lossy first. */
  wantExact(): void {
    this.store.fetchExact(this.slot).catch(() => undefined); // the lossy picture stays, nothing is lost
  }

  update(cell: Cell, index: number): void {
    const mark = this.store.markOf(cell);
    const drawn = this.hand.marks(cell.slot).length;
    const hand = drawn > 0 ? `, ${plural(drawn, "mark")} drawn on it` : "";
    const words = `${cell.label}, number ${cell.slot}${STATE_WORD[mark]}${PHASE_WORD[cell.phase]}${hand}`;
    set(this.el, {
      "data-phase": cell.phase,
      "data-mark": mark,
      "data-drawn": drawn || null,
      "aria-selected": mark === "star" ? "true" : "false",
      "aria-label": cell.filtered ? `${words}, hidden by the safety checker` : words,
    });
    set(this.#number, { "data-key": index < 9 ? index + 1 : null });
    text(this.#note, cell.filtered ? "Hidden by the model's safety checker" : "");
    this.el.style.setProperty("--gw-ratio", `${cell.w} / ${cell.h}`);
    this.#overlay.update(cell);
  }

  /** Show the newest picture; resolves when it is decoded, with whether there was a new one. */
  async paint(): Promise<boolean> {
    const url = this.store.images.url(this.slot);
    if (!url || url === this.#src) return false;
    this.#src = url;
    this.#img.src = url;
    // Rejects when the next picture arrives mid-decode: that one is then waited for.
    await this.#img.decode().catch(() => undefined);
    const painted = Number(this.el.dataset.painted ?? 0) + 1;
    const final = this.store.images.tile(this.slot)?.final ?? false;
    set(this.el, { "data-painted": painted, "data-final": final });
    return true;
  }
}
