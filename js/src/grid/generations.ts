// The generations of a session: buttons to the older and the newer, a film of all of them, the parents of the one on show.

import { urlOf } from "../binary";
import {
  atEnd,
  button,
  div,
  focusOn,
  group,
  h,
  hasFocus,
  hide,
  icon,
  on,
  prevent,
  refill,
  set,
} from "../dom";
import * as ICON from "../icons";
import type { Tile } from "../protocol";
import type { Store } from "../store";

/** Thumbnails kept, and asked for at once. */
const KEPT = 300;
const AT_ONCE = 48;
/** What becomes of the generations after the one that is gone back to. */
export const UNDONE = "Redo brings the later ones back.";
/** Parents shown at Evolve. */
const CROSSED = 6;

export interface GenerationsHost {
  /** Look at a generation by its index. */
  look(generation: number): void;
  /** Look at the one that a picture is in. */
  find(slot: number): void;
  back(generation: number): void;
  failed(error: unknown): void;
}

export class GenerationsView {
  readonly nav: HTMLElement;
  readonly back: HTMLButtonElement;
  readonly family = group("family", "Parents");
  /** What Evolve would cross. */
  readonly crossed = group("crossed", "Evolve from");
  readonly film = group("film", "Generations");
  readonly #older: HTMLButtonElement;
  readonly #newer: HTMLButtonElement;
  readonly #urls = new Map<number, string>();
  readonly #asked = new Set<number>();
  readonly #rooms = new Set<HTMLElement>([this.film, this.family, this.crossed]);
  #drawn = "";
  #crossing: string | null = null;

