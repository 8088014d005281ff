import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { arrows, maps } from "../../src/page/arrows";
import { course } from "../../src/page/course";
import { laid } from "../../src/page/dom";
import { Inside } from "../../src/page/inside";
import type { Arrow, Moment } from "../../src/page/messages";

const arrow = (length: number, coefficient = 5): Arrow => ({
  text: "a fox",
  length,
  cosines: [1, 1],
  where: new Float32Array(1),
  coefficient,
  place: 0,
});

/** One, and another the same way that is next to nothing. */
const pair = (length: number) => [length, 0].map((long) => ({ ...arrow(long), cosines: [1, 1, 1] }));

describe("arrows", () => {
  /** How far to the right the first line goes, how many heads it has, and what the ring stands for, in per cent. */
  const drawn = (length: number) => {
    const made = arrows(pair(length));
    const d = made.querySelector("path")?.getAttribute("d") ?? "";
    const [from, to] = [...d.matchAll(/([\d.]+) [\d.]+/g)].map((found) => Number(found[1]));
    const ring = Number(/ring: (\d+) %/.exec(made.querySelector("text")?.textContent ?? "")?.[1]);
    return { long: (to as number) - (from as number), heads: d.split("M").length - 2, ring };
  };

  it("are as long as their number says, in a scale that is told and shows the short ones, too", () => {
    for (const [length, ring] of [
      [0.008, 1],
      [0.033, 5],
      [0.18, 20],
      [0.46, 50],
      [1.19, 100],
      [2.33, 200],
    ] as const) {
      const { long, ...told } = drawn(length);
      expect(told).toEqual({ heads: 1, ring });
      expect(long).toBeCloseTo((76 * length) / (ring / 100), 9);
      expect(long).toBeGreaterThan(24);
    }
  });

  it("of a NOT show where it would pull without, straight behind", () => {
    const ends = (made: HTMLElement, name: string) =>
      [...made.querySelectorAll(`path.${name}`)].map((path) => {
        const found = /L([\d.-]+) ([\d.-]+)/.exec(path.getAttribute("d") ?? "");
        return [Number(found?.[1]) - 110, Number(found?.[2]) - 110];
      });
    const made = arrows([
      { ...arrow(1), cosines: [1, -0.6, 0.8] },
      { ...arrow(0.5, -5), cosines: [-0.6, 1, -0.1] },
    ]);
    const [not] = ends(made, "unturned");
    const part = ends(made, "part")[1] as number[];
    expect(ends(made, "unturned")).toHaveLength(1);
    expect(not?.[0]).toBeCloseTo(-(part[0] as number), 9);
    expect(not?.[1]).toBeCloseTo(-(part[1] as number), 9);
    expect(made.textContent).toContain("without NOT");
    expect(arrows(pair(1)).querySelector(".unturned")).toBeNull();
    expect(arrows([arrow(1)]).querySelector("path")).toBeNull(); // of one alone no direction is drawn
  });

  it("have a map each, where there are several", () => {
    const several = { ...arrow(0.4), cosines: [1, 0, 1] };
    const shown = maps([several, several]).flatMap((one) => [...one.querySelectorAll("canvas")]);
    expect(shown.map((map) => map.getAttribute("aria-label"))).toEqual([
      ...Array(2).fill("Where “a fox” pulls"),
      "Where they pull, over each other",
    ]);
    expect(maps([arrow(0.4)])).toEqual([]);
  });

  it("that leave the drawing end at its edge, and are marked", () => {
    expect(drawn(50)).toEqual({ long: 202, heads: 2, ring: 500 });
    expect(arrows(pair(50)).textContent).toContain("longer than the drawing");
    expect(arrows(pair(1)).textContent).not.toContain("longer than the drawing");
  });
});

it("at every step, arrows are drawn as high as they are long, in the colour of their concept", () => {
  const [fox, owl] = [arrow(0.01), { ...arrow(1), text: "an owl", place: 1 }];
  const moments = [[fox], [{ ...fox, length: 0.1 }, owl], [owl]].map((arrows) => ({ arrows }) as Moment);
  const made = course(moments, 1);
  const dots = [...made.querySelectorAll("circle")].map((dot) => ({
    y: Number(dot.getAttribute("cy")),
    colour: dot.style.fill,
    now: dot.getAttribute("r") === "5.5",
  }));
  expect(dots.map(({ now }) => now)).toEqual([false, true, true, false]);
  expect(new Set(dots.map(({ colour }) => colour)).size).toBe(2);
  expect(dots[2]?.colour).toBe(dots[3]?.colour);
  const [low, middle, high, last] = dots.map(({ y }) => y) as [number, number, number, number];
  expect(low - middle).toBeCloseTo(middle - high, 9); // each ten times the one before
  expect(low).toBeGreaterThan(middle);
  expect(last).toBe(high);
});

