// The composer's brush: paints on the picture where one concept holds, by mouse, touch or keys.
import { button, h, hide, set } from "../dom";
import { Overlay } from "../grid/overlay";
import type { Bitmap, Cell } from "../protocol";
import { ToolState } from "../tool_state";

/** Number of the preview among the pictures. */
export const PICTURE = 0;

export class PlaceBrush {
  /** Shown while painting. */
  readonly el: HTMLElement;
  readonly #tools: ToolState;
  readonly #overlay: Overlay;
  #size = { w: 1, h: 1 };
  /** Which concept is painted; -1: none. */
  #target = -1;

  /** `placed`: what was painted for which concept; `tooled`: a tool was taken up or laid down. */
  constructor(
    private readonly frame: HTMLElement,
    private readonly placed: (target: number, region: Bitmap) => void,
    private readonly stopped: () => void,
    private readonly tooled: (tool: string) => void,
    signal: AbortSignal,
  ) {
    this.#tools = new ToolState(() => this.#redraw());
    this.#overlay = new Overlay(frame, PICTURE, this.#tools, signal);
    this.el = h(
      "div",
      { class: "gw-line", hidden: true },
      h("span", {}, "Paint where it holds; arrows and space paint too."),
      button("composer-painted", "Done", () => this.#place(), signal),
      button("composer-unpaint", "Take back", () => this.#tools.remove(), signal),
    );
    this.#rest();
  }

  /** The picture's size, in pixels. */
  fit(w: number, h: number): void {
    this.#size = { w, h };
    set(this.frame, { style: `aspect-ratio: ${w} / ${h}` });
    this.#overlay.update({ w, h, phase: "done", filtered: false } as Cell);
  }

  start(target: number, name: string): void {
    this.#target = target;
    this.#tools.clear();
    this.#tools.choose("brush");
    this.#tools.aim(PICTURE);
    hide(this.el, false);
    set(this.frame, {
      tabindex: 0,
      role: "application",
      label: `Paint where ${name} holds: arrows move, space paints, Enter is done`,
    });
    this.frame.focus();
  }

  stop(): void {
    if (this.#target < 0) return;
    this.#target = -1;
    this.#tools.clear();
    this.#tools.choose("select");
    this.#rest();
    this.stopped();
  }

  /** Whether a key on the picture was for the brush. */
  key(event: KeyboardEvent): boolean {
    if (this.#target < 0 || event.target !== this.frame) return false;
    const far = event.shiftKey ? 0.1 : 0.03;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-far, 0],
      ArrowRight: [far, 0],
      ArrowUp: [0, -far],
      ArrowDown: [0, far],
    };
    const move = moves[event.key];
    if (move) this.#tools.nudge(...move);
    else if (event.key === " ") this.#tools.drop();
    else if (event.key === "Enter") this.#place();
    else if (event.key === "Escape") this.stop();
    else if (event.key === "Backspace") this.#tools.remove();
    else return false;
    return true;
  }

  #place(): void {
    const target = this.#target;
    const painted = this.#tools.marks(PICTURE).length > 0;
    const place = painted ? this.#tools.place(PICTURE, this.#size.w, this.#size.h) : null;
    this.stop();
    if (target >= 0 && place && "region" in place) this.placed(target, place.region);
  }

  #rest(): void {
    hide(this.el, true);
    set(this.frame, { tabindex: -1, role: "img", label: "The picture" });
  }

  #redraw(): void {
    this.tooled(this.#tools.tool);
    this.#overlay.redraw();
  }
}
