import { expect, it, vi } from "vitest";
import { Tiles } from "../../src/page/tiles";

it("Space on a picture stars it and does not press it; on the star's own button it is the button's", () => {
  const [pick, star] = [vi.fn(), vi.fn()];
  const tiles = new Tiles(8, pick, star);
  tiles.count = 2;
  document.body.replaceChildren(tiles.root);
  const press = (selector: string, type: string, key: string): boolean => {
    const event = new KeyboardEvent(type, { key, bubbles: true, cancelable: true });
    tiles.root.querySelector(`li:nth-child(2) ${selector}`)?.dispatchEvent(event);
    return event.defaultPrevented;
  };
  tiles.focus(1);
  expect(press(".picture", "keydown", " ")).toBe(true);
  expect(press(".picture", "keyup", " ")).toBe(true);
  expect(press(".picture", "keydown", "Enter")).toBe(false); // looks inside
  expect(press(".star", "keydown", " ")).toBe(false);
  expect(press(".star", "keyup", " ")).toBe(false);
  expect(star.mock.calls).toEqual([[1]]);
  expect(pick).not.toHaveBeenCalled();
});
