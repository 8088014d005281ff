// The set that was on show before, beside the one on show, to be compared with it picture by picture.
import { h, set, text } from "../dom";
import { canvas, press, show } from "./dom";
import type { History, Picture } from "./history";
import type { Pixels } from "./messages";

export class Beside {
  readonly button = press("Compare with the set before", "chip compare", () => this.toggle());
  readonly #before = press("", "named", () => this.go(this.history.before ?? 0));
  readonly #now = h("p", "named");
  readonly #faces = h("ul", { class: "tiles", "aria-label": "Pictures of the set before" });
  readonly place = h("div", "boards");
  #on = false;

  /** `shown`: what there is to see of a picture; `go`: to a set. */
  constructor(
    private readonly history: History,
    private readonly pixels: number,
    private readonly shown: (one: Picture) => Pixels,
    private readonly go: (index: number) => void,
  ) {}

  /** The place of the pictures on show, with that of the others before them. */
  around(board: HTMLElement): HTMLElement {
    this.place.append(this.#before, this.#now, this.#faces, board);
    this.update();
    return this.place;
  }

  toggle(on = !this.#on): void {
    if (this.history.before === null) return;
    this.#on = on;
    this.update();
  }

  update(): void {
    const { all, at, before } = this.history;
    const other = before === null ? undefined : all[before];
    const two = this.#on && other !== undefined;
    set(this.button, { hidden: !other, "aria-pressed": this.#on });
    set(this.place, { class: two ? "boards two" : "boards" });
    for (const part of [this.#before, this.#now, this.#faces]) set(part, { hidden: !two });
    if (!two) return;
    text(this.#before, this.#named(before as number));
    text(this.#now, this.#named(at));
    this.#faces.replaceChildren(...other.pictures.map((one, slot) => this.#face(one, slot)));
  }

  /** What makes a set what it is; by what else it differs is said below the pictures. */
  #named(index: number): string {
    const { prompt, guidance } = this.history.all[index] as History["all"][number];
    return `${index + 1}: ${prompt.trim() || "(no words)"}, guidance ${guidance}`;
  }

  #face(one: Picture, slot: number): HTMLElement {
    const face = canvas(this.pixels, `Picture ${slot + 1} of the set before`);
    show(face, this.shown(one));
    return h("li", {}, h("div", "picture", face), h("span", "caption", one.caption));
  }
}
