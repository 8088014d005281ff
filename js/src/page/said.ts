// What the page says while it works, and what went wrong.
import { h, set, text } from "../dom";

export class Said {
  readonly #trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  readonly #status = h("p", { class: "status", role: "status" });
  /** Which engine paints. */
  readonly painter = h("p", { class: "engine", role: "status" });
  readonly parts = [this.#trouble, this.#status];

  warn(words: string): void {
    text(this.#trouble, words);
    set(this.#trouble, { hidden: words === "" });
  }

  engine(words: string, why: string): void {
    text(this.painter, words);
    set(this.painter, { title: why || null });
  }

  say(words: string): void {
    text(this.#status, words);
  }
}
