// The way here: one button per generation, the newest last.
import { h, set } from "../dom";

export interface Entry {
  label: string;
  title: string;
}

export class Generations {
  readonly root = h("nav", { class: "generations", "aria-label": "Generations" });
  readonly #list = h("ol");

  constructor(private readonly go: (index: number) => void) {
    this.root.append(this.#list);
  }

  update(entries: readonly Entry[], at: number): void {
    set(this.root, { hidden: entries.length < 2 });
    this.#list.replaceChildren(
      ...entries.map(({ label, title }, i) => {
        const made = h(
          "button",
          { type: "button", class: "step", title, "aria-current": i === at ? "step" : null },
          label,
        );
        made.addEventListener("click", () => this.go(i));
        return h("li", {}, made);
      }),
    );
  }
}
