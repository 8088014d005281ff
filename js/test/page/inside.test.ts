import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { arrows } from "../../src/page/arrows";
import { Inside } from "../../src/page/inside";
import type { Arrow, Moment } from "../../src/page/messages";

const arrow = (length: number, coefficient = 5): Arrow => ({
  text: "a fox",
  length,
  cosines: [1, 1],
  where: new Float32Array(1),
  coefficient,
});

describe("arrows", () => {
  /** How far to the right the first line goes, and how many heads it has. */
  const drawn = (length: number) => {
    const d =
      arrows([arrow(length)])
        .querySelector("path")
        ?.getAttribute("d") ?? "";
    const [from, to] = [...d.matchAll(/([\d.]+) [\d.]+/g)].map((found) => Number(found[1]));
    return { long: (to as number) - (from as number), heads: d.split("M").length - 2 };
  };

  it("are as long as their number says, whatever else there is", () => {
    expect(drawn(0.46).long / drawn(0.18).long).toBeCloseTo(0.46 / 0.18, 9);
    expect(drawn(2.33).long / drawn(0.18).long).toBeCloseTo(2.33 / 0.18, 9);
    expect(drawn(2.33).heads).toBe(1);
  });

  it("have a map each, where there are several", () => {
    const several = { ...arrow(0.4), cosines: [1, 0, 1] };
    const maps = [...arrows([several, several]).querySelectorAll("canvas")];
    expect(maps.map((map) => map.getAttribute("aria-label"))).toEqual(Array(2).fill("Where “a fox” pulls"));
    expect(arrows([arrow(0.4)]).querySelector("canvas")).toBeNull();
  });

  it("that leave the drawing end at its edge, and are marked", () => {
    expect(drawn(50)).toEqual({ long: 222, heads: 2 });
    expect(arrows([arrow(50)]).textContent).toContain("longer than the drawing");
    expect(arrows([arrow(1)]).textContent).not.toContain("longer than the drawing");
  });
});

describe("inside a picture", () => {
  const moment = (noise: number): Moment => ({
    noise,
    latent: new Uint8ClampedArray(4),
    clean: new Uint8ClampedArray(4),
    epsilon: new Uint8ClampedArray(4),
    strength: new Float32Array(1),
    arrows: [],
  });
  const inside = () => new Inside(1, 1, 3, { link: vi.fn(), save: vi.fn() });
  const chosen = {
    slot: 2,
    noise: "picture 3 of seed 7, beside those of its parents",
    python: "",
    owner: null,
    parents: [],
  };
  const step = (made: Inside) => made.root.querySelector("output")?.textContent;
  const button = (made: Inside, label: string) =>
    [...made.root.querySelectorAll("button")].find(({ textContent }) => textContent === label);

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("begins at the first step, plays to the last, and again", () => {
    const made = inside();
    made.choose(chosen);
    made.reveal([moment(1), moment(0.7), moment(0.1)]);
    expect(step(made)).toBe("1 of 3 · 100 % noise");
    button(made, "Play")?.click();
    vi.advanceTimersToNextTimer();
    expect(step(made)).toBe("2 of 3 · 49 % noise");
    button(made, "Pause")?.click();
    expect(vi.getTimerCount()).toBe(0);
    button(made, "Play")?.click();
    vi.runAllTimers();
    expect(step(made)).toBe("3 of 3 · 1 % noise");
    button(made, "Play")?.click();
    expect(step(made)).toBe("1 of 3 · 100 % noise");
    made.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("plays nothing of the picture before, and keeps the step where it is told to", () => {
    const made = inside();
    const slider = made.root.querySelector("input") as HTMLInputElement;
    made.choose(chosen);
    made.reveal([moment(1), moment(0.7), moment(0.1)]);
    slider.value = "2";
    made.clear(true);
    made.choose(chosen);
    button(made, "Play")?.click();
    expect(vi.getTimerCount()).toBe(0);
    made.reveal([moment(1), moment(0.5), moment(0.1)]);
    expect(step(made)).toBe("2 of 3 · 25 % noise");
    made.clear();
    expect(slider.value).toBe("1");
  });

  it("says what the grey of a child's noise is, where there is any", () => {
    const made = inside();
    made.choose({ ...chosen, owner: Int32Array.of(0, 1, -1, 0), parents: [null, null] });
    expect(made.root.textContent).toContain("Grey, 25 %, is fresh noise");
    expect(made.root.textContent).toContain("picture 3 of seed 7, beside those of its parents");
    made.choose({ ...chosen, owner: Int32Array.of(0, 1, 1, 0), parents: [null, null] });
    expect(made.root.textContent).not.toContain("Grey");
    expect(made.root.textContent).toContain("not painted on this page");
  });
});
