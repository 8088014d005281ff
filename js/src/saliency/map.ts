// A map of grey levels as colours over a picture, and its contour as a path. Pure but for the canvas.

/** Inferno by Stéfan van der Walt and Nathaniel Smith (CC0), seventeen of its colours: ever lighter, never jet. */
const STOPS =
  "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4".split(
    " ",
  );

/** RGB of a level 0 to 255. */
export function colour(level: number): [number, number, number] {
  const at = (Math.min(255, Math.max(0, level)) / 255) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  const part = (k: number, stop: string): number => Number.parseInt(stop.slice(2 * k, 2 * k + 2), 16);
  const mix = (k: number): number => {
    const [a, b] = [part(k, STOPS[i] as string), part(k, STOPS[i + 1] as string)];
    return Math.round(a + (b - a) * (at - i));
  };
  return [mix(0), mix(1), mix(2)];
}

/** The gradient of the legend. */
export function gradient(): string {
  return `linear-gradient(to right, ${STOPS.map((stop) => `#${stop}`).join(", ")})`;
}

/** RGBA of levels: what is hardly salient is hardly covered. */
export function overlay(levels: Uint8Array, opacity: number): Uint8ClampedArray {
  const out = new Uint8ClampedArray(levels.length * 4);
  levels.forEach((level, i) => {
    const [r, g, b] = colour(level);
    out.set([r, g, b, Math.round(255 * opacity * (0.15 + 0.85 * (level / 255)))], 4 * i);
  });
  return out;
}

/** The outline of all places at or above a level, along pixel edges, as an SVG path over w × h. */
export function contour(levels: Uint8Array, w: number, h: number, level: number): string {
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < w && y < h && (levels[y * w + x] as number) >= level;
  let path = "";
  /** The edges along lines of one direction, each drawn from where it begins to where it ends. */
  const walk = (
    lines: number,
    length: number,
    edge: (line: number, at: number) => boolean,
    draw: (line: number, from: number, to: number) => string,
  ): void => {
    for (let line = 0; line <= lines; line += 1) {
      let from = -1;
      for (let at = 0; at <= length; at += 1) {
        const on = at < length && edge(line, at);
        if (on && from < 0) from = at;
        if (on || from < 0) continue;
        path += draw(line, from, at);
        from = -1;
      }
    }
  };
  walk(
    h,
    w,
    (y, x) => inside(x, y - 1) !== inside(x, y),
    (y, from, to) => `M${from} ${y}H${to}`,
  );
  walk(
    w,
    h,
    (x, y) => inside(x - 1, y) !== inside(x, y),
    (x, from, to) => `M${x} ${from}V${to}`,
  );
  return path;
}
