// What the user writes about a picture: a note, and tags with commas between them. Kept when a field is left, on Enter,
// when the view turns to another picture, and when it closes.
import { h, hide, on, prevent, set, text } from "../dom";
import type { Cell } from "../protocol";
import type { Store } from "../store";

/** As many characters as the session takes. */
const MOST = 500;

export class NoteView {
  readonly el: HTMLElement;
  readonly #note = h("textarea", {
    class: "gw-textbox",
    rows: 1,
    maxlength: MOST,
    label: "Note",
    placeholder: "Note",
  });
  readonly #tags = h("input", {
    class: "gw-textbox",
    maxlength: MOST,
    label: "Tags",
    placeholder: "Tags, with commas",
  });
  readonly #trouble = h("p", { class: "gw-error-text", role: "alert" });
  #slot = -1;
  /** As the kernel has them, or will have once it answers. */
  #kept = ["", ""];
  #asking = 0;

  /** `done`: the keyboard is no longer needed here. */
  constructor(
    private readonly store: Store,
    done: () => void,
    signal: AbortSignal,
  ) {
    this.el = h("div", { class: "gw-notes", hidden: true }, this.#note, this.#tags, this.#trouble);
    on(this.el, "change", () => void this.#keep(), signal);
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      prevent(event);
      done();
    };
    on(this.el, "keydown", key, signal);
  }

  /** The picture that it is about; null: none is on show. */
  show(cell: Cell | null): void {
    const { store } = this;
    // One of a job that is under way is in no generation yet.
    const slot = cell?.phase === "done" && !store.job ? cell.slot : -1;
    const turned = slot !== this.#slot;
    if (turned) {
      void this.#keep();
      this.#slot = slot;
      text(this.#trouble, "");
    }
    hide(this.el, slot < 0 || !(store.live || store.said(slot)));
    const { note = "", tags = "" } = store.noteOf(slot) ?? {};
    [this.#note, this.#tags].forEach((field, i) => {
      set(field, { readonly: !store.live });
      const now = [note, tags][i] as string;
      // What is being typed stays, and what was typed until the kernel has it.
      if (turned || (this.#asking === 0 && field.value === this.#kept[i])) field.value = now;
    });
    if (turned || this.#asking === 0) this.#kept = [note, tags];
  }

  focus(): void {
    if (!this.el.hidden) this.#note.focus();
  }

  async #keep(): Promise<void> {
    const slot = this.#slot;
    const [note, tags] = [this.#note.value, this.#tags.value];
    const before = this.#kept;
    if (slot < 0 || (note === before[0] && tags === before[1])) return;
    this.#kept = [note, tags];
    this.#asking += 1;
    let trouble = "";
    try {
      await this.store.command("note", { slot, note, tags });
    } catch (error) {
      trouble = (error as Error).message;
    }
    this.#asking -= 1;
    if (slot !== this.#slot) return;
    if (trouble) this.#kept = before;
    text(this.#trouble, trouble);
  }
}
