// A picture as a PNG file.
import { h } from "../dom";
import { canvas, show } from "./dom";
import type { Pixels } from "./messages";

export function savePng(pixels: Pixels, name: string): void {
  const face = canvas(Math.sqrt(pixels.length / 4));
  show(face, pixels);
  face.toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}
