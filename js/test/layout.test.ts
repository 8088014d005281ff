import { describe, expect, it } from "vitest";
import { columns } from "../src/columns";
import { destination } from "../src/keys";

describe("layout", () => {
  it("prefers full rows of comfortable tiles", () => {
    expect([286, 642, 1142].map((width) => columns(width, 12))).toEqual([3, 4, 6]);
    expect(columns(0, 12)).toBe(1);
    expect(columns(1142, 1)).toBe(1);
    for (let n = 1; n <= 50; n += 1) expect(columns(286, n)).toBeLessThanOrEqual(Math.min(n, 3));
  });

  it("keeps moves inside the grid", () => {
    for (const by of ["left", "right", "up", "down", "rowStart", "rowEnd", "first", "last"] as const)
      for (let i = 0; i < 7; i += 1) {
        const to = destination(i, by, 7, 3);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(7);
      }
  });
});
