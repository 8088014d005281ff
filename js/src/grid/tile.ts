// One cell of the grid: picture, number, star; with quiet mouse buttons for zoom and reject.

import { urlOf } from "../binary";
import {
  atEnd,
  boxOf,
  div,
  focusOn,
  h,
  hide,
  icon,
  on,
  picture,
  prevent,
  set,
  spotOf,
  take,
  text,
  vary,
} from "../dom";
import { plural } from "../format";
import * as ICON from "../icons";
import type { Cell, Level, Spot } from "../protocol";
import type { Store } from "../store";
import type { ToolState } from "../tool_state";
import type { Change } from "./answers";
import { badge } from "./holds";
import type { Part } from "./menu";
import { type Overlay, overlay } from "./overlay";

export interface TileActions {
  /** `again`: the second of a double click. */
  click(slot: number, extend: boolean, again: boolean): void;
  focus(slot: number): void;
  zoom(slot: number): void;
  reject(slot: number): void;
  /** Its menu, beside a part of the window; `at`: the spot of the picture that was pointed at. */
  menu(slot: number, beside: Part, at: Spot | null): void;
  tell(level: Level, words: string): void;
  failed(error: unknown): void;
}

const STATE_WORD = { none: "", star: ", starred", reject: ", rejected" } as const;
const PHASE_WORD = { pending: ", waiting", preview: ", being painted", done: "" } as const;

export class TileView {
  readonly el: HTMLElement;
  readonly #img: HTMLImageElement;
  readonly #number: HTMLElement;
  readonly #note: HTMLElement;
  readonly #holds = h("div", { class: "gw-holds", silent: true, title: "" });
  readonly #noted = h("span", "gw-noted", icon(ICON.note));
  readonly #overlay: Overlay;
  readonly #past: HTMLElement;
  #compare: Cell["compare"] = "none";
  #held = false;
  #before = "";
  #src = "";

