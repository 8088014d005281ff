// The stars of all generations, which are evolved together.
import { h, set } from "../dom";
import { canvas, press, show } from "./dom";
import type { History, Place } from "./history";

export class Favourites {
  readonly root = h("section", { class: "favourites", "aria-label": "Starred", hidden: true });
  readonly #faces = h("div", "faces");

  constructor(
    private readonly history: History,
    private readonly visit: (place: Place) => void,
    clear: () => void,
  ) {
    this.root.append(h("span", {}, "★ Starred"), this.#faces, press("No stars", "chip", clear));
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
  set(made, { "aria-label": `Picture ${place.slot + 1} of set ${place.generation + 1}` });
  if (pixels) {
    const shown = canvas(Math.sqrt(pixels.length / 4));
    show(shown, pixels);
    made.append(shown);
  }
  return made;
}
