import { describe, expect, it } from "vitest";
import type { Origin } from "../../src/page/ancestors";
import { described } from "../../src/page/arrows";
import type { Arrow } from "../../src/page/messages";
import { fromFragment, inPython, Noises, toFragment } from "../../src/page/origin";
import { concepts } from "../../src/page/prompt/concepts";
import { parse } from "../../src/page/prompt/parse";

const mother = { seed: 7, image: 3 };
const child: Origin = { seed: 9, image: 0, parents: [mother, { seed: 7, image: 5 }] };
const grandchild: Origin = { seed: 2 ** 32 - 1, image: 11, parents: [child, mother] };
const shared = { prompt: "a fox & an owl #1 ::1.2", guidance: 4.5, origin: grandchild };

describe("links", () => {
  it("carry a picture with its ancestors, each once", () => {
    const fragment = toFragment(shared);
    const found = fromFragment(`#${fragment}`);
    expect(found).toEqual(shared);
    expect(fragment.match(/7\.3/g)).toHaveLength(1);
    const noises = new Noises(4, 16);
    expect(noises.of(found?.origin as Origin).latent).toEqual(noises.of(grandchild).latent);
  });

  it("are nothing where there is none", () => {
    expect(fromFragment("")).toBeNull();
    expect(fromFragment("#place")).toBeNull();
  });

  it.each(["", "1", "1.2.3", "1.2~3.4.1", "1.100", "99999999999.1", "-1.0", "1.2.0,", "4294967296.0"])(
    "refuse the noise %j",
    (nodes) => {
      expect(() => fromFragment(`#${new URLSearchParams({ p: "a fox", g: "5", n: nodes })}`)).toThrow();
    },
  );

  it("refuse guidance that is none", () => {
    for (const g of ["", "x", "-1", "1e9", "NaN"])
      expect(() => fromFragment(`#p=a&g=${g}&n=1.2`)).toThrow("guidance");
  });
});

it("the program in Python names every ancestor before it is used", () => {
  const lines = inPython(shared).split("\n");
  expect(lines.slice(3)).toEqual([
    "x1 = e.noise(4, seed=7)[3]",
    "x2 = e.noise(6, seed=7)[5]",
    "x3 = gw.evolve.voronoi_crossover([x1, x2], 1, seed=9)[0][0]",
    "x4 = gw.evolve.voronoi_crossover([x3, x1], 12, seed=4294967295)[0][11]",
    'image = e.render(x4[None], "a fox & an owl #1 ::1.2", steps=10, guidance=4.5)',
  ]);
});

describe("arrows in words", () => {
  const arrow = (text: string, length: number, cosines: number[], coefficient = 5): Arrow => ({
    text,
    length,
    cosines,
    where: new Float32Array(1),
    coefficient,
    place: 0,
  });

  it("name the two that pull most, in the order of the prompt", () => {
    const all = [
      arrow("a fox", 0.5, [1, 0, -0.5, 0.3]),
      arrow("a tree", 0.1, [0, 1, 0, 0.1], -5),
      arrow("an owl", 0.6, [-0.5, 0, 1, 0.4]),
    ];
    expect(described(all)).toBe("“a fox” and “an owl” pull 120° apart, taken over the whole picture.");
  });

  it("say what one concept does, and none", () => {
    expect(described([arrow("a fox", 0.32, [1, 1])])).toContain("32 % of the noise’s own size");
    expect(described([])).toContain("nothing pulls");
  });
});

it("concepts are summed in an order of their own, and know their place in the prompt", () => {
  const told = concepts(parse("an owl AND a fox ::2 AND NOT a beach AND an owl"));
  expect(told.map(({ text, place }) => [text, place])).toEqual([
    ["a beach", 2],
    ["a fox", 1],
    ["an owl", 0],
  ]);
});
