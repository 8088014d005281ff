// A picture as a PNG file.
import { h } from "../dom";
import { canvas, show } from "./dom";
import type { Pixels } from "./messages";

/** Named by the letters and numbers of its prompt. */
export function savePng({ pixels, prompt }: { pixels: Pixels | null; prompt: string }): void {
  if (!pixels) return;
  const face = canvas(Math.sqrt(pixels.length / 4));
  show(face, pixels);
  const words = (prompt.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ").slice(0, 60);
  face.toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: `${words}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}
