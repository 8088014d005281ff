import { afterEach, expect, it, vi } from "vitest";
import { Beside } from "../../src/page/beside";
import { History, type Picture } from "../../src/page/history";
import { fromText, keep, recall, toText } from "../../src/page/keeping";
import { begun, children, fresh } from "../../src/page/making";
import { Noises } from "../../src/page/origin";
import { EXPERIMENTS, type Experiment, type Trial } from "../../src/page/trials";

const plain = { prompt: "a fox", guidance: 5, made: "fresh", of: null, asked: null } as const;

/** Many sets of many ancestors: fresh noise, children of two of them, means, and a hundred more. */
function sets(): History {
  const history = new History();
  history.add({ ...plain, pictures: fresh(7) });
  for (const slot of [2, 5]) (history.picture({ generation: 0, slot }) as Picture).starred = true;
  const asked = { title: "Evolve", trial: "two" };
  history.add({ ...plain, made: "evolved from", of: 0, asked, pictures: children(history) });
  const one = EXPERIMENTS.at(-1) as Experiment;
  const means = begun(one.trials[0] as Trial, one, 2, () => new Float32Array());
  history.add({ ...plain, made: "experiment", guidance: 12, pictures: means });
  for (let i = 0; i < 100; i++) history.add({ ...plain, pictures: fresh() });
  (history.picture({ generation: 102, slot: 11 }) as Picture).starred = true;
  history.add({ ...plain, made: "evolved from", of: 102, pictures: children(history) });
  history.at = 1;
  return history;
}

afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

it("sets come back as they were made, to be painted again, and take little room", () => {
  const history = sets();
  for (const { pictures } of history.all)
    for (const one of pictures)
      Object.assign(one, { pixels: new Uint8ClampedArray(4 * 64 ** 2), finished: true });
  const bare = { pixels: null, finished: false, step: 0 };
  const wanted = history.all.map(({ pictures, ...how }) => ({
    ...how,
    pictures: pictures.map((one) => ({ ...one, ...bare })),
  }));
  keep(history);
  const back = new History();
  recall(back);
  expect(back.all).toEqual(wanted);
  expect(back.at).toBe(1);
  expect(back.favourites).toEqual(history.favourites);
  const [old, made] = [history, back].map((one) => one.all[103]?.pictures[3] as Picture);
  const noises = new Noises(4, 16);
  expect(noises.of((made as Picture).origin).latent).toEqual(noises.of((old as Picture).origin).latent);
  expect(toText(history).length).toBeLessThan(150_000); // of 5 MB, for 1248 pictures
});

it.each(["", "{", "null", "{}", '{"at":0,"nodes":"x","sets":[]}', '{"at":0,"nodes":"1.2","sets":[]}'])(
  "what is damaged is left alone: %j",
  (text) => {
    const history = new History();
    expect(() => fromText(text, history)).toThrow();
    expect(history.all).toEqual([]);
    sessionStorage.setItem("guidewidgets-page-sets-1", text);
    recall(history);
    expect(history.all).toEqual([]);
  },
);

it("where a browser keeps nothing, nothing is said", () => {
  vi.stubGlobal("sessionStorage", {
    getItem: () => {
      throw new DOMException("denied", "SecurityError");
    },
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
    clear: () => undefined,
  });
  const history = sets();
  keep(history);
  const back = new History();
  recall(back);
  expect(back.all).toEqual([]);
});

it("finds the picture of a link among those that are here", () => {
  const history = sets();
  const place = { generation: 1, slot: 4 };
  const { origin } = history.picture(place) as Picture;
  expect(history.find({ prompt: "a fox", guidance: 5, origin })).toEqual(place);
  expect(history.find({ prompt: "a fox", guidance: 6, origin })).toBeNull();
});

it("the set that was on show before is laid beside the one on show, and leads there", () => {
  const history = sets();
  const go = vi.fn((index: number) => {
    history.at = index;
  });
  const beside = new Beside(history, 1, () => new Uint8ClampedArray(4), go);
  const root = beside.around(document.createElement("ul"));
  const named = () =>
    [...root.querySelectorAll(".named")].map((one) => (one.hasAttribute("hidden") ? "" : one.textContent));
  expect(named()).toEqual(["", ""]);
  beside.button.click();
  expect(named()).toEqual(["104: a fox, guidance 5", "2: a fox, guidance 5"]);
  expect(root.querySelectorAll("canvas")).toHaveLength(12);
  root.querySelector("button")?.click();
  beside.update();
  expect(named()).toEqual(["2: a fox, guidance 5", "104: a fox, guidance 5"]);
  history.at = 2;
  beside.update();
  expect(named()[1]).toBe("3: a fox, guidance 12");
  beside.toggle();
  expect(named()).toEqual(["", ""]);
  const first = new Beside(new History(), 1, vi.fn(), vi.fn());
  first.around(document.createElement("ul"));
  expect(first.button.hidden).toBe(true);
});
