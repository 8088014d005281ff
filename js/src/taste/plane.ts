// The plane between three favourites: a point in a triangle is a mixture of them, sketched as it is moved.
import { KeepView } from "../composer/keep";
import { throttle } from "../composer/throttle";
import { atEnd, div, focusOn, h, hide, on, refill, set, spotOf, text } from "../dom";
import { offer } from "../panel/choice";
import type { Ask, Show } from "./question";

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
  const left = Math.max(1 - x - top / 2, 0);
  const unit = (top + left + right) / 100;
  const a = Math.round(top / unit);
  const c = Math.min(Math.round(right / unit), 100 - a);
  return [a, 100 - a - c, c];
}

export function planeView(ask: Ask, show: Show, go: (slot: number) => void, signal: AbortSignal) {
  let slots: readonly number[] = [];
  let weights: readonly number[] = [];
  const why = h("p", "gw-quiet");
  const words = h("p", "gw-quiet");
  const dot = h("span", { class: "gw-taste-dot", role: "slider", tabindex: 0, label: "Mixture" });
  const pad = div("taste-pad", dot);
  const keep = new KeepView(() => void ask("keep"), go, signal, false);
  const sent = throttle((args: Record<string, unknown>) => ask("move", args));
  atEnd(signal, () => sent.drop());

  const say = (): void => {
    const [a = 0, , c = 0] = weights;
    const said = weights.map((share, i) => `${share} % of ${slots[i]}`).join(", ");
    text(words, said);
    set(dot, {
      style: `left: ${a / 2 + c}%; top: ${100 - a}%`,
      "aria-valuenow": a,
      "aria-valuetext": said,
    });
  };
  const move = (x: number, y: number, full: boolean): void => {
    weights = shares(x, y);
    say();
    sent.offer({ weights, full });
  };
  const at = (event: PointerEvent, full: boolean): void => move(...spotOf(pad, event), full);
  const down = (event: PointerEvent): void => {
    pad.setPointerCapture(event.pointerId);
    at(event, false);
  };
  on(pad, "pointerdown", down, signal);
  on(pad, "pointermove", (event) => event.buttons && at(event, false), signal);
  on(pad, "pointerup", (event) => at(event, true), signal);
  on(pad, "click", () => focusOn(dot), signal);

  const corners = ["At the top", "At the left", "At the right"].map((label, i) => {
    const select = h("select", { class: "gw-number-input", label });
    const change = (): void => {
      const slot = Number(select.value);
      // Two corners never are the same image: they change places.
      const now = slots.map((old, j) => (j === i ? slot : old === slot ? slots[i] : old));
      void ask("corners", { slots: now });
    };
    on(select, "change", change, signal);
    return { el: div("taste-corner"), select };
  });
  const [top, ...low] = corners.map(({ el }) => el) as [HTMLElement, ...HTMLElement[]];
  const sketch = div("side", show(SKETCH, "Sketch of the mixture"), words, ...keep.els);
  const both = div("taste-plane", div("taste-triangle", top, pad, ...low), sketch);

  return {
    el: div("taste-between", why, both),
    update: (plane: Plane): void => {
      text(why, plane.why);
      hide(why, !plane.why);
      hide(both, plane.slots.length === 0);
      keep.update(plane.kept);
      if (weights.length === 0) ({ weights } = plane);
      corners.forEach(({ el, select }, i) => {
        const slot = plane.slots[i];
        if (slot === undefined) return;
        offer(select, plane.choices, slot);
        if (slot !== slots[i]) refill(el, show(slot, `Image ${slot}`), select);
      });
      ({ slots } = plane);
      say();
    },
    key: ({ key, target, shiftKey }: KeyboardEvent): boolean => {
      const by = MOVES[key];
      if (!by || target !== dot) return false;
      const [a = 0, , c = 0] = weights;
      const far = shiftKey ? 0.2 : 0.05;
      move((a / 2 + c) / 100 + far * by[0], 1 - a / 100 + far * by[1], true);
      return true;
    },
  };
}
