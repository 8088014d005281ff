// The favourites of all generations: a click chooses, as on the grid, a second one opens; those that are chosen are
// joined; together they are exported.
import { blobOf } from "../binary";
import { button, div, focusOn, h, icon, on, set, take, text } from "../dom";
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

const HINT = "Click the ones to evolve or blend.";

export class TrayView {
  readonly button: HTMLButtonElement;
  readonly el: HTMLDialogElement;
  readonly #pictures = div("favourites");
  readonly #count = h("h2");
  readonly #said = h("p", { role: "status" });
  readonly #joins: HTMLElement[];
  readonly #ticked = new Set<number>();
  readonly #frames = new Map<number, HTMLElement>();
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
    focusOn(this.#pictures.querySelector("button"));
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
    this.#frames.clear();
    this.generations
      .fill(
        this.#pictures,
        stars,
        (slot) => this.#choose(slot),
        (slot, frame) => this.#dress(slot, frame),
      )
      .catch(this.host.failed);
    this.#tick();
  }

  /** One of another generation may be there now: show it. */
  found(): void {
    if (!this.store.pictures.url(this.#wanted)) return;
    this.lightbox.open(this.#wanted);
    this.#wanted = -1;
  }

  /** Show one at full size, over the tray; after it, what was on show before. */
  #look(slot: number): void {
    const { at, generations } = this.store.state ?? {};
    const [before] = generations?.[at ?? -1] ?? [];
    const away = !this.store.cell(slot);
    const back = (): void => {
      if (this.lightbox.left) this.el.close();
      else if (away && before !== undefined) this.host.look(before);
    };
    this.lightbox.el.addEventListener("close", back, { once: true, signal: this.signal });
    this.#wanted = slot;
    if (away) this.host.find(slot);
    this.found();
  }

  #choose(slot: number): void {
    if (!this.#ticked.delete(slot)) this.#ticked.add(slot);
    this.#tick();
  }

  /** A picture's place: the frame is what the keyboard has. */
  #dress(slot: number, frame: HTMLElement): HTMLElement {
    const zoom = button(
      "zoom-this",
      "Full size (Enter)",
      () => this.#look(slot),
      this.signal,
      icon(ICON.zoom),
    );
    set(zoom, { tabindex: -1 });
    this.#frames.set(slot, frame);
    on(frame, "dblclick", () => this.#look(slot), this.signal);
    const key = (event: KeyboardEvent): void => {
      const all = [...this.#frames.values()];
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) all[all.indexOf(frame) + by]?.focus();
      else if (event.key === "Enter") this.#look(slot);
      else return;
      take(event);
    };
    on(frame, "keydown", key, this.signal);
    return h(
      "div",
      {},
      frame,
      div("line gw-tools", String(slot), zoom),
      h("span", {}, this.store.said(slot)),
    );
  }

  #tick(): void {
    const { size } = this.#ticked;
    for (const [slot, el] of this.#frames) set(el, { pressed: this.#ticked.has(slot) });
    this.#joins.forEach((el, i) => {
      set(el, { off: size <= i });
    });
    text(this.#said, size > 0 ? `${size} chosen` : HINT);
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
