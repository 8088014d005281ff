import { expect, it, vi } from "vitest";
import { Favourites } from "../../src/page/favourites";
import { Generations } from "../../src/page/generations";
import { type Generation, History, type Picture, type Place, picture } from "../../src/page/history";
import { again, children, fresh } from "../../src/page/making";
import { Tools } from "../../src/page/tools";

const FOX = "a fox on a beach";
const made = (how: Generation["made"], of: number | null, prompt = FOX, guidance = 5): Generation => ({
  prompt,
  guidance,
  pictures: [{ ...picture({ seed: 7, image: 0 }), finished: true }],
  made: how,
  of,
  asked: null,
});

it("keeps what came after an older generation, and says what is different about each", () => {
  const history = new History();
  history.add(made("fresh", null));
  history.add(made("same noise as", 0, FOX, 12));
  history.add(made("same noise as", 0, "an owl"));
  history.at = 0;
  history.add(made("evolved from", 0));
  history.add(made("evolved from", 2, FOX, 1));
  history.add(made("fresh", null, FOX, 5));
  history.add(made("from a link", null, "an owl"));
  expect(history.at).toBe(6);
  expect(history.labels).toEqual([
    "fresh: a fox on a beach",
    "same noise as 1, guidance 12",
    "same noise as 1: an owl",
    "evolved from 1",
    "evolved from 3, guidance 1: a fox on a beach",
    "fresh, guidance 5: a fox on a beach",
    "from a link: an owl",
  ]);
});

it("evolves what is starred in any generation, and children know which pictures they are made of", () => {
  const history = new History();
  for (const prompt of [FOX, "an owl", ""])
    history.add({ ...made("fresh", null, prompt), pictures: fresh(7) });
  expect(history.favourites).toEqual([]);
  const starred: Place[] = [
    { generation: 0, slot: 2 },
    { generation: 1, slot: 0 },
  ];
  for (const place of starred) (history.picture(place) as Picture).starred = true;
  const young = children(history);
  expect(young).toHaveLength(12);
  for (const { origin, parents } of young) {
    expect(parents).toEqual(starred);
    expect(origin.parents).toEqual(starred.map((place) => history.picture(place)?.origin));
  }
  history.add({ ...made("evolved from", 1), pictures: young });
  const { now } = history;
  history.add({ ...made("same noise as", 3), pictures: again(now as Generation) });
  expect(history.now?.pictures[0]?.parents).toEqual(starred);
  expect(history.labels.slice(2)).toEqual([
    "fresh: (no words) (unfinished)",
    "evolved from 1 and 2: a fox on a beach (unfinished)",
    "same noise as 4",
  ]);
});

it("shows all that is starred, leads there, and takes twelve at the most", () => {
  const history = new History();
  history.add({ ...made("fresh", null), pictures: fresh(7) });
  const visit = vi.fn();
  const changed = vi.fn();
  const left = vi.fn();
  const shelf = new Favourites(history, visit, changed, left);
  shelf.update();
  expect(shelf.root.hidden).toBe(true);
  const third = history.picture({ generation: 0, slot: 2 }) as Picture;
  third.pixels = new Uint8ClampedArray(4);
  expect(shelf.toggle(2)).toBe("Picture 3 is starred.");
  expect(changed).toHaveBeenCalledTimes(1);
  shelf.update();
  expect(shelf.root.hidden).toBe(false);
  expect(history.faces[0]).toBe(third.pixels);
  const [one, none] = shelf.root.querySelectorAll("button");
  expect(one?.getAttribute("aria-label")).toBe("Picture 3 of generation 1");
  one?.click();
  expect(visit).toHaveBeenCalledWith({ generation: 0, slot: 2 });
  none?.click();
  expect(left).toHaveBeenCalledTimes(1);
  expect(history.favourites).toEqual([]);
  for (let slot = 0; slot < 12; slot++) shelf.toggle(slot);
  expect(history.favourites).toHaveLength(12);
  history.add({ ...made("fresh", null), pictures: fresh(8) });
  expect(shelf.toggle(0)).toContain("12 stars are the most");
  expect(shelf.toggle(-1)).toContain("Choose a picture first");
  expect(history.favourites).toHaveLength(12);
});

it("arrow keys on the guidance paint once, where they come to rest", () => {
  vi.useFakeTimers();
  const again = vi.fn();
  const tools = new Tools(5, { evolve: vi.fn(), fresh: vi.fn(), again, stop: vi.fn() });
  const slider = tools.root.querySelector("input") as HTMLInputElement;
  const press = () => slider.dispatchEvent(new Event("change"));
  for (const _ of [1, 2, 3]) {
    press();
    vi.advanceTimersByTime(200);
  }
  expect(again).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(again).toHaveBeenCalledTimes(1);
  press();
  tools.settled(); // painted by another way meanwhile
  vi.runAllTimers();
  expect(again).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

it("names those that were cut off, but for the one on show", () => {
  const history = new History();
  const left = () => ({ ...made("fresh", null), pictures: [picture({ seed: 7, image: 0 })] });
  history.add(left());
  history.add({ ...left(), made: "same noise as", of: 0 });
  expect(history.labels).toEqual(["fresh: a fox on a beach (unfinished)", "same noise as 1"]);
});

it("the focus stays with the generations when one is chosen or added", () => {
  const go = vi.fn();
  const generations = new Generations(go);
  document.body.replaceChildren(generations.root);
  generations.update(["fresh: a fox", "guidance 12"], 1);
  const [first] = generations.root.querySelectorAll("button");
  first?.focus();
  first?.click();
  expect(go).toHaveBeenCalledWith(0);
  generations.update(["fresh: a fox", "guidance 12"], 0);
  expect(document.activeElement?.textContent).toBe("1 fresh: a fox");
  generations.update(["fresh: a fox", "guidance 12", "evolved from 1"], 2);
  expect(document.activeElement?.textContent).toBe("3 evolved from 1");
  (document.activeElement as HTMLElement).blur();
  generations.update(["fresh: a fox", "guidance 12"], 0);
  expect(document.activeElement).toBe(document.body);
});
