// The drawing, on sheets side by side that scroll with their box: the browser moves them without asking us, and only a
// sheet that comes into sight, or whose pictures or marks change, is painted. Those out of sight are used again.
import { h, set } from "../dom";
import { columnsIn, type Look, type Paints, paintGraph, paintLine, signs } from "./paint";

/** CSS pixels, about. */
const WIDTH = 256;

/** What of the drawing is in sight, in CSS pixels, and how large it is drawn. */
export interface Sight {
  left: number;
  width: number;
  zoom: number;
  ratio: number;
  paints: Paints;
}
interface Sheet {
  readonly graph: HTMLCanvasElement;
  readonly line: HTMLCanvasElement;
  /** Its place among the sheets from the left, or -1. */
  at: number;
  /** What the layers show. */
  signs: string;
  drawn: (Pick<Look, "current" | "line"> & Pick<Look["marks"], "picks">) | null;
}

export class Sheets {
  readonly el = h("div", { class: "gw-lineage-sheets", silent: true });
  #sheets: Sheet[] = [];
  #size = "";

  /**
   * Paint what is missing in sight, and one sheet beside it.
   * @returns columns that are on sheets now, first and one past the last; and whether another sheet is to be painted.
   */
  draw(look: Look, sight: Sight): { columns: [number, number]; more: boolean } {
    const { left, width, zoom, ratio, paints } = sight;
    const wide = Math.round(WIDTH * ratio) / ratio; // whole device pixels: no seams
    const all = Math.ceil((look.layout.width * zoom) / wide);
    const first = Math.max(0, Math.floor(left / wide));
    const last = Math.min(all - 1, Math.floor((left + width) / wide));
    const room = Math.ceil(width / wide) + 3; // one is cut at each side, one waits at each side
    const high = Math.ceil(look.layout.height * zoom);
    const count = Math.min(room, Math.max(1, all));
    const size = [wide, high, ratio, zoom, count, ...Object.values(paints)].join();
    if (size !== this.#size) {
      this.#size = size;
      this.#cut(count, wide, high, ratio);
    }
    const stretch = (at: number): [number, number] => [(at * wide) / zoom, ((at + 1) * wide) / zoom];
    const paint = (at: number): boolean => {
      const sheet = this.#sheets[at % this.#sheets.length] as Sheet;
      const [from, to] = stretch(at);
      if (sheet.at !== at) {
        sheet.at = at;
        sheet.signs = "?";
        sheet.drawn = null;
        for (const canvas of [sheet.graph, sheet.line]) canvas.style.transform = `translateX(${at * wide}px)`;
      }
      const word = signs(look, columnsIn(look, from, to));
      const { current, line } = look;
      const { picks } = look.marks;
      const same =
        sheet.drawn?.current === current && sheet.drawn.line === line && sheet.drawn.picks === picks;
      if (same && sheet.signs === word) return false;
      const on = (canvas: HTMLCanvasElement, how: typeof paintGraph): void => {
        const context = canvas.getContext("2d");
        if (!context) return;
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.clearRect(0, 0, canvas.width, canvas.height);
        context.setTransform(ratio * zoom, 0, 0, ratio * zoom, -from * zoom * ratio, 0);
        how({ paint: context, left: from, right: to, zoom, paints }, look);
      };
      if (sheet.signs !== word) on(sheet.graph, paintGraph);
      if (!same) on(sheet.line, paintLine);
      sheet.signs = word;
      sheet.drawn = { current, line, picks };
      return true;
    };
    let more = false;
    for (let at = first; at <= last; at += 1) more = paint(at) || more;
    const beside = [last + 1, first - 1].filter((at) => at >= 0 && at < all);
    more = more || beside.some(paint); // one thing in one frame
    return { columns: columnsIn(look, stretch(first - 1)[0], stretch(last + 1)[1]), more };
  }

  #cut(count: number, wide: number, high: number, ratio: number): void {
    while (this.#sheets.length < count) {
      const graph = h("canvas", "gw-lineage-canvas");
      const line = h("canvas", "gw-lineage-canvas gw-lineage-line");
      this.#sheets.push({ graph, line, at: -1, signs: "?", drawn: null });
      this.el.append(graph, line);
    }
    for (const sheet of this.#sheets.splice(count)) {
      sheet.graph.remove();
      sheet.line.remove();
    }
    for (const sheet of this.#sheets) {
      sheet.at = -1;
      for (const canvas of [sheet.graph, sheet.line]) {
        set(canvas, { width: Math.round(wide * ratio), height: Math.round(high * ratio) });
        const [width, height] = [`${wide}px`, `${high}px`];
        Object.assign(canvas.style, { width, height, transform: `translateX(${-2 * wide}px)` });
      }
    }
  }
}
