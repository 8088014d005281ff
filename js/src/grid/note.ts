// What the user writes about a picture: a note, and tags with commas between them. Kept when a field is left, on Enter,
// when the view turns to another picture, and when it closes.
import { h, hide, on, prevent, set, text } from "../dom";
import type { Cell } from "../protocol";
import type { Store } from "../store";

/** As many characters as the session takes. */
const MOST = 500;

export type NoteView = ReturnType<typeof noteView>;

/** `done`: the keyboard is no longer needed here. */
export function noteView(store: Store, done: () => void, signal: AbortSignal) {
  const note = h("textarea", {
    class: "gw-textbox",
    rows: 1,
    maxlength: MOST,
    label: "Note",
    placeholder: "Note",
  });
  const tags = h("input", {
    class: "gw-textbox",
    maxlength: MOST,
    label: "Tags",
    placeholder: "Tags, with commas",
  });
  const trouble = h("p", { class: "gw-error-text", role: "alert" });
  const el = h("div", { class: "gw-notes", hidden: true }, note, tags, trouble);
  let slot = -1;
  /** As the kernel has them, or will have once it answers. */
  let kept = ["", ""];
  let asking = 0;

  const keep = async (): Promise<void> => {
    const which = slot;
    const now = [note.value, tags.value];
    const before = kept;
    if (which < 0 || now.every((said, i) => said === before[i])) return;
    kept = now;
    asking += 1;
    let wrong = "";
    try {
      await store.command("note", { slot: which, note: now[0], tags: now[1] });
    } catch (error) {
      wrong = (error as Error).message;
    }
    asking -= 1;
    if (which !== slot) return;
    if (wrong) kept = before;
    text(trouble, wrong);
  };
  on(el, "change", () => void keep(), signal);
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    prevent(event);
    done();
  };
  on(el, "keydown", key, signal);

  return {
    el,
    /** The picture that it is about; null: none is on show. */
    show: (cell: Cell | null): void => {
      // One of a job that is under way is in no generation yet.
      const now = cell?.phase === "done" && !store.job ? cell.slot : -1;
      const turned = now !== slot;
      if (turned) {
        void keep();
        slot = now;
        text(trouble, "");
      }
      hide(el, slot < 0 || !(store.live || store.said(slot)));
      const said = store.noteOf(slot);
      const news = [said?.note ?? "", said?.tags ?? ""];
      [note, tags].forEach((field, i) => {
        set(field, { readonly: !store.live });
        // What is being typed stays, and what was typed until the kernel has it.
        if (turned || (asking === 0 && field.value === kept[i])) field.value = news[i] as string;
      });
      if (turned || asking === 0) kept = news;
    },
    focus: (): void => {
      if (!el.hidden) note.focus();
    },
  };
}
