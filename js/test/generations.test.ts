import { describe, expect, it } from "vitest";
import { countUrls, generation, key, settled, start } from "./host";

const past = {
  generations: [
    [0, 4],
    [2, 7],
    [3, 10],
  ],
  at: 2,
  family: [4, 7],
  title: "3 children of 4, 7",
};

function open(changes: object = {}) {
  const running = start();
  const deliver = (more: object = {}) =>
    running.model.deliver(generation(3, { ...past, ...more } as never), 3);
  deliver(changes);
  const view = running.view();
  const get = (selector: string) => view.root.querySelector<HTMLElement>(selector) as HTMLElement;
  const last = () => running.model.sent.at(-1) as unknown as { name: string; args: object };
  return { ...running, ...view, get, last, deliver };
}

describe("generations", () => {
  it("say which one of how many is on show, and show a film of all and the parents of this one", async () => {
    const urls = countUrls();
    const { root, get, model, close } = open();
    expect(get(".gw-title").textContent).toBe("Generation 3 of 3 · 3 children of 4, 7");
    const film = [...root.querySelectorAll<HTMLElement>(".gw-film button")];
    expect(film.map((frame) => frame.title)).toEqual(["Generation 1", "Generation 2", "Generation 3"]);
    expect(film.map((frame) => frame.getAttribute("aria-current"))).toEqual(["false", "false", "true"]);
    expect([...root.querySelectorAll<HTMLElement>(".gw-family button")].map((p) => p.title)).toEqual([
      "Parent 4",
      "Parent 7",
    ]);
    const [asked] = model.commands("thumbs");
    expect(asked?.args).toEqual({ slots: [4, 7, 10] });
    const before = urls.alive.size;
    const tiles = [4, 7].map((slot) => ({ slot, media_type: "image/jpeg" }));
    model.deliver({ kind: "reply", req: asked?.req, ok: true, value: { tiles } }, 2);
    await settled();
    expect(root.querySelectorAll(".gw-family img[src]").length).toBe(2);
    expect(urls.alive.size).toBe(before + 2);
    expect(model.commands("thumbs").length).toBe(1);
    close();
    expect(urls.alive.size).toBe(0);
  });

  it("are walked by keys, by buttons and by the film; nothing lies before the first or after the last", () => {
    const { get, last, deliver, model } = open();
    const asked = () => model.commands("look").length;
    key(get(".gw-tile"), ".");
    get(".gw-newer").click();
    expect(asked()).toBe(0);
    key(get(".gw-tile"), ",");
    expect(last().args).toEqual({ generation: 2 });
    deliver({ at: 0 });
    get(".gw-older").click();
    expect(asked()).toBe(1);
    get(".gw-film button:nth-child(2)").click();
    expect(last().args).toEqual({ generation: 2 });
    get(".gw-family button").click();
    expect(last().args).toEqual({ of: 4 });
  });

  it("offer a way back where an earlier one is on show, and evolve its stars by name", async () => {
    const { get, last, deliver, model } = open();
    expect(get(".gw-back-here").hidden).toBe(true);
    const cells = generation(2).state.cells.map((cell, i) => ({ ...cell, mark: i ? "star" : "none" }));
    deliver({ at: 1, cells });
    expect(get(".gw-status").textContent).toContain("Evolve goes on from its stars");
    key(get(".gw-tile"), "e");
    expect(last()).toMatchObject({ name: "evolve", args: { slots: [11] } });
    get(".gw-back-here").click();
    expect(last()).toMatchObject({ name: "back", args: { generation: 2 } });
    model.answer(model.commands("back")[0]?.req as string);
    await settled();
    expect(get(".gw-status").textContent).toContain("Redo brings the later ones back");
  });

  it("take what was said of a later one with them", () => {
    const line = () => get(".gw-status-text").textContent;
    const { get, deliver } = open();
    const notices = [{ level: "warning", text: "never read: zorb", detail: "", times: 1 }];
    deliver({ notices });
    expect(line()).toBe("never read: zorb");
    deliver({ notices, at: 0 });
    expect(line()).not.toContain("zorb");
    deliver({ notices: [{ ...notices[0], text: "never read: blick" }], at: 0 }); // said while it is looked at
    expect(line()).toContain("blick");
    deliver({ at: 0 });
    expect(line()).not.toContain("blick");
  });

  it("stay out of the way while there is only one", () => {
    const { get } = open({ generations: [[0, 10]], at: 0, family: [] });
    expect([get(".gw-older").parentElement?.hidden, get(".gw-film").hidden]).toEqual([true, true]);
  });
});
