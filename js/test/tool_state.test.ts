import { describe, expect, it, vi } from "vitest";
import { outline } from "../src/grid/compare";
import { action, KEYS, TOOL_KEYS, toolAction } from "../src/keys";
import type { Bitmap } from "../src/protocol";
import { paint, SIDE } from "../src/region";
import { ToolState } from "../src/tool_state";

const press = (key: string, more = {}) =>
  ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more }) as const;

/** The bitmap as rows of # and . */
function rows({ width, height, bits }: Bitmap): string[] {
  const bytes = Array.from(atob(bits), (c) => c.charCodeAt(0));
  expect(bytes).toHaveLength(Math.ceil((width * height) / 8));
  const inside = (i: number): boolean => (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) === 1;
  const row = (y: number): string =>
    Array.from({ length: width }, (_, x) => (inside(y * width + x) ? "#" : ".")).join("");
  return Array.from({ length: height }, (_, y) => row(y));
}
const count = (map: string[]): number => map.join("").replaceAll(".", "").length;

describe("paint", () => {
  it("makes discs of the right size, wherever they are", () => {
    const map = rows(paint([{ radius: 0.25, points: [[0.5, 0.5]] }], 64, 64));
    expect(map).toHaveLength(SIDE);
    expect(count(map) / SIDE ** 2).toBeCloseTo(Math.PI / 16, 2);
    expect(map[32]?.[32]).toBe("#");
    expect(map[32]?.[14]).toBe(".");
    const corner = rows(paint([{ radius: 0.25, points: [[1, 1]] }], 64, 64));
    expect(corner[SIDE - 1]?.[SIDE - 1]).toBe("#");
  });

  it("keeps the picture's proportions, and the brush round", () => {
    const map = rows(paint([{ radius: 0.5, points: [[0.5, 0.5]] }], 512, 256));
    expect([map.length, map[0]?.length]).toEqual([SIDE / 2, SIDE]);
    expect(count(map) / (SIDE * SIDE * 0.5)).toBeCloseTo(Math.PI / 8, 1);
  });

  it("joins the points of a stroke", () => {
    const points = [
      [0.1, 0.5],
      [0.9, 0.5],
    ] as [number, number][];
    const map = rows(paint([{ radius: 0.02, points }], 64, 64));
    expect(map[32]?.slice(7, 57)).toBe("#".repeat(50));
    expect(map[28]).toBe(".".repeat(64));
  });

  it("paints something however thin the brush", () => {
    expect(count(rows(paint([{ radius: 0.0001, points: [[0.3, 0.3]] }], 64, 64)))).toBe(1);
  });
});

describe("the hand", () => {
  it("tells spots as spots, and anything painted as one region", () => {
    const hand = new ToolState(() => undefined);
    hand.pin(4, [0.3, 0.7]);
    hand.pin(4, [2, -1]);
    expect(hand.place(4, 64, 64)).toEqual({
      at: [
        [0.3, 0.7],
        [1, 0],
      ],
    });
    hand.choose("brush");
    hand.begin(4, [0.5, 0.5]);
    hand.end();
    const place = hand.place(4, 64, 64);
    expect("region" in place && count(rows(place.region))).toBeGreaterThan(100);
  });

  it("takes marks back one by one, newest first", () => {
    const hand = new ToolState(() => undefined);
    hand.pin(4, [0.1, 0.1]);
    hand.pin(7, [0.2, 0.2]);
    hand.pin(4, [0.3, 0.3]);
    hand.remove();
    expect([hand.marks(4).length, hand.marks(7).length]).toEqual([1, 1]);
    hand.remove(4);
    expect(hand.slots).toEqual([7]);
    hand.remove();
    hand.remove();
    expect(hand.slots).toEqual([]);
  });

  it("forgets images that are gone, and says so once", () => {
    const changed = vi.fn();
    const hand = new ToolState(changed);
    hand.pin(4, [0.1, 0.1]);
    hand.aim(4);
    hand.keep(new Set([7]));
    expect([hand.slots, hand.cursor]).toEqual([[], null]);
    changed.mockClear();
    hand.keep(new Set([7]));
    expect(changed).not.toHaveBeenCalled();
  });

  it("keeps its sizes in range, one for each tool", () => {
    const hand = new ToolState(() => undefined);
    hand.choose("pin");
    hand.grow(1000);
    expect(hand.radius).toBe(0.5);
    hand.choose("brush");
    hand.grow(-1000);
    expect([hand.radius, hand.pinRadius]).toEqual([0.02, 0.5]);
  });

  it("has no crosshair beside a pin that is set, nor where the tool is put away", () => {
    const hand = new ToolState(() => undefined);
    hand.choose("pin");
    hand.aim(4);
    hand.nudge(0.2, 0);
    hand.drop();
    expect([hand.marks(4), hand.cursor]).toEqual([[{ kind: "pin", at: [0.7, 0.5] }], null]);
    hand.aim(4); // for another one, from there
    expect(hand.cursor?.at).toEqual([0.7, 0.5]);
    hand.choose("select");
    expect(hand.cursor).toBeNull();
  });

  it("draws with the crosshair alone", () => {
    const hand = new ToolState(() => undefined);
    hand.choose("brush");
    hand.aim(4);
    hand.drop();
    hand.nudge(0.3, 0);
    hand.drop();
    hand.nudge(0, 0.3);
    const [stroke] = hand.marks(4);
    expect(stroke?.kind === "stroke" && stroke.points).toEqual([
      [0.5, 0.5],
      [0.8, 0.5],
    ]);
  });
});

describe("keys", () => {
  it("give arrows to the crosshair only while there is one", () => {
    expect(toolAction(press("ArrowLeft"), false)).toBeNull();
    expect(toolAction(press("ArrowLeft"), true)).toEqual({ do: "nudge", by: [-0.02, 0] });
    expect(toolAction(press("ArrowDown", { shiftKey: true }), true)).toEqual({ do: "nudge", by: [0, 0.1] });
    expect(toolAction(press("Enter", { ctrlKey: true }), true)).toBeNull();
  });

  it("are all on the sheet", () => {
    const sheet = [...KEYS, ...TOOL_KEYS].map(([keys]) => keys).join(" ");
    for (const key of ["p", "b", "s", "c", "v", "k", "m", "[", "]", "x", "?"]) {
      expect(action(press(key))).not.toBeNull();
      expect(sheet).toContain(key.toUpperCase());
    }
  });
});

it("the borders between owners are found once", () => {
  expect(outline(new Uint8Array([0, 0, 1, 0, 0, 1]), 3, 2)).toBe("M2 0v1M2 1v1");
  expect(outline(new Uint8Array([0, 0, 255, 255]), 2, 2)).toBe("M0 1h1M1 1h1");
  expect(outline(new Uint8Array(6), 3, 2)).toBe("");
});
