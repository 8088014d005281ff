// The favourites of all generations: each opens where it was made; together they are exported.
import { blobOf } from "../binary";
import { button, div, h, icon, set, text } from "../dom";
import * as ICON from "../icons";
import type { Store } from "../store";
import { dialog, show } from "./dialogs";
import { save } from "./files";
import type { GenerationsView } from "./generations";

export class TrayView {
  readonly button: HTMLButtonElement;
  readonly el: HTMLDialogElement;
  readonly #pictures = div("favourites");
  readonly #count = h("h2");
  readonly #said = h("p", { role: "status" });
  #drawn = "";
  #wanted = -1;

  constructor(
    private readonly store: Store,
    private readonly generations: GenerationsView,
    private readonly host: {
      find(slot: number): void;
      zoom(slot: number): void;
      failed(error: unknown): void;
    },
    signal: AbortSignal,
  ) {
    this.button = button("tray", "Favourites (F)", () => this.open(), signal, icon(ICON.star));
    const give = (name: string, label: string, file: string): HTMLElement =>
      button(`as-${name}`, label, () => void this.#export(name, file), signal);
    const sheet = give("sheet", "Save sheet", "favourites.png");
    const zip = give("zip", "Save ZIP", "favourites.zip");
    this.el = dialog("tray-dialog", "Favourites", this.#count, signal, sheet, zip);
    this.el.append(this.#pictures, div("foot", this.#said));
  }

  open(): void {
    text(this.#said, "");
    show(this.el);
    this.#drawn = "";
    this.update();
  }

  update(): void {
    const stars = this.store.state?.stars ?? [];
    set(this.button, { off: stars.length === 0 });
    if (stars.length === 0) this.el.close();
    const drawn = stars.map((slot) => `${slot} ${this.store.said(slot)}`).join();
    if (!this.el.open || drawn === this.#drawn) return;
    this.#drawn = drawn;
    text(this.#count, `Favourites (${stars.length})`);
    const find = (slot: number): void => {
      this.el.close();
      this.#wanted = slot;
      this.host.find(slot);
      this.found();
    };
    this.generations.fill(this.#pictures, stars, find).catch(this.host.failed);
  }

  /** One of another generation may be there now: show it. */
  found(): void {
    if (!this.store.pictures.url(this.#wanted)) return;
    this.host.zoom(this.#wanted);
    this.#wanted = -1;
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
