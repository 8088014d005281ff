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

export function stage() {
  const el = h("div", { class: "gw-saliency-stage", tabindex: 0, role: "img" });
  const pictures = [picture("saliency-picture"), picture("saliency-picture")] as const;
  const canvas = h("canvas", { class: "gw-saliency-map", silent: true });
  const marks = draw("svg", { class: "gw-saliency-marks", preserveAspectRatio: "none", silent: true });
  const [under, plain] = pictures;
  el.append(under, canvas, marks);
  const beside = div("saliency-stage gw-saliency-beside", plain);
  let levels: Levels | null = null;
  let turn = 0;

  return {
    el,
    both: div("saliency-stages", beside, el),
    get levels(): Levels | null {
      return levels;
    },
    put: (url: string): void => {
      for (const img of pictures) img.src = url;
    },
    /** Read a map; whether none came after it meanwhile. */
    read: async (blob: Blob): Promise<boolean> => {
      const now = ++turn;
      const bitmap = await createImageBitmap(blob).catch(() => null);
      if (!bitmap || now !== turn) return false;
      const { width: w, height } = bitmap;
      const context = h("canvas", { width: w, height }).getContext("2d", { willReadFrequently: true });
      if (!context) return false;
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      const rgba = context.getImageData(0, 0, w, height).data;
      const data = new Uint8Array(w * height).map((_, i) => rgba[4 * i] as number);
      levels = { data, w, h: height };
      return true;
    },
    draw: (over: Over): void => {
      hide(beside, !over.beside);
      set(el, { "data-grey": over.grey, "data-painting": over.painting });
      if (!levels) return;
      const { data, w, h: height } = levels;
      set(canvas, { width: w, height });
      const pixels = overlay(data, over.opacity) as Uint8ClampedArray<ArrayBuffer>;
      canvas.getContext("2d")?.putImageData(new ImageData(pixels, w, height), 0, 0);
      for (const box of [el, beside]) box.style.aspectRatio = `${w} / ${height}`;
      set(marks, { viewBox: `0 0 ${w} ${height}` });
      refill(marks, ...outlines(levels, over.contour, over.boxes), ...strokes(over.strokes, w, height));
    },
  };
}
