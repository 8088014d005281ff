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

/** How a concept is shown and changed. */
export type ChipView = ReturnType<typeof chipView>;

export function chipView(
  first: Chip,
  change: (chip: Chip, how: Change) => void,
  paint: () => void,
  remove: () => void,
  signal: AbortSignal,
) {
  let chip = first;
  let keys = false;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const alter = (part: Partial<Chip>): void => {
    clearTimeout(rest);
    rest = undefined;
    keys = false;
    chip = { ...chip, ...part };
    change(chip, "done");
  };
  const toggle = (name: string, letter: string, what: "negated" | "muted" | "solo"): HTMLButtonElement =>
    button(`composer-${name}`, letter, () => alter({ [what]: !chip[what] }), signal);
  const sign = toggle("sign", "AND", "negated");
  const mute = toggle("mute", "Mute", "muted");
  const solo = toggle("solo", "Only", "solo");
  const gone = button("composer-remove", "Remove it", remove, signal, icon(ICON.cross));
  const map = picture("composer-map", { hidden: true });

  const words = h("input", {
    class: "gw-number-input gw-composer-text",
    type: "text",
    label: "Concept",
    maxlength: 2000,
  });
  on(words, "change", () => alter({ text: words.value }), signal);

  const slider = h("input", { class: "gw-composer-weight", type: "range", min: 0, max: MOST, step: STEP });
  const exact = number("gw-composer-number", { min: -20, max: 20, step: STEP });
  const slid = (): void => alter({ weight: slider.valueAsNumber });
  const settle = (): void => {
    keys = false;
    if (rest) slid();
  };
  const drag = (): void => {
    chip = { ...chip, weight: slider.valueAsNumber };
    exact.value = slider.value;
    change(chip, "drag");
  };
  const released = (): void => {
    clearTimeout(rest);
    if (keys) rest = setTimeout(settle, REST_MS);
    else slid();
  };
  const type = (): void => {
    const weight = exact.valueAsNumber;
    if (Number.isFinite(weight)) alter({ weight });
  };
  on(slider, "keydown", () => (keys = true), signal);
  on(slider, "pointerdown", () => (keys = false), signal);
  on(slider, "input", drag, signal);
  on(slider, "change", released, signal);
  on(slider, "blur", settle, signal);
  on(exact, "change", type, signal);
  atEnd(signal, () => clearTimeout(rest));

  const place = h(
    "select",
    "gw-number-input gw-composer-place",
    option("", "everywhere"),
    ...Object.keys(PLACES).map((name) => option(name, name)),
    option("painted", "painted…"),
  );
  const placed = (): void => {
    const box = PLACES[place.value];
    if (place.value === "painted") paint();
    else alter({ region: box ? { kind: "box", box } : null });
  };
  on(place, "change", placed, signal);

  const time = h(
    "select",
    "gw-number-input gw-composer-time",
    option("", "all steps"),
    ...TIMES.map(timeOption),
  );
  const timed = (): void => {
    const [start, stop] = time.value.split(",").map(Number);
    alter({ steps: start === undefined || stop === undefined ? null : [start, stop] });
  };
  on(time, "change", timed, signal);

  const toggles = h("span", "gw-composer-toggles", mute, solo, gone);
  const el = h("li", "gw-composer-chip", sign, words, slider, exact, place, time, toggles, map);

  /** Show a state; what the user is at is left alone. `faint`: not heard, because another one is solo. */
  const update = (now: Chip, faint: boolean, painting: boolean): void => {
    chip = now;
    const name = chip.text || "the new concept";
    set(el, { "data-negated": chip.negated, "data-faint": faint || chip.muted });
    const [said, other] = chip.negated ? ["NOT", "AND"] : ["AND", "NOT"];
    text(sign, said);
    set(sign, { pressed: chip.negated, label: `${said} ${name}`, title: `Turn into ${other}` });
    if (!hasFocus(words)) words.value = chip.text;
    const weight = chip.weight ?? 1;
    if (!rest && !keys) slider.value = String(weight);
    if (!hasFocus(exact)) exact.value = String(Number(weight.toFixed(3)));
    set(slider, { label: `Weight of ${name}` });
    set(exact, { label: `Weight of ${name} as a number` });
    place.value = painting ? "painted" : placeOf(chip.region);
    set(place, { label: `Where ${name} holds` });
    const steps = chip.steps ? String(chip.steps) : "";
    // A range of steps that no entry names gets its own.
    if (chip.steps && ![...time.options].some(({ value }) => value === steps))
      time.append(timeOption(chip.steps));
    time.value = steps;
    set(time, { label: `When ${name} holds` });
    const muting = chip.muted ? "Take it in again" : "Leave it out";
    set(mute, { pressed: chip.muted, label: `Mute ${name}`, title: muting });
    const alone = chip.solo ? "All again" : "This one alone";
    set(solo, { pressed: chip.solo, label: `Only ${name}`, title: alone });
    set(gone, { label: `Remove ${name}` });
  };
  update(chip, false, false);

  return {
    el,
    update,
    /** Its text, as typed. */
    said: (): string => chip.text,
    /** The map of where it acted; null: none was made. */
    paint: (url: string | null, told: string): void => {
      hide(map, url === null);
      if (url !== null) set(map, { src: url, alt: told, title: told });
    },
    focus: (): void => words.focus(),
  };
}
