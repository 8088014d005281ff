// A picture's own menu: everything that can be done with this one, at its button, a right click, the context key or O.
import { h, on, prevent, refill, set } from "../dom";
import type { Cell, Level, Spot } from "../protocol";
import type { Store } from "../store";
import { png } from "./files";

export interface MenuHost {
  star(slot: number): void;
  zoom(slot: number): void;
  note(slot: number): void;
  vary(slot: number): void;
  /** Take up the pin: at a spot, or with the crosshair. */
  mutate(slot: number, at: Spot | null): void;
  repair(slot: number): void;
  /** Measure what all on show hold. */
  verify(): void;
  reject(slot: number): void;
  save(slot: number): void;
  /** Another tab, about this picture; null where there are no tabs. */
  turn: ((tab: string, slot: number) => void) | null;
  tell(level: Level, words: string): void;
  failed(error: unknown): void;
}
/** Null: a line between groups. */
type Item = readonly [label: string, key: string, act: () => void] | null;

export type Part = Pick<DOMRect, "left" | "right" | "top" | "bottom">;

/** From the edge of the window. */
const MARGIN = 8;
const SAVE = "Save as PNG (opens again)";
const PNG = "A PNG with all that made it: drop it here another day to go on from it";

export class MenuView {
  readonly el = h("div", { class: "gw-menu", role: "menu", popover: "auto", tabindex: -1 });

  constructor(
    private readonly store: Store,
    private readonly host: MenuHost,
    private readonly signal: AbortSignal,
  ) {
    on(this.el, "keydown", (event) => this.#key(event), signal);
    on(this.el, "contextmenu", prevent, signal);
  }

  /** Open beside a part of the window, right, left, below or above; `at`: the spot of the picture that was pointed at. */
  open(slot: number, { left, right, top, bottom }: Part, at: Spot | null): void {
    const cell = this.store.cell(slot);
    if (cell?.phase !== "done") return;
    const items = this.#items(cell, at).map((item) => {
      if (!item) return h("hr");
      const [label, key, act] = item;
      const button = h("button", { class: "gw-menu-item", role: "menuitem", tabindex: -1 }, label);
      if (key) button.append(h("kbd", { silent: true }, key));
      if (label === SAVE) set(button, { title: PNG });
      const press = (): void => {
        this.el.hidePopover();
        act();
      };
      on(button, "click", press, this.signal);
      return button;
    });
    set(this.el, { label: `Image ${slot}` });
    refill(this.el, ...items);
    this.el.showPopover();
    const { offsetWidth, offsetHeight, style } = this.el;
    const within = (from: number, size: number, room: number): string =>
      `${Math.max(MARGIN, Math.min(from, room - size - MARGIN))}px`;
    const beside = right + offsetWidth > innerWidth ? left - offsetWidth : right;
    style.left = within(beside, offsetWidth, innerWidth);
    const below = bottom + offsetHeight < innerHeight ? bottom : top - offsetHeight;
    style.top = within(beside < 0 ? below : top, offsetHeight, innerHeight);
    this.el.querySelector("button")?.focus();
  }

  #items(cell: Cell, at: Spot | null): Item[] {
    const { host, store } = this;
    const { slot, repair, filtered } = cell;
    const { turn } = host;
    const go = (tab: string) => () => turn?.(tab, slot);
    const items: Item[] = [["Full size", "Enter", () => host.zoom(slot)]];
    if (store.live) {
      const mark = store.markOf(cell);
      items.unshift([mark === "star" ? "Take the star back" : "Star", "Space", () => host.star(slot)]);
      items.push([mark === "reject" ? "Take back" : "Reject", "X", () => host.reject(slot)]);
      if (!store.job) items.push(["Note and tags …", "N", () => host.note(slot)]);
    }
    if (store.live && !filtered) {
      items.push(
        null,
        ["Vary", "V", () => host.vary(slot)],
        ["Mutate here", "P", () => host.mutate(slot, at)],
      );
      if (repair)
        items.push(
          ["Check what holds", "", host.verify],
          ["Repair what is missing", "", () => host.repair(slot)],
        );
      if (turn)
        items.push(
          null,
          ["Optimise towards …", "", go("monitor")],
          ["Compose from it", "", go("composer")],
          ["Where it draws the eye", "", go("saliency")],
        );
      items.push(null, ["Copy", "", () => void this.#copy(slot)]);
    }
    if (store.live) items.push([SAVE, "D", () => host.save(slot)]);
    return items;
  }

  async #copy(slot: number): Promise<void> {
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": png(this.store, slot) })]);
      this.host.tell("info", `Image ${slot} is copied.`);
    } catch {
      this.host.tell("warning", "The browser does not let this page copy pictures: save it instead.");
    }
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    const items = [...this.el.querySelectorAll("button")];
    const now = items.indexOf(event.target as HTMLButtonElement);
    const n = items.length;
    const to = { ArrowUp: now + n - 1, ArrowDown: now + 1, Home: 0, End: n - 1 }[event.key];
    const key = event.key.toUpperCase();
    const named = items.find((item) => item.querySelector("kbd")?.textContent === key);
    if (to !== undefined) items[to % n]?.focus();
    else if (event.key === "Tab") this.el.hidePopover();
    else if (named) named.click();
    else return;
    prevent(event);
  }
}
