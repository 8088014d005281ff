// The way here: one button per generation, the newest last, each with what is different about it.
import { h, hasFocus, set } from "../dom";

export class Generations {
  readonly root = h("nav", { class: "generations", "aria-label": "Generations" });
  readonly #list = h("ol");

  constructor(private readonly go: (index: number) => void) {
    this.root.append(this.#list);
  }

  update(labels: readonly string[], at: number): void {
    const held = hasFocus(this.#list);
    set(this.root, { hidden: labels.length < 2 });
    const steps = labels.map((label, i) => {
      const made = h(
        "button",
        { class: "step", "aria-current": i === at ? "step" : null },
        h("b", {}, String(i + 1)),
        ` ${label}`,
      );
      made.addEventListener("click", () => this.go(i));
      return made;
    });
    this.#list.replaceChildren(...steps.map((made) => h("li", {}, made)));
    if (held) steps[at]?.focus();
  }
}
