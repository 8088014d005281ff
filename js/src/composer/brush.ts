// The composer's brush: paints on the picture where one concept holds, by mouse, touch or keys.
import { button, h, hide, set } from "../dom";
import { overlay } from "../grid/overlay";
import type { Bitmap, Cell } from "../protocol";
import { ToolState } from "../tool_state";

/** Number of the preview among the pictures. */
export const PICTURE = 0;

/** `placed`: what was painted for which concept; `tooled`: a tool was taken up or laid down. */
export function placeBrush(
  frame: HTMLElement,
  placed: (target: number, region: Bitmap) => void,
  stopped: () => void,
  tooled: (tool: string) => void,
  signal: AbortSignal,
) {
  const redraw = (): void => {
    tooled(tools.tool);
    drawing.redraw();
  };
  const tools = new ToolState(redraw);
  const drawing = overlay(frame, PICTURE, tools, signal);
  let size = { w: 1, h: 1 };
  let target = -1;

  const stop = (): void => {
    if (target < 0) return;
    target = -1;
    tools.clear();
    tools.choose("select");
    rest();
    stopped();
  };
  const place = (): void => {
    const which = target;
    const painted = tools.marks(PICTURE).length > 0;
    const made = painted ? tools.place(PICTURE, size.w, size.h) : null;
    stop();
    if (which >= 0 && made && "region" in made) placed(which, made.region);
  };
  /** Shown while painting. */
  const el = h(
    "div",
    { class: "gw-line", hidden: true },
    h("span", {}, "Paint where it holds; arrows and space paint too."),
    button("composer-painted", "Done", place, signal),
    button("composer-unpaint", "Take back", () => tools.remove(), signal),
  );
  const rest = (): void => {
    hide(el, true);
    set(frame, { tabindex: -1, role: "img", label: "The picture" });
  };
  rest();

  return {
    el,
    stop,
    /** Which concept is painted; -1: none. */
    at: (): number => target,
    /** The picture's size, in pixels. */
    fit: (w: number, h: number): void => {
      size = { w, h };
      set(frame, { style: `aspect-ratio: ${w} / ${h}` });
      drawing.update({ w, h, phase: "done", filtered: false } as Cell);
    },
    start: (which: number, name: string): void => {
      target = which;
      tools.clear();
      tools.choose("brush");
      tools.aim(PICTURE);
      hide(el, false);
      set(frame, {
        tabindex: 0,
        role: "application",
        label: `Paint where ${name} holds: arrows move, space paints, Enter is done`,
      });
      frame.focus();
    },
    /** Whether a key on the picture was for the brush. */
    key: (event: KeyboardEvent): boolean => {
      if (target < 0 || event.target !== frame) return false;
      const far = event.shiftKey ? 0.1 : 0.03;
      const moves: Readonly<Record<string, readonly [number, number]>> = {
        ArrowLeft: [-far, 0],
        ArrowRight: [far, 0],
        ArrowUp: [0, -far],
        ArrowDown: [0, far],
      };
      const move = moves[event.key];
      if (move) tools.nudge(...move);
      else if (event.key === " ") tools.drop();
      else if (event.key === "Enter") place();
      else if (event.key === "Escape") stop();
      else if (event.key === "Backspace") tools.remove();
      else return false;
      return true;
    },
  };
}
