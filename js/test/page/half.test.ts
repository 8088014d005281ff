import { describe, expect, it } from "vitest";
import { widened } from "../../src/page/half";

describe("half precision", () => {
  it("becomes the same numbers in single precision", () => {
    // As IEEE 754 tabulates binary16: ones, a third, the largest, the smallest normal and subnormal ones, and the rest.
    const known: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x03ff, 2 ** -14 - 2 ** -24],
      [0x0001, 2 ** -24],
      [0x8000, -0],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
    ];
    const wide = widened(Uint16Array.from(known, ([bits]) => bits));
    expect([...new Float32Array(wide.buffer)]).toEqual(known.map(([, number]) => number));
  });
});
