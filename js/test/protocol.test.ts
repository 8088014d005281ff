import { describe, expect, it } from "vitest";
import fixture from "../../tests/widgets/fixture.json";
import { blobOf } from "../src/binary";
import { COMMANDS, COMPARISONS, fromKernel, KIND, PROTOCOL } from "../src/protocol";
import { generation, start, tiles } from "./host";

const keys = (value: object): string[] => Object.keys(value);
const example = (kind: string, name?: string) =>
  fixture.from_page.find((m) => m.kind === kind && (!name || m.name === name)) as Record<string, unknown>;

describe("constants", () => {
  it("are the fixture's", () => {
    expect(PROTOCOL).toBe(fixture.protocol);
    expect(COMMANDS).toEqual(fixture.commands);
    expect(COMPARISONS).toEqual(fixture.comparisons);
    const kinds = new Set([...fixture.from_page, ...Object.values(fixture.from_kernel)].map((m) => m.kind));
    expect(new Set(Object.values(KIND))).toEqual(kinds);
  });
});

describe("messages of the kernel", () => {
  it.each(Object.entries(fixture.from_kernel))("%s is taken", (_, message) => {
    expect(fromKernel(message)).toBe(message);
  });

  it.each([null, undefined, 7, "frame", [], {}, { kind: "hello" }, { kind: 3 }])(
    "%j is not ours",
    (content) => {
      expect(fromKernel(content)).toBeNull();
    },
  );

  it("of foreign libraries do no harm", () => {
    const { model, view } = start();
    const { root } = view();
    model.deliver({ id: "x", kind: "anywidget-command" });
    model.deliver(null);
    expect(root.dataset.state).toBe("connecting");
  });

  it("have their buffers taken in every form a host gives them", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    for (const data of [bytes, bytes.buffer, new DataView(bytes.buffer), { buffer: bytes.buffer }])
      expect(blobOf("", data).size).toBe(3);
    const part = new DataView(bytes.buffer, 1, 1);
    expect(blobOf("", part).size).toBe(1);
  });
});

describe("messages of the page", () => {
  const { model, view } = start();
  const { root } = view();
  model.deliver(generation(3, { parents: [10], can_undo: true, can_redo: true }), 3);
  const press = (selector: string): void => root.querySelector<HTMLElement>(selector)?.click();

  it("start with hello, once for all views", () => {
    view();
    expect(model.sent.map((m) => m.kind)).toEqual(["hello"]);
    expect(keys(model.sent[0] as object)).toEqual(keys(example("hello")));
  });

  it.each([
    ["sample", ".gw-generate"],
    ["evolve", ".gw-evolve"],
    ["undo", ".gw-undo"],
    ["redo", ".gw-redo"],
    ["cancel", ".gw-cancel"],
  ])("%s looks like the fixture", (name, selector) => {
    press(selector);
    const [sent] = model.commands(name);
    expect(keys(sent as object)).toEqual(keys(example("cmd", name)));
    expect(keys(sent?.args ?? {}).sort()).toEqual(keys(example("cmd", name).args as object).sort());
    expect(sent?.req).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
  });

  it("mark looks like the fixture", () => {
    tiles(root)[1]?.click();
    expect(model.commands("mark")[0]?.args).toEqual({ slots: [11], mark: "star" });
    expect(keys(model.commands("mark")[0]?.args ?? {})).toEqual(keys(example("cmd", "mark").args as object));
  });
});
