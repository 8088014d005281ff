// Canvases and what the page's parts share. Text is only ever set as text.
import { h } from "../dom";
import type { Pixels } from "./messages";

export type Press = () => void;

export function canvas(side: number, label: string | null = null): HTMLCanvasElement {
  const named = label === null ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return h("canvas", { width: side, height: side, ...named });
}

export function show(target: HTMLCanvasElement, pixels: Pixels): void {
  const side = Math.sqrt(pixels.length / 4);
  target.getContext("2d")?.putImageData(new ImageData(pixels, side, side), 0, 0);
}

export function press(label: string, name: string, act: Press): HTMLButtonElement {
  const made = h("button", { type: "button", class: name }, label);
  made.addEventListener("click", () => made.getAttribute("aria-disabled") !== "true" && act());
  return made;
}

/** Noise before anything is painted: three channels of a latent as red, green and blue. */
export function speckle(latent: Float32Array, { side, pixels }: { side: number; pixels: number }): Pixels {
  const out = new Uint8ClampedArray(4 * pixels ** 2).fill(255);
  const cell = pixels / side;
  for (let i = 0; i < pixels ** 2; i++) {
    const at = Math.floor(Math.floor(i / pixels) / cell) * side + Math.floor((i % pixels) / cell);
    for (let c = 0; c < 3; c++) out[4 * i + c] = 128 + 52 * (latent[c * side ** 2 + at] as number);
  }
  return out;
}

/** Dark violet through green to yellow: viridis, perceptually uniform, at ten places. */
const VIRIDIS = [
  "440154",
  "482878",
  "3e4989",
  "31688e",
  "26828e",
  "1f9e89",
  "35b779",
  "6ece58",
  "b5de2b",
  "fde725",
];

/** The pull that is drawn in yellow. */
const HOTTEST = 2;

/** Levels in [0, 1] as viridis, RGBA. */
export function viridis(levels: Float32Array): Pixels {
  const stops = VIRIDIS.map((hex) => [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)));
  const pixels = new Uint8ClampedArray(4 * levels.length).fill(255);
  levels.forEach((level, i) => {
    const at = Math.max(0, Math.min(1, level)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++) {
      const [from, to] = [stops[low]?.[c] ?? 0, stops[low + 1]?.[c] ?? 0];
      pixels[4 * i + c] = from + (to - from) * (at - low);
    }
  });
  return pixels;
}

/** How hard something pulls in every column, in standard deviations of the noise: one scale for all pictures. */
export function heat(pull: Float32Array): Pixels {
  return viridis(pull.map((value) => value / HOTTEST));
}

/** Okabe and Ito's colours, told apart by colour-blind readers too; grey is fresh noise. */
export const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#f0e442",
  "#7a5195",
  "#2f4b7c",
  "#a05d00",
  "#00b8a9",
  "#8a8a00",
];
export const GREY = "#b4b4bc";

/** Maps over each other, each shining in its colour, so that where several pull it is pale. Each is as bright as
 * the root of its pull, up to its own most: few spots pull hardest, and would leave the others black. */
export function laid(maps: readonly (readonly [pull: Float32Array, colour: string])[]): Pixels {
  const pixels = new Uint8ClampedArray(4 * (maps[0]?.[0].length ?? 0)).fill(0);
  for (const [pull, hex] of maps) {
    const most = pull.reduce((a, b) => Math.max(a, b), 0) || 1;
    pull.forEach((value, i) => {
      for (let c = 0; c < 3; c++) {
        const full = Number.parseInt(hex.slice(1 + 2 * c, 3 + 2 * c), 16);
        pixels[4 * i + c] = (pixels[4 * i + c] as number) + full * Math.sqrt(value / most);
      }
    });
  }
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  return pixels;
}

/** Which column comes from which parent, as pixels. */
export function mosaic(owner: Int32Array): Pixels {
  const pixels = new Uint8ClampedArray(4 * owner.length).fill(255);
  owner.forEach((from, i) => {
    const hex = COLOURS[from] ?? GREY;
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = Number.parseInt(hex.slice(1 + 2 * c, 3 + 2 * c), 16);
  });
  return pixels;
}
