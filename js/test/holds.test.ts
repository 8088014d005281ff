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
  some(["✓✗", "holds a fox (+0.031), lacks an owl (-0.002)"]);
  expect(first.querySelector(".gw-caption")?.textContent).toBe("[10]✓✗");
  expect(first.getAttribute("aria-label")).toBe(
    "a fox, number 10, holds a fox (+0.031), lacks an owl (-0.002)",
  );
  expect(second.getAttribute("aria-label")).toBe("a fox, number 11");
  expect([sort().hidden, sort().getAttribute("aria-pressed")]).toEqual([false, "false"]);
  sort().click();
  expect(model.commands("sort").length).toBe(1);
  some(["✓✗", "holds a fox"], true);
  expect(sort().getAttribute("aria-pressed")).toBe("true");
});
