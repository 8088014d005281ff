// Where the grid stands: as high as the pictures that are to come, so that nothing below moves when they do.
import { heightOf } from "../columns";
import { div } from "../dom";
import type { Store } from "../store";

/** What stands above the pictures and not above their absence: the line of what is on show. */
const ABOVE = 38;
/** The film of generations, with its gap. */
const FILM = 80;

export class Room {
  readonly el: HTMLElement;
  #held = [0, 0]; // width, height
  #wanted: readonly [n: number, film: boolean] = [0, false];

  constructor(
    private readonly store: Store,
    grid: HTMLElement,
  ) {
    this.el = div("grid-room", grid);
  }

  /** Keep the height that the pictures need, or n where there are none yet, and that of parts which are still to come;
      less only where the width is another. */
  reserve(wanted = this.#wanted): void {
    this.#wanted = wanted;
    const [n, film] = wanted;
    const { cells } = this.store;
    const width = this.el.clientWidth;
    if (width <= 0) return;
    const tall = Math.max(...cells.map(({ w, h }) => h / w), 0) || 1;
    const height = heightOf(width, Math.max(1, cells.length || n), tall);
    const before = this.#held[0] === width ? (this.#held[1] ?? 0) : 0;
    this.#held = [width, Math.max(before, height)];
    const parts = (cells.length > 0 ? 0 : ABOVE) + (film ? 0 : FILM);
    this.el.style.minHeight = `${Math.round(Math.max(before, height)) + parts}px`;
  }
}