it("maps over each other are pale only where both pull", () => {
  const [first, both, none] = [0, 1, 2].map((i) =>
    laid([
      [Float32Array.of(2, 2, 0), "#0072b2"],
      [Float32Array.of(0, 0.5, 0), "#e69f00"],
    ]).slice(4 * i, 4 * i + 4),
  );
  expect([...(first as Uint8ClampedArray)]).toEqual([0, 0x72, 0xb2, 255]);
  expect([...(both as Uint8ClampedArray)]).toEqual([0xe6, 255, 0xb2, 255]);
  expect([...(none as Uint8ClampedArray)]).toEqual([0, 0, 0, 255]);
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
  const inside = () =>
    new Inside(1, 1, 3, {
      link: async () => "copied",
      save: () => "saved",
      face: () => document.createElement("i"),
    });
  const chosen = {
    slot: 2,
    noise: "picture 3 of seed 7, beside those of its parents",
    python: "",
    owner: null,
    parents: [],
    noises: [],
  };
  const step = (made: Inside) => made.root.querySelector("output")?.textContent;
  /** The finished picture, and the views of a step. */
  const hidden = (made: Inside) =>
    [".finished", ".views"].map((name) => made.root.querySelector(name)?.hasAttribute("hidden"));
  const button = (made: Inside, label: string) =>
    [...made.root.querySelectorAll("button")].find(({ textContent }) => textContent === label);

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("begins at the first step, plays to the last, and again", () => {
    const made = inside();
    made.choose(chosen);
    made.reveal([moment(1), moment(0.7), moment(0.1)], new Uint8ClampedArray(4));
    expect(step(made)).toBe("1 of 3 · 100 % noise, 49 % after it");
    button(made, "Play")?.click();
    vi.advanceTimersToNextTimer();
    expect(step(made)).toBe("2 of 3 · 49 % noise, 1 % after it");
    button(made, "Pause")?.click();
    expect(vi.getTimerCount()).toBe(0);
    button(made, "Play")?.click();
    vi.advanceTimersToNextTimer();
    expect(step(made)).toBe("3 of 3 · 1 % noise, 0 % after it");
    expect(hidden(made)).toEqual([true, false]);
    vi.runAllTimers();
    expect(step(made)).toBe("finished · no noise");
    expect(hidden(made)).toEqual([false, true]);
    button(made, "Play")?.click();
    expect(step(made)).toBe("1 of 3 · 100 % noise, 49 % after it");
    expect(hidden(made)).toEqual([true, false]);
    made.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("plays nothing of the picture before, and keeps the step where it is told to", () => {
    const made = inside();
    const slider = made.root.querySelector("input") as HTMLInputElement;
    made.choose(chosen);
    made.reveal([moment(1), moment(0.7), moment(0.1)], new Uint8ClampedArray(4));
    slider.value = "2";
    made.clear(true);
    made.choose(chosen);
    button(made, "Play")?.click();
    expect(vi.getTimerCount()).toBe(0);
    made.reveal([moment(1), moment(0.5), moment(0.1)], new Uint8ClampedArray(4));
    expect(step(made)).toBe("2 of 3 · 25 % noise, 1 % after it");
    made.clear();
    expect(slider.value).toBe("1");
  });

  it("says what the grey of a child's noise is, where there is any", () => {
    const made = inside();
    made.choose({ ...chosen, owner: Int32Array.of(0, 1, -1, 0), parents: [] });
    expect(made.root.textContent).toContain("Grey, 25 %, is fresh noise");
    expect(made.root.textContent).toContain("picture 3 of seed 7, beside those of its parents");
    made.choose({ ...chosen, owner: Int32Array.of(0, 1, 1, 0), parents: [] });
    expect(made.root.textContent).not.toContain("Grey");
    expect(made.root.textContent).toContain("not painted on this page");
  });

  it("shows a mean beside the noises it is the mean of, before anything else", () => {
    const made = inside();
    made.choose({ ...chosen, noises: [0, 1, 2].map(() => new Uint8ClampedArray(4)) });
    const first = made.root.querySelector(".body")?.firstElementChild;
    expect([...(first?.querySelectorAll("figcaption") ?? [])].map((one) => one.textContent)).toEqual([
      "their mean",
      "noise 1",
      "noise 2",
    ]);
  });

  it("has words for every time of the walk", () => {
    const made = inside();
    const slider = made.root.querySelector("input") as HTMLInputElement;
    made.choose(chosen);
    made.reveal([moment(1), moment(0.8), moment(0.1)], new Uint8ClampedArray(4));
    const words = [1, 2, 3, 4].map((step) => {
      slider.value = String(step);
      slider.dispatchEvent(new Event("input"));
      const time = made.root.querySelector<HTMLElement>(".time");
      return time?.hidden ? "" : time?.textContent;
    });
    expect(words.map((one) => one?.split(" ").slice(0, 2).join(" "))).toEqual([
      "With so",
      "Where things",
      "Only details",
      "",
    ]);
  });

  it("says what became of the link and the file beside the buttons, for this picture only", async () => {
    const made = inside();
    made.choose(chosen);
    button(made, "Copy link")?.click();
    await vi.waitFor(() => expect(made.root.querySelector(".row")?.textContent).toContain("copied"));
    button(made, "Save PNG")?.click();
    expect(made.root.querySelector(".row [role=status]")?.textContent).toBe("saved");
    made.choose(chosen);
    expect(made.root.querySelector(".row [role=status]")?.textContent).toBe("");
  });
});
