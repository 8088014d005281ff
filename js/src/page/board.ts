// The pictures of the generation on show, drawn as they come.
import type { Origin } from "./ancestors";
import { speckle } from "./dom";
import type { Generation, History, Picture } from "./history";
import type { Pixels } from "./messages";
import type { Step } from "./painting";
import type { Facts } from "./start";
import { Tiles } from "./tiles";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Board {
  /** The one that is looked into. */
  selected: number | null = null;
  readonly #tiles: Tiles;

  /** `noise`: of a picture that has not been begun. */
  constructor(
    private readonly history: History,
    private readonly facts: Facts,
    private readonly noise: (origin: Origin) => Float32Array,
    pick: (slot: number) => void,
    star: (slot: number) => void,
  ) {
    this.#tiles = new Tiles(facts.pixels, pick, star);
  }

  /** To the picture that is looked into, or the first. */
  focus(): void {
    this.#tiles.focus(this.selected ?? 0);
  }

  get root(): HTMLElement {
    return this.#tiles.root;
  }

  /** Draw all of them. */
  show(): void {
    const pictures = this.history.now?.pictures ?? [];
    this.#tiles.count = pictures.length;
    pictures.forEach((one, slot) => {
      this.#tiles.draw(slot, this.shown(one));
    });
    this.update();
  }

  /** What there is to see of a picture: its noise, until it is begun. */
  shown({ pixels, origin }: Picture): Pixels {
    return pixels ?? speckle(this.noise(origin), this.facts);
  }

  /** Some are a step further. */
  drawn({ slots, pictures, step, finished }: Step, generation: Generation): void {
    const seen = generation === this.history.now;
    slots.forEach((slot, i) => {
      const one = generation.pictures[slot];
      const pixels = pictures[i];
      if (!one || !pixels) return;
      Object.assign(one, { pixels, finished, step });
      if (seen && (finished || !calm.matches)) this.#tiles.draw(slot, pixels);
    });
    this.update();
  }

  /** Their stars, their progress and which is selected. */
  update(): void {
    this.history.now?.pictures.forEach((one, slot) => {
      const progress = one.step / this.facts.schedule.length;
      this.#tiles.update(slot, { ...one, selected: slot === this.selected, progress });
    });
  }
}
