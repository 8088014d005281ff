// A photo was dropped: what is to become of it?
import { amiss, button, div, field, h, number, on, picture, prevent, text } from "../dom";
import { dialog, show } from "./dialogs";

export type PhotoView = ReturnType<typeof photoView>;

/** `edit`: invert the photo of this token, and pull it towards words, where there are some. */
export function photoView(edit: (token: string, text: string, steps: number) => void, signal: AbortSignal) {
  const photo = picture("photo", { alt: "The photo" });
  const words = h("p", "gw-quiet");
  const towards = h("input", { type: "text", maxlength: 1000, class: "gw-number-input" });
  const steps = number("", { min: 1, max: 1000, value: 10 });
  const wrong = h("p", { class: "gw-error-text", role: "alert" });
  let which = "";

  const end = (wanted: string): void => {
    const trouble = wanted && amiss(steps); // an inversion alone has no updates
    text(wrong, trouble);
    if (trouble) return;
    el.close();
    edit(which, wanted, wanted ? steps.valueAsNumber : 1);
  };
  const go = h("button", { type: "submit", class: "gw-button gw-main" }, "Invert and edit");
  const buttons = div(
    "act",
    button("invert", "Only invert", () => end(""), signal),
    go,
  );
  const fields = [field("Towards", towards), field("Updates", steps)];
  const attributes = { class: "gw-photo-form", novalidate: true };
  const form = h("form", attributes, photo, words, ...fields, wrong, buttons);
  const el = dialog("photo-dialog", "A photo", h("h2", {}, "Edit it?"), signal);
  el.append(form);
  const submit = (event: Event): void => {
    prevent(event);
    end(towards.value);
  };
  on(form, "submit", submit, signal);
  on(el, "close", () => URL.revokeObjectURL(photo.src), signal);

  return {
    el,
    ask: (file: File, token: string, prompt: string): void => {
      which = token;
      text(wrong, "");
      photo.src = URL.createObjectURL(file);
      text(
        words,
        `${file.name} is a photo. First the noise that paints it is found, then changed towards the words, update by update. It takes minutes, and can be cancelled.`,
      );
      towards.value = prompt;
      show(el);
      towards.select();
    },
  };
}
