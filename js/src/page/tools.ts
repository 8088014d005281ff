// What can be done with the pictures on show: evolve them, new noise, other words for the same noise, more guidance.
import { h, set, text } from "../dom";
import { press } from "./dom";
import { GUIDANCE } from "./origin";

export interface Deeds {
  evolve: () => void;
  fresh: () => void;
  /** Paint the same noise again, under the present words and guidance. */
  again: () => void;
  stop: () => void;
}

const NOISE = "Paint takes new noise, which gives other pictures; Same noise, these words keeps it.";
const REST = 450; // milliseconds

export class Tools {
  readonly root: HTMLElement;
  readonly #evolve: HTMLButtonElement;
  readonly #range: HTMLInputElement;
  readonly #stop: HTMLButtonElement;
  #wait = 0;
  readonly #shown = h("output", { for: "guidance" });

  constructor(guidance: number, { evolve, fresh, again, stop }: Deeds) {
    const { least, most } = GUIDANCE;
    this.#evolve = press("Evolve", "primary", evolve);
    this.#range = h("input", { id: "guidance", type: "range", min: least, max: most, step: 0.5 });
    this.#range.addEventListener("input", () => this.#tell());
    // Arrow keys change it often: one set is meant, for where they come to rest.
    this.#range.addEventListener("change", () => {
      this.settled();
      this.#wait = window.setTimeout(again, REST);
    });
    this.guidance = guidance;
    this.#stop = press("Stop", "secondary", stop);
    this.painting = false;
    const row = h(
      "div",
      "tools",
      this.#evolve,
      press("New noise", "secondary", fresh),
      press("Same noise, these words", "secondary", again),
      this.#stop,
      h("div", "guidance", h("label", { for: "guidance" }, "Guidance"), this.#range, this.#shown),
    );
    this.root = h("div", {}, row, h("p", "hint", NOISE));
  }

  get guidance(): number {
    return Number(this.#range.value);
  }

  /** What the guidance was moved to has been painted, or is no longer wanted. */
  settled(): void {
    clearTimeout(this.#wait);
  }

  set guidance(value: number) {
    this.settled();
    this.#range.value = String(value);
    this.#tell();
  }

  /** How many pictures are starred. */
  set stars(count: number) {
    text(this.#evolve, count > 0 ? `Evolve ★ ${count}` : "Evolve");
    set(this.#evolve, { "aria-disabled": count === 0 });
  }

  /** Whether there is something to stop. */
  set painting(so: boolean) {
    set(this.#stop, { hidden: !so });
  }

  #tell(): void {
    text(this.#shown, this.#range.value);
  }
}

/** Single letters that do something, but for where somebody writes, or where a part has taken them. */
export function shortcuts(deeds: Readonly<Record<string, () => void>>): void {
  document.addEventListener("keydown", (event) => {
    const writing =
      event.target instanceof HTMLElement && event.target.matches("input:not([type=range]), textarea");
    const deed = deeds[event.key.toLowerCase()];
    if (!deed || writing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    deed();
  });
}
