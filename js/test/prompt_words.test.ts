import { describe, expect, it } from "vitest";
import { completions, dice, insert, pieces } from "../src/grid/prompt_words";
import { generation, settled, start } from "./host";

const KNOWN = new Set("a an the fox owl beach in on red and".split(" "));
const marked = (prompt: string): string[] =>
  pieces(prompt, KNOWN)
    .filter(({ is }) => is !== "text")
    .map(({ text, is }) => `${is} ${text}`);

describe("a prompt as it is typed", () => {
  it.each([
    ["a fox AND NOT an Owl", ["sign AND", "sign NOT"]],
    ["a dragon and a fox", ["unknown dragon"]],
    [
      "a fox ::1.2 AND a hut @left %0-0.5",
      ["sign ::1.2", "sign AND", "unknown hut", "sign @left", "sign %0-0.5"],
    ],
    [
      '{a fox OR a beach} @{"kind": "box"} @[0,0,1,1]',
      ["sign {", "sign OR", "sign }", 'sign @{"kind": "box"}', "sign @[0,0,1,1]"],
    ],
    ["a SAND fox, 16:9", ["unknown SAND"]],
    ["ein Füchslein", ["unknown ein", "unknown Füchslein"]],
  ])("%s", (prompt, wanted) => {
    expect(marked(prompt)).toEqual(wanted);
    expect(
      pieces(prompt, KNOWN)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(prompt);
    expect(pieces(prompt, null).some((piece) => piece.is === "unknown")).toBe(false);
  });

  it("is completed where the cursor is, and a chosen word takes the place of what was begun", () => {
    const words = ["beach", "bear", "fox"];
    expect(completions("a red be", 8, words)).toEqual(["be", ["beach", "bear"]]);
    expect(completions("a fox", 5, words)).toEqual(["fox", []]);
    expect(insert("a re fox", 4, "re", "red")).toEqual(["a red fox", 6]);
    expect(insert("a", 1, "", "fox")).toEqual(["a fox ", 6]);
    expect(insert("", 0, "", "fox")).toEqual(["fox ", 4]);
  });

  it("can be anything that the words make", () => {
    const kinds = { nouns: ["owl"], places: ["sea"], colours: ["red"] };
    expect(dice({ kinds, words: [] }, () => 0.1)).toBe("a red owl in the sea");
    expect(dice({ kinds, words: [] }, () => 0.9)).toBe("an owl in the sea");
  });
});

function open() {
  const { model, view } = start();
  model.deliver(generation(3), 3);
  const { root } = view();
  const get = <E extends HTMLElement>(selector: string) => root.querySelector<E>(selector) as E;
  const area = get<HTMLTextAreaElement>(".gw-prompt");
  const learn = async (value: unknown) => {
    area.focus();
    const [asked] = model.commands("words");
    model.answer(asked?.req ?? "", value);
    await settled();
  };
  const type = (text: string) => {
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const chips = () => [...root.querySelectorAll<HTMLElement>(".gw-word")].map((chip) => chip.textContent);
  return { model, root, get, area, learn, type, chips };
}
const VOCABULARY = { kinds: { nouns: ["fox", "owl"], places: ["beach"] }, words: [...KNOWN] };

describe("the row under the prompt", () => {
  it("offers all words, then those that complete what is typed, and puts the chosen one in", async () => {
    const { get, area, learn, type, chips, root, model } = open();
    await learn(VOCABULARY);
    type("");
    expect(chips()).toEqual(["fox", "owl", "beach"]);
    type("a dragon on a be");
    expect(chips()).toEqual(["beach"]);
    expect([...root.querySelectorAll(".gw-unknown")].map((word) => word.textContent)).toEqual([
      "dragon",
      "be",
    ]);
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    expect(document.activeElement?.textContent).toBe("beach");
    get(".gw-word").click();
    expect(area.value).toBe("a dragon on a beach ");
    expect(document.activeElement).toBe(area);
    area.blur();
    expect(model.commands("set").at(-1)?.args).toMatchObject({ prompt: "a dragon on a beach " });
    expect(model.commands("words").length).toBe(1);
  });

  it("says that a small and is a plain word, and writes it large", async () => {
    const { get, area, learn, type } = open();
    await learn(VOCABULARY);
    type("a fox and an owl");
    expect(get(".gw-word").textContent).toContain("AND");
    get(".gw-word").click();
    expect(area.value).toBe("a fox AND an owl");
    expect(get(".gw-sign").textContent).toBe("AND");
  });

  it("has no dice and underlines nothing for a model that reads any text", async () => {
    const { get, learn, type, root } = open();
    await learn(null);
    type("ein drache AND an owl");
    expect(get(".gw-dice").hidden).toBe(true);
    expect(root.querySelectorAll(".gw-unknown").length).toBe(0);
    expect(get(".gw-sign").textContent).toBe("AND");
  });
});
