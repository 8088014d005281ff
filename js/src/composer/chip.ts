// One concept: AND or NOT, its text, its weight, where it holds, mute and solo, and how strongly it acted where.
import { atEnd, button, h, hasFocus, hide, icon, number, on, option, picture, set, text } from "../dom";
import * as ICON from "../icons";
import type { Bitmap } from "../protocol";

export type Region =
  | Bitmap
  | { kind: "box"; box: [number, number, number, number] }
  | { kind: "points" | "polygon" };
/** Fractions of the sampling steps. */
type Steps = [number, number];
export interface Chip {
  text: string;
  weight: number | null;
  negated: boolean;
  region: Region | null;
  steps: Steps | null;
  muted: boolean;
  solo: boolean;
}
export type Change = "drag" | "done";

/** The slider's ends; the number beside it takes more. */
const MOST = 2;
const STEP = 0.05;
/** Arrow keys move a slider one notch at a time: only when they rest is it let go. */
const REST_MS = 500;

const PLACES: Readonly<Record<string, [number, number, number, number]>> = {
  left: [0, 0, 0.5, 1],
  right: [0.5, 0, 1, 1],
  top: [0, 0, 1, 0.5],
  bottom: [0, 0.5, 1, 1],
  center: [0.25, 0.25, 0.75, 0.75],
};

/** Where things stand is settled early: first the places, then what it is about. */
const TIMES: readonly Steps[] = [
  [0, 0.25],
  [0.25, 1],
  [0, 0.5],
  [0.5, 1],
];
const percent = (share: number): number => Number((100 * share).toFixed(1));
const timeOption = (steps: Steps): HTMLOptionElement =>
  option(String(steps), `${steps.map(percent).join(" – ")} %`);

export function placeOf(region: Region | null): string {
  if (!region) return "";
  if (region.kind !== "box") return "painted";
  const box = JSON.stringify((region as { box: number[] }).box);
  return Object.keys(PLACES).find((name) => JSON.stringify(PLACES[name]) === box) ?? "painted";
}

