import { describe, expect, it } from "vitest";
import { generation, start, tiles } from "./host";

const get = (root: HTMLElement, selector: string): HTMLElement => root.querySelector(selector) as HTMLElement;
const OFFERS = ["60 pictures, 3 starred, 2 minutes ago", "24 pictures, just now"];

describe("an empty session", () => {
  it("offers the last ones, each at a press", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(0, { offers: OFFERS }));
    const line = get(root, ".gw-offers");
    expect(line.hidden).toBe(false);
    expect(line.textContent).toBe(`Your last session: ${OFFERS[0]}Open it${OFFERS[1]}`);
    for (const button of line.querySelectorAll("button")) button.click();
    expect(model.commands("reopen").map((m) => m.args)).toEqual([{ which: 0 }, { which: 1 }]);
    model.deliver(generation(2, { offers: [] }), 2);
    expect(line.hidden).toBe(true);
  });

  it("shows three, and the others at a press", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(0, { offers: ["a", "b", "c", "d", "e"] }));
    const names = (): (string | null)[] =>
      [...root.querySelectorAll(".gw-offers button")].map((button) => button.textContent);
    expect(names()).toEqual(["Open it", "b", "c", "Older…"]);
    get(root, ".gw-older").click();
    expect(names()).toEqual(["Open it", "b", "c", "d", "e"]);
    expect(document.activeElement?.textContent).toBe("d");
    (document.activeElement as HTMLElement).click();
    expect(model.commands("reopen").map((m) => m.args)).toEqual([{ which: 3 }]);
  });

  it("is begun with a button, where there is something to keep", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver(generation(0));
    get(root, ".gw-anew").click();
    expect(model.commands("anew")).toEqual([]);
    model.deliver(generation(2, { generations: [[0, 10]] }), 2);
    get(root, ".gw-anew").click();
    expect(model.commands("anew")).toHaveLength(1);
  });
});

describe("a widget that is about another session", () => {
  it("begins anew in all its views, and knows nothing of what it showed", () => {
    const { model, view } = start();
    const [one, two] = [view(), view()];
    document.body.append(one.el);
    model.deliver(generation(3), 3);
    one.root.focus();
    const listening = model.listening;
    model.deliver({ kind: "renewed" });
    expect(model.sent.filter((m) => m.kind === "hello")).toHaveLength(2);
    expect(model.listening).toBe(listening);
    for (const { el, root } of [one, two]) {
      expect(root.isConnected).toBe(false);
      expect(el.querySelectorAll(".gw-root[data-state='connecting']")).toHaveLength(1);
      expect(tiles(el)).toEqual([]);
    }
    expect(document.activeElement).toBe(get(one.el, ".gw-root"));
    model.deliver(generation(2), 2);
    expect([tiles(one.el).length, tiles(two.el).length]).toEqual([2, 2]);
    two.close();
    model.deliver({ kind: "renewed" });
    expect(two.el.children).toHaveLength(0);
  });
});
