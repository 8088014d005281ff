// The grid of candidates: a WAI-ARIA grid whose cells are the tab stop themselves (roving tabindex).
import { columns, GAP, LARGEST } from "../columns";
import { boxOf, focusOn, h, hasFocus, on, refill, set, sized, take, vary } from "../dom";
import { action, destination, type Move, toolAction } from "../keys";
import type { Cell, Mark } from "../protocol";
import type { Store } from "../store";
import type { ToolState } from "../tool_state";
import { Room } from "./room";
import { type TileActions, TileView } from "./tile";

/** What hosts show at the bottom of the window. */
const STATUS_BAR = 30;
/** Actions of keys that are about one image; the host's have the same names. */
const OWN = /^(zoom|compare|note|save|vary|star|reject)$/;
export interface GridHost {
  zoom(slot: number): void;
  compare(slot: number): void;
  note(slot: number): void;
  save(slot: number): void;
  vary(slot: number): void;
  star(slot: number): void;
  reject(slot: number): void;
  menu: TileActions["menu"];
  tell: TileActions["tell"];
  failed(error: unknown): void;
}

export class GridView {
  readonly el: HTMLElement;
  readonly room: Room;
  readonly #tiles = new Map<number, { view: TileView; end: AbortController }>();
  #slots: number[] = [];
  #cols = 0;
  #active = 0;
  #anchor: number | null = null;
  #moving = false;

