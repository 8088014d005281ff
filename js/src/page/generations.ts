// The way here: one button per generation, the newest last, each with what is different about it.
import { h, hasFocus, set } from "../dom";
import { canvas, show } from "./dom";
import type { Pixels } from "./messages";

export class Generations {
  readonly root = h("nav", { class: "generations", "aria-label": "Generations" });
  readonly #list = h("ol");

  constructor(private readonly go: (index: number) => void) {
    this.root.append(this.#list);
  }

  update(labels: readonly string[], at: number, faces: readonly (Pixels | null)[] = []): void {
    const held = hasFocus(this.#list);
    set(this.root, { hidden: labels.length < 2 });
    const steps = labels.map((label, i) => {
      const made = h(
        "button",
        { class: "step", "aria-current": i === at ? "step" : null },
        ...small(faces[i]),
        h("b", {}, String(i + 1)),
        ` ${label}`,
      );
      made.addEventListener("click", () => this.go(i));
      return made;
    });
    this.#list.replaceChildren(...steps.map((made) => h("li", {}, made)));
    const now = steps[at];
    if (held) now?.focus();
    else if (now) this.#list.scrollTop = now.offsetTop - this.#list.clientHeight / 2;
  }
}

function small(pixels: Pixels | null | undefined): HTMLCanvasElement[] {
  if (!pixels) return [];
  const face = canvas(Math.sqrt(pixels.length / 4));
  show(face, pixels);
  return [face];
}
