// Numbers and buttons: how many images, steps, guidance; Generate, Evolve, undo, redo, keys.
import { amiss, button, div, h, icon, field as named, number, on, option, set, text } from "../dom";
import { plural } from "../format";
import * as ICON from "../icons";
import { recall, remember } from "../memory";
import type { CommandName } from "../protocol";
import type { Store } from "../store";

/** What the bar's buttons and fields ask for: each is a method of `Commands`. */
export type Action = "generate" | "evolve" | "undo" | "redo" | "commit" | "anew";
export interface ToolbarHost {
  act(action: Action): void;
  /** Make pictures of the starred ones. */
  join(how: CommandName): void;
  help(): void;
}
interface Field {
  input: HTMLInputElement;
  label: HTMLElement;
  known: number | null;
}

const DEFAULT_IMAGES = 12;

function field(name: string, title: string, attributes: Record<string, number | string>): Field {
  const input = number(`gw-${name}`, attributes);
  return { input, label: named(title, input), known: null };
}

export class Toolbar {
  readonly el: HTMLElement;
  readonly generate: HTMLButtonElement;
  readonly evolve: HTMLButtonElement;
  /** Stands beside the tools. */
  readonly blend: HTMLButtonElement;
  /** What Evolve would cross. */
  parents: readonly number[] = [];
  readonly #n = field("n", "Images", {
    min: 1,
    max: 1000,
    step: 1,
    value: DEFAULT_IMAGES,
    inputmode: "numeric",
  });
  readonly #steps = field("steps", "Steps", { min: 1, max: 1000, step: 1, inputmode: "numeric" });
  readonly #guidance = field("guidance", "Guidance", { min: 0, max: 100, step: "any", inputmode: "decimal" });
  readonly #strength: Field = field("strength", "New noise", {
    type: "range",
    class: "gw-strength",
    min: 0,
    max: 100,
    step: 5,
    value: 5,
  });
  readonly #share = h("output");
  readonly #best = h("select", "gw-number-input", ...[1, 2, 4].map((n) => option(n, `${n}`)));
  readonly #cost = h("output");
  readonly #count: HTMLElement;
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #anew: HTMLButtonElement;

  constructor(
    private readonly store: Store,
    host: ToolbarHost,
    signal: AbortSignal,
  ) {
    this.generate = button("generate gw-main", "Generate", () => host.act("generate"), signal);
    this.#count = h("span", "gw-count");
    // Pressed too early, it says what is missing.
    const evolve = { class: "gw-button gw-evolve" };
    this.evolve = h("button", evolve, "Evolve", icon(ICON.star, true), this.#count);
    on(this.evolve, "click", () => host.act("evolve"), signal);
    this.blend = button("blend", "Blend", () => host.join("blend"), signal);
    this.#undo = button("undo", "Undo (Z)", () => host.act("undo"), signal, icon(ICON.undo));
    this.#redo = button("redo", "Redo (Shift + Z)", () => host.act("redo"), signal, icon(ICON.redo));
    const anew = "Begin anew: an empty session, which offers this one to be opened again";
    this.#anew = button("anew", anew, () => host.act("anew"), signal, icon(ICON.plus));
    const help = button("help", "Keys (?)", host.help, signal, h("span", { silent: true }, "?"));
    const best = named("Best of", this.#best);
    best.append(this.#cost);
    set(best, { title: "Paints more than it keeps: those that hold most surely what was asked for" });
    this.#best.value = recall("best") ?? "1";
    on(this.#best, "change", () => remember("best", this.#best.value), signal);
    const fields = div("fields", this.#n.label, best, this.#steps.label, this.#guidance.label);
    fields.append(this.#strength.label);
    this.#strength.label.firstChild?.appendChild(this.#share);
    set(this.#strength.label, {
      title: "How far children go from their parents: the share of new noise ([ and ])",
    });
    on(this.#strength.input, "input", () => this.#say(), signal);
    on(fields, "input", () => this.#tell(), signal);
    const history = div("history", this.#undo, this.#redo, this.#anew, help);
    this.el = div("toolbar", fields, history);
    for (const { input } of [this.#steps, this.#guidance])
      on(input, "change", () => host.act("commit"), signal);
    for (const { input } of [this.#n, this.#steps, this.#guidance]) {
      const enter = (event: KeyboardEvent): void => {
        if (event.key === "Enter") host.act("generate");
      };
      on(input, "keydown", enter, signal);
    }
  }

  /** More buttons, beside undo and redo. */
  offer(...buttons: HTMLButtonElement[]): void {
    this.#redo.after(...buttons);
  }

  /** How many images are asked for. */
  get wanted(): number {
    return this.#n.input.valueAsNumber || DEFAULT_IMAGES;
  }

  /** How many to paint for those that are kept, where these are more. */
  get of(): { of?: number } {
    const best = Number(this.#best.value);
    return best > 1 ? { of: best * this.wanted } : {};
  }

  /** How far Evolve's children go from their parents, in [0, 1]. */
  get fresh(): number {
    return this.#strength.input.valueAsNumber / 100;
  }

  stronger(by: number): void {
    this.#strength.input.stepUp(by);
    this.#say();
  }

  /** The settings as typed, or the sentence that says what is wrong with them. */
  values(): { n: number; steps: number; guidance: number } | string {
    for (const { input } of [this.#n, this.#steps, this.#guidance]) {
      const wrong = amiss(input);
      if (wrong) return wrong;
    }
    return {
      n: this.#n.input.valueAsNumber,
      steps: this.#steps.input.valueAsNumber,
      guidance: this.#guidance.input.valueAsNumber,
    };
  }

  update(): void {
    const state = this.store.state;
    if (state) {
      this.#take(this.#steps, state.settings.steps);
      this.#take(this.#guidance, state.settings.guidance);
      if (state.fresh !== undefined) this.#take(this.#strength, Math.round(100 * state.fresh));
      this.#say();
      this.#tell();
    }
    // Stars given while a job paints count only when it is over; until then the older ones are the parents.
    const slots = this.store.job ? [] : this.store.starred.map((cell) => cell.slot);
    const starred = slots.length;
    this.parents = starred > 0 ? slots : (state?.parents ?? []);
    const none = this.parents.length === 0;
    text(this.#count, none ? "" : String(this.parents.length));
    set(this.evolve, { off: none, title: this.#offer(starred) });
    // It takes two; with fewer it stays out of the way.
    set(this.blend, { hidden: starred < 2, title: `What lies between the ${starred} starred images (L)` });
    set(this.#undo, { off: !state?.can_undo });
    set(this.#redo, { off: !state?.can_redo });
    set(this.#anew, { off: !state?.generations?.length });
  }

  /** What Evolve would do, in words. */
  #offer(starred: number): string {
    const numbers = this.parents.join(", ");
    if (starred > 0)
      return `Evolve ${plural(starred, "starred image")}: ${numbers}. Children mix their noise: some look like one, others are new`;
    if (numbers) return `Evolve ${numbers} once more`;
    return "Star images first, then evolve them";
  }

  /** What Best of will cost: judging a picture takes as long as one of its steps. */
  #tell(): void {
    const {
      wanted: n,
      of: { of = 0 },
    } = this;
    const times = (of / n) * (1 + 1 / (this.#steps.input.valueAsNumber || 1));
    text(this.#cost, of ? `${times.toFixed(1)} × the time` : "");
    set(this.#cost, { title: of ? `${n} of ${of}` : null });
  }

  #say(): void {
    const { input } = this.#strength;
    text(this.#share, `${input.value} %`);
    set(input, { "aria-valuetext": `${input.value} % new noise` });
  }

  #take(target: Field, value: number): void {
    if (target.known === value) return;
    target.known = value;
    target.input.value = String(value);
    set(target.input, { "aria-invalid": null });
  }
}
