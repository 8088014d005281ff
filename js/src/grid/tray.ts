// The favourites of all generations: each opens; those that are ticked are joined; together they are exported.
import { blobOf } from "../binary";
import { button, div, h, icon, on, set, text } from "../dom";
import * as ICON from "../icons";
import type { Store } from "../store";
import { dialog, show } from "./dialogs";
import { save } from "./files";
import type { GenerationsHost, GenerationsView } from "./generations";
import type { LightboxView } from "./lightbox";

type How = "evolve" | "blend";
interface TrayHost extends GenerationsHost {
  join(how: How, slots: readonly number[]): void;
}

const HINT = "Tick the ones to evolve or blend.";

export class TrayView {
  readonly button: HTMLButtonElement;
  readonly el: HTMLDialogElement;
  readonly #pictures = div("favourites");
  readonly #count = h("h2");
  readonly #said = h("p", { role: "status" });
  readonly #joins: HTMLElement[];
  readonly #ticked = new Set<number>();
  #drawn = "";
  #wanted = -1;

  constructor(
    private readonly store: Store,
    private readonly generations: GenerationsView,
    private readonly lightbox: LightboxView,
    private readonly host: TrayHost,
    private readonly signal: AbortSignal,
  ) {
    this.button = button("tray", "Favourites (F)", () => this.open(), signal, icon(ICON.star));
    const join = (how: How, label: string): HTMLElement => {
      const press = (): void => {
        this.el.close();
        host.join(how, [...this.#ticked]);
        this.#ticked.clear();
      };
      return button(`${how}-ticked`, label, press, signal);
    };
    this.#joins = [join("evolve", "Evolve"), join("blend", "Blend")];
    const give = (name: string, label: string, file: string): HTMLElement =>
      button(`as-${name}`, label, () => void this.#export(name, file), signal);
    const sheet = give("sheet", "Save as one picture", "favourites.png");
    const zip = give("zip", "Save as ZIP", "favourites.zip");
    this.el = dialog("tray-dialog", "Favourites", this.#count, signal);
    this.el.append(this.#pictures, div("foot", this.#said, div("line", ...this.#joins, sheet, zip)));
  }

  open(): void {
    show(this.el);
    this.#drawn = "";
    this.update();
    this.#tick();
  }

  update(): void {
    const stars = this.store.state?.stars ?? [];
    set(this.button, { off: stars.length === 0 });
    if (stars.length === 0) this.el.close();
    const drawn = stars.map((slot) => `${slot} ${this.store.said(slot)}`).join();
    if (!this.el.open || drawn === this.#drawn) return;
    this.#drawn = drawn;
    text(this.#count, `Favourites (${stars.length})`);
    for (const slot of this.#ticked) if (!stars.includes(slot)) this.#ticked.delete(slot);
    this.generations
      .fill(
        this.#pictures,
        stars,
        (slot) => this.#look(slot),
        (slot) => this.#box(slot),
      )
      .catch(this.host.failed);
  }

  /** One of another generation may be there now: show it. */
  found(): void {
    if (!this.store.pictures.url(this.#wanted)) return;
    this.lightbox.open(this.#wanted);
    this.#wanted = -1;
  }

  /** Show one at full size; after it, what was on show before. */
  #look(slot: number): void {
    const { at, generations } = this.store.state ?? {};
    const [before] = generations?.[at ?? -1] ?? [];
    this.el.close();
    this.#wanted = slot;
    if (!this.store.cell(slot)) {
      this.host.find(slot);
      const back = (): void => {
        if (before !== undefined && !this.lightbox.left) this.host.look(before);
      };
      this.lightbox.el.addEventListener("close", back, { once: true, signal: this.signal });
    }
    this.found();
  }

  #box(slot: number): HTMLElement {
    const box = h("input", { type: "checkbox", checked: this.#ticked.has(slot) });
    const changed = (): void => {
      this.#ticked.delete(slot);
      if (box.checked) this.#ticked.add(slot);
      this.#tick();
    };
    on(box, "change", changed, this.signal);
    return box;
  }

  #tick(): void {
    const { size } = this.#ticked;
    this.#joins.forEach((el, i) => {
      set(el, { off: size <= i });
    });
    text(this.#said, size > 0 ? `${size} ticked` : HINT);
  }

  async #export(form: string, file: string): Promise<void> {
    set(this.el, { "data-busy": true });
    try {
      const { buffers } = await this.store.command("export", { form });
      text(this.#said, save(blobOf("", ...buffers), file));
    } catch (error) {
      this.el.close(); // what is wrong stands in the status line
      this.host.failed(error);
    }
    set(this.el, { "data-busy": false });
  }
}