export class ChipView {
  readonly el: HTMLElement;
  readonly #sign: HTMLButtonElement;
  readonly #text: HTMLInputElement;
  readonly #slider: HTMLInputElement;
  readonly #number: HTMLInputElement;
  readonly #place: HTMLSelectElement;
  readonly #time: HTMLSelectElement;
  readonly #mute: HTMLButtonElement;
  readonly #solo: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  readonly #map = picture("composer-map", { hidden: true });
  #chip: Chip;
  #keys = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(
    chip: Chip,
    private readonly change: (chip: Chip, how: Change) => void,
    paint: () => void,
    remove: () => void,
    signal: AbortSignal,
  ) {
    this.#chip = chip;
    const toggle = (name: string, letter: string, what: "negated" | "muted" | "solo"): HTMLButtonElement =>
      button(`composer-${name}`, letter, () => this.#alter({ [what]: !this.#chip[what] }), signal);
    this.#sign = toggle("sign", "AND", "negated");
    this.#mute = toggle("mute", "Mute", "muted");
    this.#solo = toggle("solo", "Only", "solo");
    this.#remove = button("composer-remove", "Remove it", remove, signal, icon(ICON.cross));
    this.#text = h("input", {
      class: "gw-number-input gw-composer-text",
      type: "text",
      label: "Concept",
      maxlength: 2000,
    });
    on(this.#text, "change", () => this.#alter({ text: this.#text.value }), signal);
    this.#slider = h("input", {
      class: "gw-composer-weight",
      type: "range",
      min: 0,
      max: MOST,
      step: STEP,
    });
    on(this.#slider, "keydown", () => this.#hold(true), signal);
    on(this.#slider, "pointerdown", () => this.#hold(false), signal);
    on(this.#slider, "input", () => this.#drag(), signal);
    on(this.#slider, "change", () => this.#let(), signal);
    on(this.#slider, "blur", () => this.#settle(), signal);
    this.#number = number("gw-composer-number", { min: -20, max: 20, step: STEP });
    on(this.#number, "change", () => this.#type(), signal);
    this.#place = h(
      "select",
      "gw-number-input gw-composer-place",
      option("", "everywhere"),
      ...Object.keys(PLACES).map((name) => option(name, name)),
      option("painted", "painted…"),
    );
    const placed = (): void => {
      const box = PLACES[this.#place.value];
      if (this.#place.value === "painted") paint();
      else this.#alter({ region: box ? { kind: "box", box } : null });
    };
    on(this.#place, "change", placed, signal);
    this.#time = h(
      "select",
      "gw-number-input gw-composer-time",
      option("", "all steps"),
      ...TIMES.map(timeOption),
    );
    on(this.#time, "change", () => this.#alter({ steps: this.#timed() }), signal);
    atEnd(signal, () => clearTimeout(this.#rest));
    this.el = h(
      "li",
      "gw-composer-chip",
      this.#sign,
      this.#text,
      this.#slider,
      this.#number,
      this.#place,
      this.#time,
      h("span", "gw-composer-toggles", this.#mute, this.#solo, this.#remove),
      this.#map,
    );
    this.update(chip, false);
  }

  get chip(): Chip {
    return this.#chip;
  }

  /** Show a state; what the user is at is left alone. `faint`: not heard, because another one is solo. */
  update(chip: Chip, faint: boolean): void {
    this.#chip = chip;
    const name = chip.text || "the new concept";
    set(this.el, { "data-negated": chip.negated, "data-faint": faint || chip.muted });
    const [sign, other] = chip.negated ? ["NOT", "AND"] : ["AND", "NOT"];
    text(this.#sign, sign);
    set(this.#sign, { pressed: chip.negated, label: `${sign} ${name}`, title: `Turn into ${other}` });
    if (!hasFocus(this.#text)) this.#text.value = chip.text;
    const weight = chip.weight ?? 1;
    if (!this.#rest && !this.#keys) this.#slider.value = String(weight);
    if (!hasFocus(this.#number)) this.#number.value = String(Number(weight.toFixed(3)));
    set(this.#slider, { label: `Weight of ${name}` });
    set(this.#number, { label: `Weight of ${name} as a number` });
    this.#place.value = placeOf(chip.region);
    set(this.#place, { label: `Where ${name} holds` });
    this.#tell(chip.steps);
    set(this.#time, { label: `When ${name} holds` });
    const [mute, solo] = [
      chip.muted ? "Take it in again" : "Leave it out",
      chip.solo ? "All again" : "This one alone",
    ];
    set(this.#mute, { pressed: chip.muted, label: `Mute ${name}`, title: mute });
    set(this.#solo, { pressed: chip.solo, label: `Only ${name}`, title: solo });
    set(this.#remove, { label: `Remove ${name}` });
  }

  /** The map of where it acted; null: none was made. */
  paint(url: string | null, told: string): void {
    hide(this.#map, url === null);
    if (url !== null) set(this.#map, { src: url, alt: told, title: told });
  }

  focus(): void {
    this.#text.focus();
  }

  #timed(): Steps | null {
    const [start, stop] = this.#time.value.split(",").map(Number);
    return start === undefined || stop === undefined ? null : [start, stop];
  }

  /** Show a range of steps; one that no entry names gets its own. */
  #tell(steps: Steps | null): void {
    const value = steps ? String(steps) : "";
    if (steps && ![...this.#time.options].some((option) => option.value === value))
      this.#time.append(timeOption(steps));
    this.#time.value = value;
  }

  #alter(part: Partial<Chip>): void {
    this.#forget();
    this.#chip = { ...this.#chip, ...part };
    this.change(this.#chip, "done");
  }

  #hold(keys: boolean): void {
    this.#keys = keys;
  }

  #drag(): void {
    this.#chip = { ...this.#chip, weight: Number(this.#slider.value) };
    this.#number.value = this.#slider.value;
    this.change(this.#chip, "drag");
  }

  #let(): void {
    if (!this.#keys) {
      this.#alter({ weight: Number(this.#slider.value) });
      return;
    }
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#settle(), REST_MS);
  }

  #settle(): void {
    this.#keys = false;
    if (this.#rest) this.#alter({ weight: Number(this.#slider.value) });
  }

  #type(): void {
    const weight = this.#number.valueAsNumber;
    if (Number.isFinite(weight)) this.#alter({ weight });
  }

  #forget(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#keys = false;
  }
}
