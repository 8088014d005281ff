// The stars of all generations, which are evolved together.
import { h, set } from "../dom";
import { MOST_PARENTS } from "./ancestors";
import { canvas, press, show } from "./dom";
import type { History, Picture, Place } from "./history";

export class Favourites {
  readonly root = h("section", { class: "favourites", "aria-label": "Starred", hidden: true });
  readonly #faces = h("div", "faces");

  constructor(
    private readonly history: History,
    private readonly visit: (place: Place) => void,
    private readonly changed: () => void,
    /** The focus, when the last star has gone and the button with it. */
    private readonly left: () => void,
  ) {
    this.root.append(
      h("span", {}, "★ Starred"),
      this.#faces,
      press("Clear stars", "chip", () => this.#clear()),
    );
  }

  /** Star a picture on show, or take its star away; says what was done. */
  toggle(slot: number): string {
    const one = this.history.now?.pictures[slot];
    if (!one) return "Choose a picture first: Space stars it.";
    if (!one.starred && this.history.favourites.length >= MOST_PARENTS)
      return `${MOST_PARENTS} stars are the most: take one away first.`;
    one.starred = !one.starred;
    this.changed();
    return `Picture ${slot + 1} is ${one.starred ? "starred" : "no longer starred"}.`;
  }

  #clear(): void {
    for (const place of this.history.favourites) (this.history.picture(place) as Picture).starred = false;
    this.changed();
    this.left();
  }

  update(): void {
    const { favourites } = this.history;
    set(this.root, { hidden: favourites.length === 0 });
    this.#faces.replaceChildren(...favourites.map((place) => face(this.history, place, this.visit)));
  }
}

/** A small picture of another generation; a click opens it. */
export function face(history: History, place: Place, visit: (place: Place) => void): HTMLButtonElement {
  const pixels = history.picture(place)?.pixels;
  const made = press("", "face", () => visit(place));
  set(made, { "aria-label": `Picture ${place.slot + 1} of generation ${place.generation + 1}` });
  if (pixels) {
    const shown = canvas(Math.sqrt(pixels.length / 4));
    show(shown, pixels);
    made.append(shown);
  }
  return made;
}
