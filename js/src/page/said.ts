// What the page says while it works, and what went wrong.
import { h, set, text } from "../dom";
import { answer } from "./experiments";
import type { Asked } from "./history";

export class Said {
  readonly #trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  readonly #status = h("p", { class: "status", role: "status" });
  /** What we saw in an experiment, beside the pictures that it painted. */
  readonly #answer = h("div", "try");
  /** Which engine paints. */
  readonly painter = h("p", { class: "engine", role: "status" });
  readonly parts = [this.#trouble, this.#status, this.#answer];

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
    this.#answer.replaceChildren();
  }

  /** The question of an experiment, and its answer to be unfolded. */
  ask(words: string, { look, why }: Asked): void {
    this.say(words + look);
    this.#answer.append(answer(why));
  }
}
