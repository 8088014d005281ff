// What is drawn on an image, as the region that the kernel knows. Pure: shapes in, bits out.
import type { Bitmap, Spot } from "./protocol";

/** Pixels of a painted region's longer side: finer than any latent it will be laid over, 700 characters at most. */
export const SIDE = 64;

/** A line as thick as a brush: radius as a fraction of the picture's shorter side. One point is a dot. */
export interface Stroke {
  radius: number;
  points: Spot[];
}

/** The strokes on a raster with the picture's proportions. */
export function paint(strokes: readonly Stroke[], w: number, h: number): Bitmap {
  const scale = SIDE / Math.max(w, h);
  const width = Math.max(1, Math.round(w * scale));
  const height = Math.max(1, Math.round(h * scale));
  const inside = new Uint8Array(width * height);
  for (const { radius, points } of strokes) {
    const at = points.map(([x, y]): Spot => [x * width, y * height]);
    at.forEach((point, i) => {
      segment(inside, width, height, at[i - 1] ?? point, point, radius * Math.min(width, height));
    });
  }
  return { kind: "bitmap", width, height, bits: base64(pack(inside)) };
}

function segment(inside: Uint8Array, width: number, height: number, a: Spot, b: Spot, r: number): void {
  const left = Math.max(0, Math.floor(Math.min(a[0], b[0]) - r));
  const right = Math.min(width - 1, Math.ceil(Math.max(a[0], b[0]) + r));
  const top = Math.max(0, Math.floor(Math.min(a[1], b[1]) - r));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(a[1], b[1]) + r));
  for (let y = top; y <= bottom; y += 1)
    for (let x = left; x <= right; x += 1)
      if (distance([x + 0.5, y + 0.5], a, b) <= r) inside[y * width + x] = 1;
  // However thin the brush, where it went something is painted.
  const own = [Math.min(width - 1, Math.floor(b[0])), Math.min(height - 1, Math.floor(b[1]))] as const;
  inside[own[1] * width + own[0]] = 1;
}

function distance(p: Spot, a: Spot, b: Spot): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

function pack(inside: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(inside.length / 8));
  inside.forEach((bit, i) => {
    if (bit) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (128 >> (i & 7));
  });
  return bytes;
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
