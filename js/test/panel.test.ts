import { describe, expect, it } from "vitest";
import { h, text } from "../src/dom";
import factory from "../src/index";
import type { Channel, Common, Kept } from "../src/panel/channel";
import { panel } from "../src/panel/kind";
import { PanelView } from "../src/panel/view";
import { countListeners, FakeModel, key, settled } from "./host";

interface Words extends Common {
  words: string;
}

class WordsView extends PanelView<Words> {
  readonly line = h("p", { class: "words" });
  constructor(channel: Channel<Words, Kept<Words>>, signal: AbortSignal) {
    super(channel, "words", "Words", signal);
    this.body.append(this.line);
  }
  protected show(state: Words): void {
    text(this.line, state.words);
    this.line.dataset.news = JSON.stringify(state.news);
  }
  protected override key(event: KeyboardEvent): boolean {
    if (event.key === "u") void this.ask("undo");
    return event.key === "u";
  }
}

const state = (words: string, changes: Partial<Words> = {}): Words => ({
  version: 1,
  job: null,
  notices: [],
  words,
  ...changes,
});

function start(traits: object = { kind: "words" }) {
  const model = new FakeModel(traits as never);
  const life = new AbortController();
  const render = panel(WordsView)(model as never, life.signal);
  const end = new AbortController();
  const root = render(end.signal);
  document.body.append(root);
  return { model, life, end, root };
}

describe("a panel", () => {
  it("keeps what it shows when its session is closed, says so, and asks for nothing more", () => {
    const { model, root } = start();
    model.deliver({ kind: "snapshot", state: state("one"), tiles: [] });
    model.deliver({ kind: "closed" });
    expect(root.dataset.state).toBe("closed");
    expect(root.textContent).toContain("Closed: run its cell again");
    expect(root.querySelector(".words")?.textContent).toBe("one");
    key(root, "u");
    expect(model.commands("undo")).toEqual([]);
  });

  it("says hello, shows the snapshot, then every state", () => {
    const { model, root } = start();
    expect(model.sent.map((m) => m.kind)).toEqual(["hello"]);
    expect(root.dataset.state).toBe("connecting");
    model.deliver({ kind: "snapshot", state: state("one"), tiles: [] });
    expect(root.dataset.state).toBe("live");
    expect(root.querySelector(".words")?.textContent).toBe("one");
    model.deliver({ kind: "state", state: state("two") });
    expect(root.querySelector(".words")?.textContent).toBe("two");
  });

  it("hears news and acknowledges the frame", async () => {
    const { model, root } = start();
    model.deliver({ kind: "snapshot", state: state("one"), tiles: [] });
    model.deliver({ kind: "frame", seq: 4, job: null, tiles: [], news: [1, 2] });
    await settled();
    expect(root.querySelector<HTMLElement>(".words")?.dataset.news).toBe("[1,2]");
    expect(model.sent.at(-1)).toEqual({ kind: "ack", seq: 4 });
    model.deliver({ kind: "frame", seq: 5, job: null, tiles: [], news: null });
    expect(root.querySelector<HTMLElement>(".words")?.dataset.news).toBe("[1,2]");
  });

  it("shows refusals and notices in its status line", async () => {
    const { model, root } = start();
    model.deliver({ kind: "snapshot", state: state("one"), tiles: [] });
    key(root, "u");
    const [sent] = model.commands("undo");
    model.refuse(sent?.req ?? "", { message: "there is nothing to undo", detail: "" });
    await settled();
    expect(root.querySelector(".gw-status-text")?.textContent).toBe("there is nothing to undo");
    const notices = [{ level: "warning" as const, text: "the disk is full", detail: "", times: 1 }];
    model.deliver({ kind: "state", state: state("one", { notices }) });
    expect(root.querySelector(".gw-status-text")?.textContent).toBe("the disk is full");
  });

  it("says a notice once each time that it is left, and what stands there not again", () => {
    const { model, root } = start();
    const line = (): string => root.querySelector(".gw-status-text")?.textContent ?? "";
    const told = (level: "warning" | "error", times: number): void => {
      const notices = [{ level, text: "no room", detail: "", times }];
      model.deliver({ kind: "state", state: state("one", { notices }) });
    };
    told("warning", 1);
    expect(line()).toBe("no room");
    root.querySelector<HTMLElement>(".gw-dismiss")?.click();
    told("warning", 1);
    expect(line()).toBe("");
    told("warning", 2);
    expect(line()).toBe("no room");
    told("error", 3);
    expect(line()).toBe("no room (3 ×)");
    model.deliver({ kind: "state", state: state("one") }); // what it was about is over
    expect(line()).toBe("");
  });

  it("keeps its keys to itself", () => {
    const { root } = start();
    let escaped = 0;
    document.body.addEventListener("keydown", () => (escaped += 1), { once: true });
    key(root, "b");
    expect(escaped).toBe(0);
  });

  it("shows what the traits kept where no kernel answers", () => {
    const { root } = start({ kind: "words", still: { state: state("kept"), tiles: [] }, tiles: [] });
    expect(root.querySelector(".words")?.textContent).toBe("kept");
  });

  it("leaves nothing behind", () => {
    const count = countListeners();
    const { model, life, end } = start();
    expect(count.unsignalled).toEqual([]);
    end.abort();
    expect(count.alive).toBe(0);
    life.abort();
    expect(model.listening).toBe(0);
  });
});

it("says which widget a bundle lacks", () => {
  const model = new FakeModel({ kind: "nothing" } as never);
  expect(() => factory().initialize({ model: model as never })).toThrow("no widget nothing in this bundle");
});
