// The grid of pictures: one Tab stop, arrow keys move, a star on each.
import { h, set, text } from "../dom";
import { canvas, show } from "./dom";
import type { Pixels } from "./messages";

export interface TileState {
  starred: boolean;
  finished: boolean;
  caption: string;
  selected: boolean;
  /** Steps done, of all. */
  progress: number;
}

interface Tile {
  item: HTMLLIElement;
  picture: HTMLButtonElement;
  star: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  bar: HTMLElement;
  caption: HTMLElement;
}

export class Tiles {
  readonly root = h("ul", { class: "tiles", "aria-label": "Pictures" });
  readonly #tiles: Tile[] = [];
  #at = 0;

  constructor(
    private readonly pixels: number,
    private readonly pick: (slot: number) => void,
    private readonly star: (slot: number) => void,
  ) {
    this.root.addEventListener("keydown", (event) => this.#key(event));
    // Some browsers press a button when Space comes up, whatever became of its way down.
    this.root.addEventListener("keyup", (event) => {
      if (onPicture(event)) event.preventDefault();
    });
  }

  /** How many there are. */
  set count(count: number) {
    while (this.#tiles.length < count) this.#add(this.#tiles.length);
    for (const tile of this.#tiles.splice(count)) tile.item.remove();
    this.#at = Math.min(this.#at, count - 1);
    this.#rove();
  }

  draw(slot: number, pixels: Pixels): void {
    const tile = this.#tiles[slot];
    if (tile) show(tile.canvas, pixels);
  }

  update(slot: number, { starred, finished, selected, progress, caption }: TileState): void {
    const tile = this.#tiles[slot];
    if (!tile) return;
    set(tile.item, {
      class: `tile${starred ? " starred" : ""}${finished ? "" : " under-way"}${selected ? " selected" : ""}`,
    });
    const state = finished ? "" : ", being painted";
    set(tile.picture, {
      "aria-label": `Picture ${slot + 1}${caption && `, ${caption}`}${state}`,
      "aria-current": selected ? "true" : null,
    });
    set(tile.star, { "aria-pressed": starred, "aria-label": `Star picture ${slot + 1}` });
    tile.bar.style.setProperty("--done", String(finished ? 0 : progress));
    text(tile.caption, caption);
    text(tile.star, starred ? "★" : "☆");
  }

  focus(slot: number): void {
    this.#at = slot;
    this.#rove();
    this.#tiles[slot]?.picture.focus();
  }

  #add(slot: number): void {
    const face = canvas(this.pixels);
    const bar = h("span", { class: "bar", "aria-hidden": true });
    const picture = h("button", { type: "button", class: "picture" }, face, bar);
    const star = h("button", { type: "button", class: "star", tabindex: -1 }, "☆");
    const caption = h("span", { class: "caption", "aria-hidden": true });
    const item = h("li", "tile", picture, star, caption);
    picture.addEventListener("click", () => this.pick(slot));
    picture.addEventListener("focus", () => {
      this.#at = slot;
      this.#rove();
    });
    star.addEventListener("click", () => this.star(slot));
    this.#tiles.push({ item, picture, star, canvas: face, bar, caption });
    this.root.append(item);
  }

  #rove(): void {
    this.#tiles.forEach(({ picture }, slot) => {
      set(picture, { tabindex: slot === this.#at ? 0 : -1 });
    });
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = getComputedStyle(this.root).gridTemplateColumns.split(" ").length;
    const last = this.#tiles.length - 1;
    const moves: Record<string, number> = {
      ArrowLeft: this.#at - 1,
      ArrowRight: this.#at + 1,
      ArrowUp: this.#at - columns,
      ArrowDown: this.#at + columns,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (to >= 0 && to <= last) this.focus(to);
    } else if (event.key === "s" || event.key === "S" || onPicture(event)) {
      event.preventDefault();
      this.star(this.#at);
    }
  }
}

/** Space on a picture: it stars, as in the notebook's workbench, and does not press. */
function onPicture({ key, target }: KeyboardEvent): boolean {
  return key === " " && (target as HTMLElement).matches(".picture");
}
