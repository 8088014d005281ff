import { expect, it, vi } from "vitest";
import { generation, key, start, tiles } from "./host";

it("shows what pictures hold, checks it on request, and sorts by it", () => {
  const menu = { showPopover: vi.fn(), hidePopover: vi.fn() }; // which this layout engine has not
  Object.assign(HTMLElement.prototype, menu);
  const { model, view } = start();
  const { root } = view();
  const some = (holds: unknown, sorted = false) => {
    const message = generation(2, { sorted } as never);
    const cells = message.state.cells.map((cell, i) => ({ ...cell, repair: true, holds: i ? null : holds }));
    model.deliver({ ...message, state: { ...message.state, cells } } as never, 2);
  };
  const sort = (): HTMLElement => root.querySelector(".gw-sort") as HTMLElement;
  some(null);
  expect(sort().hidden).toBe(true);
  const [first, second] = tiles(root) as [HTMLElement, HTMLElement];
  first.focus();
  key(first, "o");
  const check = [...root.querySelectorAll<HTMLElement>(".gw-menu-item")].find((item) =>
    item.textContent?.startsWith("Check"),
  );
  check?.click();
  expect(model.commands("verify").map(({ args }) => args)).toEqual([{}]);
  const marks = [
    ["fox", "✓"],
    ["no house", "✗"],
  ];
  some([marks, "shows a fox (+0.031), shows the unwanted a house (-0.102)"]);
  const told = first.querySelector(".gw-holds") as HTMLElement;
  expect([...told.children].map((mark) => (mark as HTMLElement).dataset.told)).toEqual([
    "fox ✓",
    "no house ✗",
  ]);
  expect(first.getAttribute("aria-label")).toBe(
    "a fox, number 10, shows a fox (+0.031), shows the unwanted a house (-0.102)",
  );
  told.click();
  expect(model.commands("mark").length).toBe(0); // it is read, and stars nothing
  expect(root.querySelector(".gw-status-text")?.textContent).toBe(
    "Image 10 shows a fox (+0.031), shows the unwanted a house (-0.102)",
  );
  expect((second.querySelector(".gw-holds") as HTMLElement).hidden).toBe(true);
  expect(second.getAttribute("aria-label")).toBe("a fox, number 11");
  expect([sort().hidden, sort().getAttribute("aria-pressed")]).toEqual([false, "false"]);
  sort().click();
  expect(model.commands("sort").length).toBe(1);
  some([marks, "shows a fox"], true);
  expect(sort().textContent).toBe("Sort by what holds");
  expect(sort().getAttribute("aria-pressed")).toBe("true");
});

it("is checked at a press above the pictures, then sorted by it", () => {
  const { model, view } = start();
  const { root } = view();
  model.deliver(generation(2, { check: true, sorted: true }), 2);
  const sort = root.querySelector(".gw-sort") as HTMLElement;
  expect([sort.hidden, sort.textContent, sort.getAttribute("aria-pressed")]).toEqual([
    false,
    "Check what holds",
    null,
  ]);
  sort.click();
  expect([model.commands("verify").length, model.commands("sort").length]).toEqual([1, 0]);
});
