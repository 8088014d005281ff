// Painting with mouse, pen or finger: strokes in [0, 1] of the element that is painted on.
import { on, prevent, spotOf } from "../dom";
import type { Spot } from "../protocol";
import type { Stroke } from "../region";
import { inside } from "../tool_state";

const MOST_POINTS = 2000;

/** `begin`: a new stroke at a spot, or null where nothing is painted; `moved`: it has grown. */
export function brush(
  stage: HTMLElement,
  begin: (spot: Spot) => Stroke | null,
  moved: () => void,
  signal: AbortSignal,
): void {
  const spot = (event: PointerEvent): Spot => inside(spotOf(stage, event));
  let stroke: Stroke | null = null;
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    stroke = begin(spot(event));
    if (!stroke) return;
    prevent(event);
    stage.setPointerCapture(event.pointerId);
    moved();
  };
  const move = (event: PointerEvent): void => {
    if (!stroke || stroke.points.length > MOST_POINTS) return;
    stroke.points.push(spot(event));
    moved();
  };
  const up = (): void => {
    stroke = null;
  };
  on(stage, "pointerdown", down, signal);
  on(stage, "pointermove", move, signal);
  on(stage, "pointerup", up, signal);
  on(stage, "pointercancel", up, signal);
}
