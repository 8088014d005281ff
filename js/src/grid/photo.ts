// A photo was dropped: what is to become of it?
import { amiss, button, div, field, h, number, on, picture, prevent, text } from "../dom";
import { dialog, show } from "./dialogs";

export class PhotoView {
  readonly el: HTMLDialogElement;
  readonly #picture = picture("photo", { alt: "The photo" });
  readonly #words = h("p", "gw-quiet");
  readonly #towards = h("input", { type: "text", maxlength: 1000, class: "gw-number-input" });
  readonly #steps = number("", { min: 1, max: 1000, value: 10 });
  readonly #wrong = h("p", { class: "gw-error-text", role: "alert" });
  #token = "";

  /** `edit`: invert the photo of this token, and pull it towards words, where there are some. */
  constructor(edit: (token: string, text: string, steps: number) => void, signal: AbortSignal) {
    const end = (words: string): void => {
      const wrong = words && amiss(this.#steps); // an inversion alone has no updates
      text(this.#wrong, wrong);
      if (wrong) return;
      this.el.close();
      edit(this.#token, words, words ? this.#steps.valueAsNumber : 1);
    };
    const go = h("button", { type: "submit", class: "gw-button gw-main" }, "Invert and edit");
    const form = h(
      "form",
      { class: "gw-photo-form", novalidate: true },
      this.#picture,
      this.#words,
      field("Towards", this.#towards),
      field("Updates", this.#steps),
      this.#wrong,
      div(
        "act",
        button("invert", "Only invert", () => end(""), signal),
        go,
      ),
    );
    this.el = dialog("photo-dialog", "A photo", h("h2", {}, "Edit it?"), signal);
    this.el.append(form);
    const submit = (event: Event): void => {
      prevent(event);
      end(this.#towards.value);
    };
    on(form, "submit", submit, signal);
    on(this.el, "close", () => URL.revokeObjectURL(this.#picture.src), signal);
  }

  ask(file: File, token: string, prompt: string): void {
    this.#token = token;
    text(this.#wrong, "");
    this.#picture.src = URL.createObjectURL(file);
    text(
      this.#words,
      `${file.name} is a photo. First the noise that paints it is found, then changed towards the words, update by update. It takes minutes, and can be cancelled.`,
    );
    this.#towards.value = prompt;
    show(this.el);
    this.#towards.select();
  }
}
