// The plane between three favourites: a point in a triangle is a mixture of them, sketched as it is moved.
import { div, focusOn, h, hide, on, refill, set, spotOf, text } from "../dom";
import { offer } from "../panel/choice";
import { KeepView } from "../panel/keep";
import type { Answer } from "../requests";
import { throttle } from "../throttle";

export interface Plane {
  /** The favourites: at the top, at the left, at the right. */
  slots: number[];
  choices: number[];
  /** Of each, in percent. */
  weights: number[];
  kept: number | null;
  why: string;
}

/** Number of the sketch among the pictures. */
const SKETCH = -1;
const MOVES: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Shares of the corners in percent, at a point of the square that the triangle fills; outside: of the nearest side. */
export function shares(x: number, y: number): [number, number, number] {
  const top = 1 - Math.min(Math.max(y, 0), 1);
  const right = Math.max(x - top / 2, 0);
  const left = Math.max(1 - top - x + top / 2, 0);
  const a = Math.round((100 * top) / (top + left + right));
  const c = Math.min(Math.round((100 * right) / (top + left + right)), 100 - a);
  return [a, 100 - a - c, c];
}

export class PlaneView {
  readonly el: HTMLElement;
  readonly #why = h("p", "gw-quiet");
  readonly #sides: HTMLElement;
  readonly #dot = h("span", { class: "gw-taste-dot", role: "slider", tabindex: 0, label: "Mixture" });
  readonly #pad = div("taste-pad", this.#dot);
  readonly #words = h("p", "gw-quiet");
  readonly #corners: { el: HTMLElement; select: HTMLSelectElement }[];
  readonly #keep: KeepView;
  readonly #throttle: ReturnType<typeof throttle<Record<string, unknown>>>;
  #slots: number[] = [];
  #weights: readonly number[] | null = null;

  constructor(
    ask: (name: string, args?: Record<string, unknown>) => Promise<Answer | null>,
    private readonly picture: (slot: number, alt: string) => HTMLElement,
    show: (slot: number) => void,
    signal: AbortSignal,
  ) {
    this.#throttle = throttle((args: Record<string, unknown>) => ask("move", args));
    signal.addEventListener("abort", () => this.#throttle.drop());
    this.#keep = new KeepView("taste-keep", () => void ask("keep"), show, signal);
    this.#corners = ["At the top", "At the left", "At the right"].map((label, i) => {
      const select = h("select", { label });
      const change = (): void => {
        const slot = Number(select.value);
        // Two corners never are the same image: they change places.
        const slots = this.#slots.map((old) => (old === slot ? (this.#slots[i] as number) : old));
        slots[i] = slot;
        void ask("corners", { slots });
      };
      on(select, "change", change, signal);
      return { el: div("taste-corner"), select };
    });
    const [top, left, right] = this.#corners.map(({ el }) => el) as [HTMLElement, HTMLElement, HTMLElement];
    const at = (event: PointerEvent, full: boolean): void => this.#move(...spotOf(this.#pad, event), full);
    const down = (event: PointerEvent): void => {
      this.#pad.setPointerCapture(event.pointerId);
      at(event, false);
    };
    on(this.#pad, "pointerdown", down, signal);
    on(
      this.#pad,
      "pointermove",
      (event) => this.#pad.hasPointerCapture(event.pointerId) && at(event, false),
      signal,
    );
    on(this.#pad, "pointerup", (event) => at(event, true), signal);
    on(this.#pad, "click", () => focusOn(this.#dot), signal);
    const sketch = div("side", picture(SKETCH, "Sketch of the mixture"), this.#words);
    sketch.append(this.#keep.button, this.#keep.kept);
    this.#sides = div("taste-plane", div("taste-triangle", top, this.#pad, left, right), sketch);
    this.el = div("taste-between", this.#why, this.#sides);
  }

  update(plane: Plane): void {
    text(this.#why, plane.why);
    hide(this.#why, !plane.why);
    hide(this.#sides, plane.slots.length === 0);
    this.#keep.update(plane.kept);
    this.#weights ??= plane.weights;
    plane.slots.forEach((slot, i) => {
      const corner = this.#corners[i];
      if (!corner) return;
      offer(corner.select, plane.choices, slot);
      if (slot !== this.#slots[i]) refill(corner.el, this.picture(slot, `Image ${slot}`), corner.select);
    });
    this.#slots = plane.slots;
    this.#say();
  }

  key({ key, target, shiftKey }: KeyboardEvent): boolean {
    const move = MOVES[key];
    if (!move || target !== this.#dot) return false;
    const [a = 0, , c = 0] = this.#weights ?? [];
    const by = shiftKey ? 0.2 : 0.05;
    this.#move((a / 2 + c) / 100 + by * move[0], 1 - a / 100 + by * move[1], true);
    return true;
  }

  #move(x: number, y: number, full: boolean): void {
    const weights = shares(x, y);
    this.#weights = weights;
    this.#say();
    this.#throttle.offer({ weights, full });
  }

  #say(): void {
    const [a = 0, b = 0, c = 0] = this.#weights ?? [];
    const words = [a, b, c].map((share, i) => `${share} % of ${this.#slots[i]}`).join(", ");
    text(this.#words, words);
    set(this.#dot, {
      style: `left: ${a / 2 + c}%; top: ${100 - a}%`,
      "aria-valuenow": a,
      "aria-valuetext": words,
    });
  }
}
