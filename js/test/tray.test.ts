import { beforeEach, describe, expect, it } from "vitest";
import { generation, key, type Running, start } from "./host";

let running: Running;
let root: HTMLElement;
const get = (selector: string): HTMLElement => root.querySelector(selector) as HTMLElement;
const frames = (): HTMLElement[] => [
  ...root.querySelectorAll<HTMLElement>(".gw-favourites .gw-frame-button"),
];
const chosen = (): boolean[] => frames().map((frame) => frame.getAttribute("aria-pressed") === "true");
const open = (name: string): boolean => (get(`.gw-${name}`) as HTMLDialogElement).open;

beforeEach(() => {
  running = start();
  root = running.view().root;
  running.model.deliver(generation(3, { stars: [10, 12] }), 3);
  key(root, "f");
});

describe("the tray", () => {
  it("has the keyboard on its first picture, and arrows that lead on", () => {
    expect(document.activeElement).toBe(frames()[0]);
    key(frames()[0] as HTMLElement, "ArrowRight");
    expect(document.activeElement).toBe(frames()[1]);
  });

  it("chooses with a click, as the grid does", () => {
    frames()[1]?.click();
    expect([chosen(), open("tray-dialog"), open("lightbox")]).toEqual([[false, true], true, false]);
    frames()[0]?.click();
    get(".gw-evolve-ticked").click();
    expect(running.model.commands("evolve")[0]?.args.slots).toEqual([12, 10]);
    expect(open("tray-dialog")).toBe(false);
  });

  it.each([
    ["a double click", () => frames()[1]?.dispatchEvent(new MouseEvent("dblclick"))],
    ["Enter", () => key(frames()[1] as HTMLElement, "Enter")],
    ["its button", () => root.querySelectorAll<HTMLElement>(".gw-zoom-this")[1]?.click()],
  ])("opens one with %s, and is there after it", (_, act) => {
    frames()[0]?.click();
    act();
    expect([open("lightbox"), get(".gw-lightbox h2").textContent]).toEqual([true, "Image 12"]);
    get(".gw-lightbox .gw-close").click();
    expect([open("tray-dialog"), chosen()]).toEqual([true, [true, false]]);
  });

  it("goes when something is made of the picture that it opened", () => {
    key(frames()[1] as HTMLElement, "Enter");
    get(".gw-vary-this").click();
    expect([open("lightbox"), open("tray-dialog")]).toEqual([false, false]);
  });
});
