import { describe, expect, it } from "vitest";
import { curves as curvesOf, type Point, path, range, short, tick } from "../src/monitor/curves";
import { colour, contour, overlay } from "../src/saliency/map";

const POINTS: Point[] = [
  [0, 3, 1],
  [1, 2, 2],
  [2, 1, Number.NaN],
];

describe("curves", () => {
  it("covers all values with a little room, and never nothing", () => {
    const [low, high] = range(POINTS, 1);
    expect(low).toBeCloseTo(0.88);
    expect(high).toBeCloseTo(3.12);
    expect(range([], 1)).toEqual([-0.06, 1.06]);
    const flat = range([[0, 5]], 1);
    expect(flat[0]).toBeLessThan(5);
    expect(flat[1]).toBeGreaterThan(5);
  });

  it("draws one column and leaves out what is no number", () => {
    const same = (v: number): number => v;
    expect(path(POINTS, 1, same, same)).toBe("M0.0 3.0L1.0 2.0L2.0 1.0");
    expect(path(POINTS, 2, same, same)).toBe("M0.0 1.0L1.0 2.0");
    expect(path([], 1, same, same)).toBe("");
  });

  it("draws each curve over its own range, which its name tells", () => {
    const curves = curvesOf(() => undefined, new AbortController().signal);
    const points: Point[] = [
      [0, 0.3, 0.3, 500],
      [1, 0.2, 0.2, 650],
      [2, 0.1, 0.1, 800],
    ];
    curves.draw(points, ["text", "watched: reward"], 2, 2, []);
    for (const name of [".gw-monitor-total", ".gw-monitor-part", ".gw-monitor-part:nth-of-type(5)"]) {
      const d = curves.el.querySelector(name)?.getAttribute("d") ?? "";
      const heights = [...d.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
      expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(120); // of 146
    }
    const names = [...curves.el.querySelectorAll(".gw-monitor-name")].map((name) => name.textContent);
    expect(names).toEqual(["loss0.1 (0.1 – 0.3)", "text0.1 (0.1 – 0.3)", "watched: reward800 (500 – 800)"]);
    const ticks = [...curves.el.querySelectorAll(".gw-monitor-tick")].map((tick) => tick.textContent);
    expect(ticks).toEqual(["0.10", "0.20", "0.30", "0", "2 updates"]); // the axis is the loss's
  });

  it("writes numbers briefly", () => {
    expect([0, 0.123456, 12.34567, 1e-5, 123456].map(short)).toEqual([
      "0",
      "0.1235",
      "12.35",
      "1.00e-5",
      "1.23e+5",
    ]);
  });

  it("labels an axis with as many decimals as tell its labels apart", () => {
    const labels = (...values: number[]) =>
      values.map((v) => tick(v, 1.1 * ((values[2] ?? 0) - (values[0] ?? 0))));
    expect(labels(0.1234567, 0.3234567, 0.5234567)).toEqual(["0.12", "0.32", "0.52"]);
    expect(labels(0.25, 0.2561, 0.2622)).toEqual(["0.250", "0.256", "0.262"]);
    expect(labels(-20, 15.25, 50.5)).toEqual(["-20", "15", "51"]);
    expect(labels(1e-7, 2e-7, 3e-7)).toEqual(["1.00e-7", "2.00e-7", "3.00e-7"]);
    expect(labels(123456, 223456, 323456)).toEqual(["1.23e+5", "2.23e+5", "3.23e+5"]);
  });
});

describe("saliency map", () => {
  it("gets lighter all the way, as a fair map of colours does", () => {
    const light = (level: number): number => {
      const [r, g, b] = colour(level);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    // Sixteen levels at a time: from one to the next, rounding to 8 bits outweighs the difference.
    for (let level = 16; level < 256; level += 16) expect(light(level)).toBeGreaterThan(light(level - 16));
    expect(colour(0)).toEqual([0, 0, 4]);
    expect(colour(255)).toEqual([252, 255, 164]);
  });

  it("covers what is salient more", () => {
    const out = overlay(new Uint8Array([0, 255]), 0.5);
    expect(out.length).toBe(8);
    expect(out[3]).toBe(Math.round(255 * 0.5 * 0.15));
    expect(out[7]).toBe(128);
    expect([...overlay(new Uint8Array([255]), 0)].at(-1)).toBe(0);
  });

  it("outlines a block along its edges", () => {
    const levels = new Uint8Array([0, 0, 0, 0, 0, 200, 200, 0, 0, 200, 200, 0]);
    expect(contour(levels, 4, 3, 128)).toBe("M1 1H3M1 3H3M1 1V3M3 1V3");
    expect(contour(new Uint8Array(4).fill(255), 2, 2, 128)).toBe("M0 0H2M0 2H2M0 0V2M2 0V2");
    expect(contour(new Uint8Array(4), 2, 2, 128)).toBe("");
  });
});
