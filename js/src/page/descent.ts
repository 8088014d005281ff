// Where the noise of the picture that is looked into comes from: pieces of its parents', or their mean.
import { h } from "../dom";
import { COLOURS, canvas, GREY, mosaic, show } from "./dom";
import type { Place } from "./history";
import type { Pixels } from "./messages";
import { FRESH } from "./voronoi";

export interface Chosen {
  slot: number;
  /** Of its noise: seed and number, in words. */
  noise: string;
  python: string;
  owner: Int32Array | null;
  /** The parents, in the order of the owner map; none where they were not painted on this page. */
  parents: readonly Place[];
  /** Of a mean: its noise, and those that it is the mean of. */
  noises: readonly Pixels[];
}

export interface Taken {
  /** Both say what was done. */
  link: () => Promise<string>;
  save: () => string;
  /** A small picture of a parent, that leads to it. */
  face: (place: Place) => HTMLElement;
}

/** Nothing where it was drawn fresh. */
export function descent({ owner, parents, noises }: Chosen, face: Taken["face"]): HTMLElement[] {
  const faces = parents.map((place, i) => {
    const made = face(place);
    if (owner) made.style.borderColor = COLOURS[i] ?? GREY;
    return made;
  });
  const title = h("h3", {}, "Where its noise comes from");
  if (noises.length > 0) return [title, h("div", "noises", ...beside(noises)), h("p", "hint", MEAN)];
  if (!owner) return faces.length > 0 ? [title, h("div", "parents", ...faces)] : [];
  const side = Math.sqrt(owner.length);
  const map = canvas(side, "Which part of the noise comes from which parent");
  show(map, mosaic(owner));
  const fresh = owner.filter((from) => from === FRESH).length / owner.length;
  const colour =
    faces.length > 0
      ? "A colour is the parent with that frame; a click on it leads there."
      : "A colour is a parent; they were not painted on this page.";
  const grey = fresh > 0 ? ` Grey, ${Math.round(100 * fresh)} %, is fresh noise: no parent’s.` : "";
  return [title, h("div", "mosaic", map, h("div", "parents", ...faces)), h("p", "hint", colour + grey)];
}

const MEAN =
  "The mean, and the noises it is the mean of, all drawn alike: where they disagree, what is left is grey.";

function beside(noises: readonly Pixels[]): HTMLElement[] {
  return noises.map((noise, i) => {
    const face = canvas(Math.sqrt(noise.length / 4), i > 0 ? `Noise ${i}` : "Their mean");
    show(face, noise);
    return h("figure", {}, face, h("figcaption", {}, i > 0 ? `noise ${i}` : "their mean"));
  });
}
