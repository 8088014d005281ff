// A picture as a PNG file.
import { h } from "../dom";
import { canvas, show } from "./dom";
import type { Pixels } from "./messages";
import type { Shared } from "./origin";
import { parameters, withText } from "./png";

/** Named by the letters and numbers of its prompt. */
export function savePng(one: Shared & { pixels: Pixels | null }, steps: number): void {
  if (!one.pixels) return;
  const side = Math.sqrt(one.pixels.length / 4);
  const face = canvas(side);
  show(face, one.pixels);
  const words = (one.prompt.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ").slice(0, 60);
  face.toBlob(async (blob) => {
    if (!blob) return;
    const png = withText(new Uint8Array(await blob.arrayBuffer()), parameters(one, steps, side));
    const url = URL.createObjectURL(png);
    h("a", { href: url, download: `${words}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}
