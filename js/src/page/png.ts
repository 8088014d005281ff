// What made a picture, as a text in its PNG file, where the notebook and many programs look for it.
import type { Shared } from "./origin";

const END = 12; // bytes of the last chunk, which says that there are no more

/** As AUTOMATIC1111's web UI writes it, and `guidewidgets/session/picture/png.py`. */
export function parameters({ prompt, guidance, origin }: Shared, steps: number, side: number): string {
  const facts = `Steps: ${steps}, Sampler: DPMPP-2M, CFG scale: ${guidance}, Seed: ${origin.seed}, Size: ${side}x${side}`;
  return `${prompt.split(/\s+/).join(" ")}\n${facts}, Version: guidewidgets`;
}

/** The file with a chunk `iTXt` more: neither packed nor in a language that is told. */
export function withText(png: Uint8Array<ArrayBuffer>, text: string): Blob {
  const body = new TextEncoder().encode(`iTXtparameters\0\0\0\0\0${text}`);
  const [length, sum] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, body.length - 4);
  sum.setUint32(0, crc32(body));
  return new Blob([png.subarray(0, -END), length, body, sum, png.subarray(-END)], { type: "image/png" });
}

function crc32(bytes: Uint8Array): number {
  let rest = -1;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
}