  constructor(
    private readonly store: Store,
    private readonly host: GenerationsHost,
    private readonly signal: AbortSignal,
  ) {
    this.#older = button("older", "Older generation (,)", () => this.step(-1), signal, icon(ICON.left));
    this.#newer = button("newer", "Newer generation (.)", () => this.step(1), signal, icon(ICON.right));
    this.nav = div("tools", this.#older, this.#newer);
    const back = (): void => {
      const here = this.#list[this.#at ?? -1];
      if (here) host.back(here[0]);
    };
    this.back = button("back-here", "Back to here", back, signal);
    set(this.back, { title: UNDONE });
    const key = (event: KeyboardEvent): void => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined) return;
      prevent(event);
      this.step(by);
    };
    on(this.film, "keydown", key, signal);
    const end = (): void => {
      for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    };
    atEnd(signal, end);
  }

  /** "Generation 3 of 7 · ", where one is on show. */
  get place(): string {
    return this.#at === null ? "" : `Generation ${this.#at + 1} of ${this.#list.length} · `;
  }

  get #list(): readonly (readonly [index: number, cover: number])[] {
    return this.store.state?.generations ?? [];
  }
  get #at(): number | null {
    return this.store.state?.at ?? null;
  }

  step(by: number): void {
    const to = this.#list[(this.#at ?? this.#list.length) + by];
    if (to && this.#at !== null && this.store.live) this.host.look(to[0]);
  }

  update(): void {
    const { earlier, live, state } = this.store;
    const at = this.#at;
    set(this.#older, { off: !at });
    set(this.#newer, { off: !earlier });
    const alone = this.#list.length < 2;
    // What goes must not take the keyboard with it.
    if (hasFocus(this.back) && !earlier) this.#older.focus();
    if (alone && [this.nav, this.film].some(hasFocus)) this.nav.closest<HTMLElement>(".gw-root")?.focus();
    for (const el of [this.nav, this.film]) hide(el, alone);
    hide(this.back, !live || !earlier);
    const parents = state?.family ?? [];
    const key = JSON.stringify([live, this.#list, at, parents]); // alive again, it asks for what it lacks
    if (key === this.#drawn) return;
    this.#drawn = key;
    const held = hasFocus(this.film);
    refill(
      this.film,
      ...this.#list.map(([index, cover], i) => {
        const frame = this.#frame(cover, `Generation ${i + 1}`, () => this.host.look(index));
        set(frame, { "aria-current": i === at, tabindex: i === (at ?? this.#list.length - 1) ? 0 : -1 });
        frame.append(String(i + 1));
        return frame;
      }),
    );
    hide(this.family, parents.length === 0);
    refill(
      this.family,
      "from",
      ...parents.map((slot) => this.#frame(slot, `Parent ${slot}`, () => this.host.find(slot))),
    );
    const now = this.film.querySelector<HTMLElement>("[tabindex='0']");
    if (held) focusOn(now);
    if (now) this.film.scrollLeft = now.offsetLeft - this.film.clientWidth / 2;
    const covers = this.#list.length > 1 ? this.#list.map(([, cover]) => cover) : [];
    this.#fetch([...covers, ...parents]).catch(this.host.failed);
  }

  /** Fill a room with pictures: `dress` makes a place of each one's frame, which a click chooses. */
  async fill(
    room: HTMLElement,
    slots: readonly number[],
    press: (slot: number) => void,
    dress: (slot: number, frame: HTMLElement) => HTMLElement,
  ): Promise<void> {
    const frames = slots.map((slot) => {
      return dress(
        slot,
        this.#frame(slot, `Image ${slot} ${this.store.said(slot)}`, () => press(slot)),
      );
    });
    refill(room, ...frames);
    this.#rooms.add(room);
    await this.#fetch(slots);
  }

  /** Show what Evolve would cross; those on show are here already. */
  cross(slots: readonly number[]): void {
    const key = JSON.stringify([slots, this.#at]);
    if (key === this.#crossing) return;
    this.#crossing = key;
    const some = slots.slice(0, CROSSED);
    const url = (slot: number): string | null => this.store.pictures.url(slot);
    const frames = some.map((slot) => {
      const frame = this.#frame(slot, `Image ${slot}`, () => this.host.find(slot), url(slot));
      set(frame, { tabindex: -1 });
      return frame;
    });
    const more = slots.length - some.length;
    const place = this.#list.findIndex(([, cover]) => cover === slots[0]);
    const where = slots.some((slot) => this.store.cell(slot)) || place < 0 ? "" : ` generation ${place + 1}`;
    refill(this.crossed, `from${where}`, ...frames, more > 0 ? `+${more}` : "");
    hide(this.crossed, slots.length === 0);
    this.#fetch(some.filter((slot) => !url(slot))).catch(this.host.failed);
  }

  #frame(slot: number, label: string, press: () => void, url: string | null = null): HTMLElement {
    const look = (): void => {
      if (this.store.live) press();
    };
    const img = h("img", { alt: "", "data-slot": slot, src: this.#urls.get(slot) ?? url });
    const frame = h("button", { class: "gw-frame-button", title: label, label: label }, img);
    on(frame, "click", look, this.signal);
    return frame;
  }

  async #fetch(wanted: readonly number[]): Promise<void> {
    const slots = [...new Set(wanted)].filter((slot) => !this.#urls.has(slot) && !this.#asked.has(slot));
    if (slots.length === 0 || !this.store.live) return;
    const some = slots.slice(-AT_ONCE);
    for (const slot of some) this.#asked.add(slot);
    const { value, buffers } = await this.store.command("thumbs", { slots: some });
    for (const slot of some) this.#asked.delete(slot);
    if (this.signal.aborted) return;
    (value as { tiles: Tile[] }).tiles.forEach((tile, i) => {
      const data = buffers[i];
      if (data) this.#urls.set(tile.slot, urlOf(data, tile.media_type));
    });
    for (const [slot, url] of this.#urls) {
      if (this.#urls.size <= KEPT) break;
      URL.revokeObjectURL(url);
      this.#urls.delete(slot);
    }
    for (const room of this.#rooms)
      for (const img of room.querySelectorAll<HTMLElement>("img[data-slot]")) {
        const src = this.#urls.get(Number(img.dataset.slot));
        if (src) set(img, { src });
      }
    if (some.length < slots.length) await this.#fetch(wanted);
  }
}