  constructor(
    private readonly store: Store,
    private readonly tools: ToolState,
    private readonly host: GridHost,
    private readonly signal: AbortSignal,
  ) {
    this.el = h("div", {
      class: "gw-grid",
      role: "grid",
      "aria-multiselectable": "true",
      label: "Images",
    });
    on(this.el, "keydown", (event) => this.#key(event), signal);
    const up = (event: KeyboardEvent): void => {
      if (action(event)?.do === "before") for (const { view } of this.#tiles.values()) view.before(false);
    };
    on(this.el, "keyup", up, signal);
    on(this.el, "focusin", (event) => this.#focused(event.target as Element), signal);
    on(this.el, "focusout", (event) => this.#left(event.relatedTarget), signal);
    this.room = new Room(store, this.el);
    sized(this.room.el, () => this.#layout(), signal);
  }

  update(): void {
    const cells = this.store.cells;
    const slots = cells.map((cell) => cell.slot);
    if (slots.join() !== this.#slots.join()) this.#rebuild(slots);
    cells.forEach((cell, i) => {
      this.#tiles.get(cell.slot)?.view.update(cell, i);
    });
    const narrow = Math.min(1, ...cells.map(({ w, h }) => w / h));
    vary(this.el, "--gw-most", `${Math.round(LARGEST * narrow)}px`);
  }

  /** Show the newest pictures of some tiles; resolves with how many there were. */
  async paint(slots: readonly number[]): Promise<number> {
    const painted = await Promise.all(slots.map((slot) => this.#tiles.get(slot)?.view.paint()));
    return painted.filter(Boolean).length;
  }

  /** Give the keyboard to a tile: the one that had it last. */
  focus(index = this.#active): void {
    this.#focus(index);
  }

  /** Bring the first pictures into sight, where somebody waits for them. */
  come(): void {
    const root = this.el.closest(".gw-root") as HTMLElement;
    const { bottom } = boxOf(this.el.firstElementChild ?? root);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (hasFocus(root) && bottom > innerHeight - STATUS_BAR)
      root.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  }

  /** Mark an image, or take that back. */
  toggle(slot: number, mark: Mark = "star"): void {
    const cell = this.store.cell(slot);
    if (cell) this.#mark([cell], this.store.markOf(cell) === mark ? "none" : mark);
  }

  /** Star or unstar the tile at `index`. */
  nth(index: number): void {
    this.toggle(this.#slots[index] ?? -1);
  }

  #mark(cells: readonly Cell[], mark: Mark): void {
    const slots = cells.filter((cell) => this.store.markOf(cell) !== mark).map((cell) => cell.slot);
    if (slots.length === 0 || !this.store.live) return;
    this.store.mark(slots, mark).catch(this.host.failed);
  }

  #range(to: number): void {
    const from = this.#anchor ?? this.#active;
    const [low, high] = from < to ? [from, to] : [to, from];
    this.#mark(this.store.cells.slice(low, high + 1), "star");
  }

  #rebuild(slots: number[]): void {
    const wanted = new Set(slots);
    const hadFocus = hasFocus(this.el);
    for (const [slot, { end, view }] of this.#tiles) {
      if (wanted.has(slot)) continue;
      end.abort();
      view.el.remove();
      this.#tiles.delete(slot);
    }
    for (const slot of slots) if (!this.#tiles.has(slot)) this.#add(slot);
    this.#slots = slots;
    this.#anchor = null;
    this.#active = Math.min(this.#active, Math.max(0, slots.length - 1));
    this.#cols = 0;
    this.#layout();
    if (hadFocus) this.#focus(this.#active);
    void this.paint(slots);
  }

  #add(slot: number): void {
    const end = new AbortController();
    this.signal.addEventListener("abort", () => end.abort(), { once: true, signal: end.signal });
    const focus = (): void => this.#focus(this.#slots.indexOf(slot));
    let before: Mark = "none";
    const click = (_: number, extend: boolean, again: boolean): void => {
      focus();
      if (extend) {
        this.#range(this.#active);
        return;
      }
      this.#anchor = this.#active;
      const cell = this.store.cell(slot);
      if (!cell) return;
      if (again) {
        this.#mark([cell], before);
        this.host.zoom(slot);
        return;
      }
      before = this.store.markOf(cell);
      this.toggle(slot);
    };
    const actions = { ...this.host, click, focus };
    const view = new TileView(slot, this.store, this.tools, actions, end.signal);
    this.#tiles.set(slot, { view, end });
  }

  /** Put the tiles into rows. Only when the number of columns changes: moving a cell costs it the focus. */
  #layout(): void {
    this.room.reserve();
    const n = this.#slots.length;
    const cols = columns(this.room.el.clientWidth, n);
    if (cols === this.#cols) return;
    const focused = hasFocus(this.el);
    this.#moving = true;
    this.#cols = cols;
    vary(this.el, "--gw-cols", cols);
    vary(this.el, "--gw-gap", `${GAP}px`);
    set(this.el, { "aria-rowcount": Math.ceil(n / cols), "aria-colcount": cols });
    const rows: HTMLElement[] = [];
    this.#slots.forEach((slot, i) => {
      if (i % cols === 0)
        rows.push(h("div", { class: "gw-row", role: "row", "aria-rowindex": i / cols + 1 }));
      const tile = this.#tiles.get(slot)?.view.el;
      if (!tile) return;
      set(tile, { "aria-colindex": (i % cols) + 1, tabindex: i === this.#active ? 0 : -1 });
      rows.at(-1)?.append(tile);
    });
    refill(this.el, ...rows);
    if (focused) this.#focus(this.#active);
    this.#moving = false;
  }

  #focused(target: Element): void {
    const tile = target.closest<HTMLElement>(".gw-tile");
    const index = tile ? this.#slots.indexOf(Number(tile.dataset.slot)) : -1;
    if (index >= 0) this.#rove(index);
  }

  /** The crosshair stays only while its tile has the keyboard. */
  #left(to: EventTarget | null): void {
    const tile = this.#tiles.get(this.tools.cursor?.slot ?? -1)?.view.el;
    if (tile && tile !== to && !this.#moving) this.tools.leave();
  }

  #rove(index: number): void {
    this.#active = index;
    this.#slots.forEach((slot, i) => {
      const tile = this.#tiles.get(slot)?.view.el;
      if (tile) set(tile, { tabindex: i === index ? 0 : -1 });
    });
  }

  #focus(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    this.#rove(index);
    focusOn(this.#tiles.get(slot)?.view.el);
  }

  #move(by: Move, extend: boolean): void {
    const to = destination(this.#active, by, this.#slots.length, this.#cols);
    this.#anchor = extend ? (this.#anchor ?? this.#active) : null;
    this.#focus(to);
    this.#tiles.get(this.#slots[to] ?? -1)?.view.el.scrollIntoView({ block: "nearest" });
    if (extend) this.#range(to);
  }

  #key(event: KeyboardEvent): void {
    const slot = this.#slots[this.#active] ?? -1;
    const what = action(event);
    if (this.tools.tool !== "select" && this.#draw(event, slot)) {
      // the tool had a use for it
    } else if (!what) return;
    else if (what.do === "move") this.#move(what.by, what.extend);
    else if (OWN.test(what.do)) this.host[what.do as "zoom"](slot);
    else if (what.do === "menu") this.#tiles.get(slot)?.view.menu();
    else if (what.do === "before") this.#tiles.get(slot)?.view.before(true);
    else return; // the workbench's own keys
    take(event);
  }

  #draw(event: KeyboardEvent, slot: number): boolean {
    const { tools } = this;
    const what = toolAction(event, tools.cursor?.slot === slot);
    const cell = this.store.cell(slot);
    if (!what || !cell) return false;
    if (what.do === "nudge") tools.nudge(...what.by);
    else if (what.do === "drop") {
      tools.drop();
      if (!tools.cursor?.down) tools.leave(); // the arrows go on to the next picture
    } else if (what.do === "remove") tools.remove(slot);
    else if (what.do === "select") tools.choose("select");
    else if (cell.phase === "done" && !cell.filtered) tools.aim(slot);
    return true;
  }
}
