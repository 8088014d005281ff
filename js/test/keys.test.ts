import { describe, expect, it } from "vitest";
import { action, KEYS, TOOL_KEYS, toolAction } from "../src/keys";

const at = (key: string, shiftKey = false) => ({
  key,
  shiftKey,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
});
/** Every key there is on a plain keyboard. */
const ALL = [
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  ..."ArrowLeft ArrowRight ArrowUp ArrowDown Home End Enter Escape Backspace Delete PageUp PageDown Tab F1 Insert".split(
    " ",
  ),
];
/** How the sheet names keys. */
const NAMED: Record<string, string[]> = {
  Arrows: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
  Space: [" "],
  "1 – 9": [..."123456789"],
  Esc: ["Escape"],
  Comma: [","],
  Period: ["."],
  Backspace: ["Backspace", "Delete"],
};
const listed = (sheet: typeof KEYS): Set<string> =>
  new Set(
    sheet.flatMap(([keys]) =>
      keys.split(/, | and |: /).flatMap((name) => {
        const key = name
          .replace(/^(Shift|\+ Shift|Click).*/, "")
          .replace(/ .*/, (rest) => (rest.startsWith(" –") ? rest : ""));
        return NAMED[name] ?? NAMED[key] ?? [/^[A-Z]$/.test(key) ? key.toLowerCase() : key];
      }),
    ),
  );

describe("the sheet of keys", () => {
  it("lists every key that does something, and none that does nothing", () => {
    const does = new Set(ALL.filter((key) => action(at(key))).map((key) => key.toLowerCase()));
    const said = new Set([...listed(KEYS), ...listed(TOOL_KEYS)].map((key) => key.toLowerCase()));
    for (const key of ALL) if (toolAction(at(key), true)) does.add(key.toLowerCase());
    expect([...does].filter((key) => !said.has(key))).toEqual([]);
    const other = new Set(["", "escape", "arrow", "held"]); // clicks, what is said of others, and what closes dialogs
    expect([...said].filter((key) => !does.has(key) && !other.has(key))).toEqual([]);
  });

  it("has a key for generating, evolving, the tabs, the prompt and the generations", () => {
    const what = "ge t/r,."
      .replace(" ", "")
      .split("")
      .map((key) => action(at(key))?.do);
    expect(what).toEqual(["generate", "evolve", "tabs", "prompt", "dice", "older", "newer"]);
  });
});
