// The full-size view: one picture with its exact pixels, what it came from, what was written about it, and what can be
// done with it, by the keys of the grid.
import { button, div, h, hide, icon, on, picture, prevent, set, text, vary } from "../dom";
import * as ICON from "../icons";
import { action } from "../keys";
import type { Spot } from "../protocol";
import type { Store } from "../store";
import { CompareView } from "./compare";
import { dialog, show } from "./dialogs";
import { pixels, save, saved, savePicture } from "./files";
import { type NoteView, noteView } from "./note";

/** CSS pixels that a small picture is shown with at most. */
const SEEN = 512;

export interface LightboxHost {
  star(slot: number): void;
  reject(slot: number): void;
  vary(slot: number): void;
  mutate(slot: number, at: Spot | null): void;
  /** The bar's button. */
  evolve: HTMLButtonElement;
  failed(error: unknown): void;
}

export class LightboxView {
  readonly el: HTMLDialogElement;
  readonly #img = picture("full");
  readonly #title = h("h2");
  readonly #size = h("span", "gw-size");
  readonly #label = h("p", "gw-full-label");
  readonly #row = div("acts");
  /** By the names of the keys' actions. */
  readonly #acts: Record<"star" | "reject" | "vary" | "pin" | "evolve" | "save", HTMLElement>;
  readonly #save = h(
    "a",
    { class: "gw-button gw-save", label: "Save", title: "Save the picture with what made it (D)" },
    icon(ICON.save),
  );
  readonly #plain = h(
    "a",
    {
      class: "gw-button gw-plain",
      title: "Save the picture without what made it",
    },
    "Only the pixels",
  );
  readonly #large: HTMLElement;
  readonly #said = h("p", { role: "status" });
  readonly #compare: CompareView;
  readonly #note: NoteView;
  #slot = -1;
  /** It was closed for what was asked of its picture. */
  left = false;

  constructor(
    private readonly store: Store,
    private readonly host: LightboxHost,
    signal: AbortSignal,
  ) {
    const act = (name: string, label: string, press: () => void): HTMLButtonElement => {
      const made = button(`${name}-this`, label, press, signal, label.replace(/ \(.*/, ""));
      this.#row.append(made);
      return made;
    };
    /** What makes pictures is watched on the grid. */
    const leave = (press: (slot: number) => void) => (): void => {
      this.left = true;
      this.el.close();
      press(this.#slot);
    };
    const star = (): void => host.star(this.#slot);
    this.#acts = {
      save: this.#save,
      star: button("star-this", "Star (Space)", star, signal, icon(ICON.star)),
      reject: act("reject", "Reject (X)", () => host.reject(this.#slot)),
      vary: act("vary", "Vary (V)", leave(host.vary)),
      pin: act(
        "pin",
        "Mutate here (P)",
        leave((slot) => host.mutate(slot, null)),
      ),
      evolve: act(
        "evolve",
        "Evolve (E)",
        leave(() => host.evolve.click()),
      ),
    };
    const left = button("previous", "Previous", () => this.#step(-1), signal, icon(ICON.left));
    const right = button("next", "Next", () => this.#step(1), signal, icon(ICON.right));
    const tools = [left, right, this.#acts.star, this.#save];
    const el = dialog("lightbox", "Full size", this.#title, signal, ...tools);
    this.el = el;
    this.#compare = new CompareView(store, host.failed, signal);
    this.#note = noteView(store, () => el.focus(), signal);
    const sheet = div("sheet", this.#img, this.#compare.layer);
    el.append(
      div("stage", sheet),
      this.#compare.el,
      div("foot", this.#label, this.#said, this.#size),
      this.#note.el,
      this.#row,
    );
    on(el, "keydown", (event) => this.#key(event), signal);
    on(el, "keyup", (event) => this.#hold(event, false), signal);
    const plain = (): void => {
      if (this.#plain.href) this.#say(saved(this.#plain.download) + pixels(store.cell(this.#slot)));
    };
    on(this.#plain, "click", plain, signal);
    const download = (event: MouseEvent): void => {
      if (store.live) {
        prevent(event);
        savePicture(store, this.#slot).then((words) => this.#say(words), host.failed);
      } else plain(); // the pixels are all there is
    };
    on(this.#save, "click", download, signal);
    this.#large = button("enlarged", "Enlarged", () => this.#enlarged(), signal);
    set(this.#large, { title: "Save it as large as it is seen here; without what made it" });
    this.#row.append(this.#plain, this.#large);
    const closed = (): void => {
      this.#compare.show(null);
      this.#note.show(null);
    };
    on(el, "close", closed, signal);
  }

  open(slot: number): void {
    if (!this.store.pictures.url(slot)) return; // nothing painted yet
    this.#slot = slot;
    this.left = false;
    this.#say("");
    show(this.el);
    this.update();
    this.#paint();
    this.store.fetchExact(slot).catch(this.host.failed);
  }

  /** Open with what changed, or with where its parts came from. */
  compare(slot: number): void {
    this.open(slot);
    if (this.el.open) this.#compare.toggle();
  }

  /** Open to write about it. */
  note(slot: number): void {
    this.open(slot);
    if (this.el.open) this.#note.focus();
  }

  update(): void {
    if (!this.el.open) return;
    const cell = this.store.cell(this.#slot);
    if (!cell) {
      this.el.close(); // undone meanwhile
      return;
    }
    const mark = this.store.markOf(cell);
    this.#compare.show(cell);
    this.#note.show(cell);
    text(this.#title, `Image ${cell.slot}`);
    text(this.#size, `${cell.w} × ${cell.h}`);
    text(this.#label, cell.label);
    set(this.el, { "data-mark": mark });
    for (const which of ["star", "reject"] as const) set(this.#acts[which], { pressed: mark === which });
    set(this.#acts.evolve, { title: `${this.host.evolve.title} (E)` });
    hide(this.#row, !this.store.live || cell.phase !== "done" || cell.filtered);
    const small = Math.max(cell.w, cell.h) <= SEEN / 2;
    hide(this.#large, !small);
    set(this.#img, { alt: cell.label, "data-small": small });
    vary(this.#img, "--gw-w", cell.w);
    vary(this.#img, "--gw-h", cell.h);
  }

  async paint(slots: readonly number[]): Promise<void> {
    if (this.el.open && slots.includes(this.#slot)) this.#paint();
  }

  #paint(): void {
    const url = this.store.pictures.url(this.#slot);
    const tile = this.store.pictures.tile(this.#slot);
    if (!url || !tile) return;
    this.#img.src = url;
    set(this.#img, { "data-exact": tile.exact });
    const kind = tile.media_type.split("/")[1] ?? "png";
    // Saving a preview by mistake would be worse than waiting a moment for the exact pixels.
    const file = { href: tile.exact ? url : null, download: `guidewidgets-${this.#slot}.${kind}` };
    for (const link of [this.#save, this.#plain]) set(link, { ...file, off: !tile.exact });
  }

  /** Save a small picture as smooth and as large as it is seen. */
  #enlarged(): void {
    const { naturalWidth, naturalHeight } = this.#img;
    const times = Math.max(1, Math.round(SEEN / naturalWidth));
    const [width, height] = [times * naturalWidth, times * naturalHeight];
    const canvas = h("canvas", { width, height });
    canvas.getContext("2d")?.drawImage(this.#img, 0, 0, width, height);
    const file = `guidewidgets-${this.#slot}-${times}x.png`;
    canvas.toBlob((blob) => blob && this.#say(`${save(blob, file)}, ${width} × ${height} pixels`));
  }

  /** Here, not in the status line: what is behind a dialog is neither seen nor read out. */
  #say(words: string): void {
    text(this.#said, words);
  }

  #step(by: number): void {
    const slots = this.store.cells.map((cell) => cell.slot);
    const next = slots[slots.indexOf(this.#slot) + by];
    if (next !== undefined) this.open(next);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const what = action(event);
    if (!what || target.closest(".gw-notes") || (event.key === " " && target.closest("button"))) return;
    const pressed = this.#acts[(what.do === "tool" ? what.tool : what.do) as "star"] ?? null;
    if (what.do === "move") this.#step({ left: -1, right: 1 }[what.by as "left"] ?? 0);
    else if (what.do === "compare") this.#compare.toggle();
    else if (what.do === "note") this.#note.focus();
    else if (pressed) pressed.closest("[hidden]") || pressed.click();
    else if (!this.#hold(event, true)) return;
    prevent(event);
  }

  /** The picture before it changed, for as long as B is held. */
  #hold({ key }: KeyboardEvent, down: boolean): boolean {
    const ours = key.toLowerCase() === "b";
    if (ours) this.#compare.hold(down);
    return ours;
  }
}