  constructor(
    readonly slot: number,
    private readonly store: Store,
    private readonly tools: ToolState,
    private readonly actions: TileActions,
    signal: AbortSignal,
  ) {
    this.#img = picture("img", { draggable: "false", decoding: "async" });
    // As Python counts, which the keys do not.
    this.#number = h("span", { class: "gw-number", title: `s[${slot}] in Python` }, `[${slot}]`);
    this.#note = h("span", "gw-note");
    // For the mouse only: the keyboard has Enter and X, and buttons inside a cell would break a grid's keys.
    const corner = (name: string, title: string, drawing: SVGElement): HTMLElement =>
      h("span", { class: `gw-corner gw-${name}`, title, silent: true }, drawing);
    const zoom = corner("zoom", "Full size (Enter)", icon(ICON.zoom));
    const reject = corner("reject", "Reject (X)", icon(ICON.cross));
    this.#past = corner("past", "Hold: before (H)", icon(ICON.undo));
    const dots = corner("dots", "More (O, or right click)", icon(ICON.dots, true));
    const frame = div("frame", div("skeleton"), this.#img, this.#note, reject, this.#past, zoom, dots);
    this.#overlay = overlay(frame, slot, tools, signal);
    this.el = h(
      "div",
      { class: "gw-tile", role: "gridcell", tabindex: -1, "data-slot": slot },
      frame,
      h(
        "div",
        { class: "gw-caption", silent: true },
        this.#number,
        this.#noted,
        h("span", "gw-star", icon(ICON.star)),
      ),
      this.#holds,
    );
    // To read, not to star: where nothing hovers, a touch tells what they say.
    const told = (event: MouseEvent): void => {
      event.stopPropagation();
      actions.tell("info", `Image ${slot} ${this.#holds.title}`);
    };
    on(this.#holds, "click", told, signal);
    const click = (event: MouseEvent): void => {
      if (tools.tool === "select") actions.click(slot, event.shiftKey, event.detail === 2);
      else actions.focus(slot);
    };
    on(this.el, "click", click, signal);
    on(this.el, "pointerenter", () => this.wantExact(), signal);
    on(this.el, "blur", () => this.before(false), signal);
    on(this.#past, "click", (event) => event.stopPropagation(), signal);
    on(this.#past, "contextmenu", prevent, signal); // a long touch is a hold
    const press = (event: PointerEvent): void => {
      event.stopPropagation();
      this.before(true);
    };
    on(this.#past, "pointerdown", press, signal);
    for (const type of ["pointerup", "pointerleave", "pointercancel"] as const)
      on(this.#past, type, () => this.before(false), signal);
    atEnd(signal, () => this.#forget());
    on(this.el, "focus", () => this.wantExact(), signal);
    const menu = (event: MouseEvent): void => {
      if (event.shiftKey) return; // the browser's own, as everywhere
      take(event);
      // The context key points nowhere.
      if (event.button === 2)
        actions.menu(slot, new DOMRect(event.clientX, event.clientY), spotOf(frame, event));
      else this.menu();
    };
    on(this.el, "contextmenu", menu, signal);
    for (const [button, act] of [
      [zoom, actions.zoom],
      [reject, actions.reject],
      [dots, () => this.menu()],
    ] as const) {
      const press = (event: MouseEvent): void => {
        event.stopPropagation();
        act(slot);
      };
      on(button, "click", press, signal);
    }
  }

  /** Open its menu, for those who do not point. */
  menu(): void {
    focusOn(this.el); // which comes back to it afterwards
    this.actions.menu(this.slot, boxOf(this.el), null);
  }

  /** So that "save image" gives the exact pixels: large pictures come lossy first. */
  wantExact(): void {
    this.store.fetchExact(this.slot).catch(() => undefined); // the lossy picture stays, nothing is lost
  }

  /** The parent's picture in the place of this one's, for as long as a key or a finger is down. */
  before(down: boolean): void {
    if (down === this.#held || (down && (this.#compare !== "change" || !this.store.live))) return;
    this.#held = down;
    if (!down) this.#lay(null);
    else if (this.#before) this.#lay(this.#before);
    else this.#fetch().catch(this.actions.failed);
  }

  async #fetch(): Promise<void> {
    const { value, buffers } = await this.store.command("change", { slot: this.slot });
    const data = buffers[0];
    if (!data || this.#before || !this.el.isConnected) return;
    this.#before = urlOf(data, (value as Change).media_type);
    if (this.#held) this.#lay(this.#before);
  }

  #lay(url: string | null): void {
    this.el.querySelector(".gw-was")?.remove();
    set(this.el, { "data-before": url !== null });
    if (url) this.#img.after(h("img", { class: "gw-img gw-was", src: url, alt: "", draggable: "false" }));
  }

  #forget(): void {
    if (this.#before) URL.revokeObjectURL(this.#before);
    this.#before = "";
  }

  update(cell: Cell, index: number): void {
    this.#compare = cell.compare;
    hide(this.#past, cell.compare !== "change");
    const mark = this.store.markOf(cell);
    const drawn = this.tools.marks(cell.slot).length;
    const drawings = drawn > 0 ? `, ${plural(drawn, "mark")} drawn on it` : "";
    const said = this.store.said(cell.slot);
    const marks = `${STATE_WORD[mark]}${PHASE_WORD[cell.phase]}${drawings}${said && `, ${said}`}${badge(this.#holds, cell)}`;
    const words = `${cell.label}, number ${cell.slot}${marks}`;
    const why = cell.filtered ? cell.reason || "hidden by the model's safety checker" : "";
    set(this.el, {
      "data-phase": cell.phase,
      "data-mark": mark,
      "data-drawn": drawn || null,
      "aria-selected": mark === "star",
      label: why ? `${words}, ${why}` : words,
    });
    set(this.#noted, { title: said, hidden: !said });
    set(this.#number, { "data-key": index < 9 ? index + 1 : null });
    text(this.#note, why.charAt(0).toUpperCase() + why.slice(1));
    vary(this.el, "--gw-ratio", `${cell.w} / ${cell.h}`);
    this.#overlay.update(cell);
  }

  /** Show the newest picture; resolves when it is decoded, with whether there was a new one. */
  async paint(): Promise<boolean> {
    const url = this.store.pictures.url(this.slot);
    if (!url || url === this.#src) return false;
    this.#src = url;
    this.#img.src = url;
    // Rejects when the next picture arrives mid-decode: that one is then waited for.
    await this.#img.decode().catch(() => undefined);
    const painted = Number(this.el.dataset.painted ?? 0) + 1;
    const final = this.store.pictures.tile(this.slot)?.final ?? false;
    set(this.el, { "data-painted": painted, "data-final": final });
    return true;
  }
}
