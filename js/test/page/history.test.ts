import { expect, it, vi } from "vitest";
import { Generations } from "../../src/page/generations";
import { type Generation, History, picture } from "../../src/page/history";

const FOX = "a fox on a beach";
const made = (how: Generation["made"], of: number | null, prompt = FOX, guidance = 5): Generation => ({
  prompt,
  guidance,
  pictures: [{ ...picture({ seed: 7, image: 0 }), finished: true }],
  made: how,
  of,
  look: "",
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
