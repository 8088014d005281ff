// The picture, over it the map with its contour, the boxes and what is being painted; beside it, the picture alone.
import { div, draw, h, hide, picture, refill, set } from "../dom";
import type { Stroke } from "../region";
import { overlay } from "./map";
import { type Levels, outlines, strokes } from "./marks";
import type { SaliencyMap } from "./words";

export interface Over {
  opacity: number;
  /** Whose contour and whose boxes are drawn. */
  contour: SaliencyMap | null;
  boxes: SaliencyMap | null;
  strokes: readonly Stroke[];
  grey: boolean;
  beside: boolean;
  painting: boolean;
}

export class Stage {
  readonly el = h("div", { class: "gw-saliency-stage", tabindex: 0, role: "img" });
  readonly both: HTMLElement;
  levels: Levels | null = null;
  readonly #pictures = [picture("saliency-picture"), picture("saliency-picture")] as const;
  readonly #canvas = h("canvas", { class: "gw-saliency-map", silent: true });
  readonly #marks = draw("svg", {
    class: "gw-saliency-marks",
    preserveAspectRatio: "none",
    silent: true,
  });
  readonly #beside: HTMLElement;
  #turn = 0;

  constructor() {
    const [over, plain] = this.#pictures;
    this.el.append(over, this.#canvas, this.#marks);
    this.#beside = div("saliency-stage gw-saliency-beside", plain);
    this.both = div("saliency-stages", this.#beside, this.el);
  }

  put(url: string): void {
    for (const img of this.#pictures) img.src = url;
  }

  /** Read a map; whether none came after it meanwhile. */
  async read(blob: Blob): Promise<boolean> {
    this.#turn += 1;
    const turn = this.#turn;
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (!bitmap || turn !== this.#turn) return false;
    const { width: w, height } = bitmap;
    const canvas = h("canvas", { width: w, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return false;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const rgba = context.getImageData(0, 0, w, height).data;
    const data = new Uint8Array(w * height);
    for (let i = 0; i < data.length; i += 1) data[i] = rgba[4 * i] as number;
    this.levels = { data, w, h: height };
    return true;
  }

  draw(over: Over): void {
    hide(this.#beside, !over.beside);
    set(this.el, { "data-grey": over.grey, "data-painting": over.painting });
    const { levels } = this;
    if (!levels) return;
    const { data, w, h: height } = levels;
    set(this.#canvas, { width: w, height });
    const context = this.#canvas.getContext("2d");
    const pixels = overlay(data, over.opacity) as Uint8ClampedArray<ArrayBuffer>;
    context?.putImageData(new ImageData(pixels, w, height), 0, 0);
    for (const el of [this.el, this.#beside]) el.style.aspectRatio = `${w} / ${height}`;
    set(this.#marks, { viewBox: `0 0 ${w} ${height}` });
    refill(this.#marks, ...outlines(levels, over.contour, over.boxes), ...strokes(over.strokes, w, height));
  }
}
