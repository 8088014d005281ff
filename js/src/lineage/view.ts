// The lineage: graph, details, comparison, and the hands and keys that walk them.
import { h, hasFocus, on, set } from "../dom";
import { plural } from "../format";
import type { Channel, Common, Kept } from "../panel/channel";
import { PanelView } from "../panel/view";
import { Actions, TopBar } from "./bars";
import { DetailsView } from "./details";
import { Graph, Layout, type Nodes } from "./graph";
import { Learner } from "./learner";
import { MapView } from "./map";
import { Marks } from "./marks";
import type { Look } from "./paint";
import { PairView } from "./pair";
import { Thumbs } from "./thumbs";

export interface LineageState extends Common {
  count: number;
  from: number;
  nodes: Nodes;
  stars: number[];
  rejects: number[];
  undone: number[];
}

const KEYS =
  "Arrows move · P parent · D child · Space star · X reject · Shift + Enter pick · C compare · V vary · E evolve · F stars only · + − 0 zoom";
const BRANCHES = 8;

export class LineageView extends PanelView<LineageState> {
  readonly #graph = new Graph();
  readonly #map: MapView;
  readonly #details: DetailsView;
  readonly #pair: PairView;
  readonly #thumbs: Thumbs;
  readonly #learner: Learner;
  readonly #top: TopBar;
  readonly #actions: Actions;
  readonly #marks = new Marks(this.#graph);
  #layout = new Layout(this.#graph);
  #current = -1;
  #line: ReadonlySet<number> = new Set();
  #starsOnly = false;
  #catching = false;

  constructor(channel: Channel<LineageState, Kept<LineageState>>, signal: AbortSignal) {
    super(channel, "lineage", "Lineage", signal);
    this.#thumbs = new Thumbs(
      (slots) => this.ask("thumbs", { slots }),
      () => this.#map.draw(),
      signal,
    );
    this.#map = new MapView(
      () => this.#look(),
      (node, event) => this.#clicked(node, event),
      signal,
    );
    this.#details = new DetailsView((slot) => this.#jump(slot), signal);
    this.#pair = new PairView(
      (name, args) => this.ask(name, args),
      () => this.#map.node.focus(),
      signal,
    );
    this.#learner = new Learner(
      (name, args) => this.ask(name, args),
      () => this.#refresh(),
      signal,
    );
    this.#top = new TopBar(
      {
        only: () => this.#filter(),
        out: () => this.#map.scale(-1),
        fit: () => this.#map.fit(),
        in: () => this.#map.scale(1),
      },
      signal,
    );
    this.#actions = new Actions(
      {
        star: () => this.#mark("star"),
        vary: () => this.#branch("vary"),
        pick: () => this.#toggle(this.#current),
        compare: () => this.#comparePicks(),
        evolve: () => this.#branch("cross"),
      },
      signal,
    );
    const main = h("div", { class: "gw-lineage-main" }, this.#map.el, this.#details.el);
    this.body.append(this.#top.el, main, this.#actions.el, this.#pair.el);
    on(this.#map.node, "focus", () => this.#map.reveal(this.#current), signal);
    void this.paint(channel.images.slots());
  }

  protected show(state: LineageState): void {
    const before = this.#graph.size;
    if (state.from === 0 && state.count < before) this.#graph.clear(); // another session's, after a restart
    if (state.from <= this.#graph.size) this.#graph.take(state.from, state.nodes);
    else void this.#catchUp();
    this.#marks.take(state);
    const grown = this.#graph.size !== before;
    if (grown || this.#starsOnly) this.#lay();
    if (grown && (this.#current < 0 || this.#current === before - 1)) this.#go(this.#graph.size - 1);
    // What was kept with the page has no details: they are asked for once there is somebody to ask.
    const slot = this.#graph.slots[this.#current];
    if (this.channel.link === "live" && slot !== undefined && !this.#learner.knows(slot))
      void this.#learner.learn(slot);
    this.#refresh();
    this.#map.draw();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    const { images } = this.channel;
    const tiles = numbers.flatMap((slot) => images.tile(slot) ?? []);
    if (tiles.length > 0 && "createImageBitmap" in globalThis)
      await this.#thumbs.put(
        tiles,
        tiles.map((tile) => images.blob(tile.slot)),
      );
  }

  protected override key(event: KeyboardEvent): boolean {
    const { key, shiftKey } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    const target = event.target as HTMLElement;
    const inMap = this.#map.el.contains(target) || target === this.el;
    if (key === "Escape" && this.#pair.open) return this.#done(() => this.#pair.close());
    if (!inMap && [" ", "Enter"].includes(key)) return false; // a button's own
    if (!inMap && (key.startsWith("Arrow") || target.closest("input"))) return false;
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const step = steps[key];
    if (step) return this.#done(() => this.#walk(this.#layout.step(this.#current, ...step)));
    const { columns } = this.#layout;
    const end = { Home: columns[0]?.nodes[0], End: columns.at(-1)?.nodes.at(-1) }[key];
    if (end !== undefined) return this.#done(() => this.#walk(end));
    if (key === "Enter")
      return this.#done(() =>
        shiftKey ? this.#toggle(this.#current) : this.#pair.open || this.#openPicture(),
      );
    const letters: Record<string, () => void> = {
      p: () =>
        this.#walk(this.#graph.parents[this.#current]?.find((i) => this.#layout.has(i)) ?? this.#current),
      d: () =>
        this.#walk(this.#graph.children[this.#current]?.find((i) => this.#layout.has(i)) ?? this.#current),
      " ": () => this.#mark("star"),
      x: () => this.#mark("reject"),
      c: () => this.#comparePicks(),
      v: () => this.#branch("vary"),
      e: () => this.#branch("cross"),
      f: () => this.#filter(),
      "+": () => this.#map.scale(1),
      "=": () => this.#map.scale(1),
      "-": () => this.#map.scale(-1),
      "0": () => this.#map.fit(),
      "?": () => this.status.show("info", KEYS),
    };
    const act = letters[key.length === 1 ? key.toLowerCase() : key];
    return act ? this.#done(act) : false;
  }

  #done(act: () => void): true {
    act();
    return true;
  }

  /** A state was lost on the way: ask for what is missing. */
  async #catchUp(): Promise<void> {
    if (this.#catching) return;
    this.#catching = true;
    const answer = await this.ask("nodes", { from: this.#graph.size });
    this.#catching = false;
    const { state } = this.channel;
    if (answer && state)
      this.show({ ...state, ...(answer.value as { from: number; count: number; nodes: Nodes }) });
  }

  #lay(): void {
    const graph = this.#graph;
    let include: ((node: number) => boolean) | undefined;
    if (this.#starsOnly) {
      const starred = [...this.#marks.stars].flatMap((slot) => graph.place(slot) ?? []);
      const kept = graph.ancestors(...starred);
      for (const node of starred) kept.add(node);
      include = (node) => kept.has(node);
    }
    this.#layout = new Layout(graph, include);
    this.#top.legend(graph, this.#layout);
    this.#map.resize();
  }

  #look(): Look {
    return {
      graph: this.#graph,
      layout: this.#layout,
      thumbs: this.#thumbs,
      current: this.#current,
      line: this.#line,
      picks: this.#marks.picks,
      star: (node) => this.#marks.star(node),
      reject: (node) => this.#marks.reject(node),
      undone: (node) => this.#marks.undone(node),
    };
  }

  #clicked(node: number, event: MouseEvent): void {
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.#toggle(node);
    this.#walk(node);
  }

  #walk(node: number): void {
    this.#go(node);
    this.#map.node.focus({ preventScroll: true });
    this.status.say(this.#marks.name(node));
  }

  #jump(slot: number): void {
    const node = this.#graph.place(slot);
    if (node === undefined) return;
    if (!this.#layout.has(node)) this.#filter(); // it is hidden by the filter
    this.#walk(node);
    this.#map.reveal(node, true);
  }

  #go(node: number, quiet = false): void {
    if (node < 0 || node >= this.#graph.size) return;
    this.#current = node;
    this.#line = this.#graph.ancestors(node);
    const slot = this.#graph.slots[node] as number;
    this.#learner.leave(slot);
    if (!quiet) this.#map.reveal(node);
    this.#refresh();
    this.#map.draw();
    if (this.channel.link === "live") void this.#learner.learn(slot);
  }

  #refresh(): void {
    const there = this.#current >= 0 && this.#layout.has(this.#current);
    this.#map.place();
    set(this.el, {
      "data-nodes": this.#graph.size,
      "data-current": there ? (this.#graph.slots[this.#current] ?? null) : null,
    });
    set(this.#map.node, {
      "aria-label": there ? this.#marks.name(this.#current) : null,
      "aria-description": "Press ? for the keys",
    });
    this.#top.update(this.#starsOnly);
    this.#actions.update({
      shown: this.channel.link === "live" && this.#graph.size > 0,
      there,
      starred: there && this.#marks.star(this.#current),
      picked: this.#marks.picks.includes(this.#current),
      two: this.#marks.two(this.#current) !== null,
      picks: this.#marks.picks.map((node) => this.#graph.slots[node]),
    });
    const picture = this.#learner.picture(this.#graph.slots[this.#current]);
    const { told } = this.#learner;
    if (this.#graph.size === 0)
      this.#details.empty(this.channel.link === "connecting" ? "" : "Nothing here yet.");
    else if (there)
      this.#details.show(this.#graph, this.#current, told, picture, this.#marks.words(this.#current));
    else
      this.#details.empty(
        this.#starsOnly && this.#marks.stars.size === 0 ? "Nothing is starred yet." : "Choose an image.",
      );
  }

  #filter(): void {
    const held = hasFocus(this.#map.el);
    this.#starsOnly = !this.#starsOnly;
    this.#lay();
    const node = this.#layout.has(this.#current)
      ? this.#current
      : (this.#layout.columns.at(-1)?.nodes[0] ?? -1);
    if (node >= 0) this.#go(node);
    this.#refresh();
    if (held) this.#map.node.focus({ preventScroll: true }); // it was hidden for a moment
    this.status.say(
      plural(
        this.#layout.columns.reduce((sum, column) => sum + column.nodes.length, 0),
        "image",
      ),
    );
  }

  #toggle(node: number): void {
    if (node < 0) return;
    this.#marks.pick(node);
    this.#refresh();
    this.#map.draw();
  }

  #comparePicks(): void {
    const parent = this.#graph.parents[this.#current]?.[0];
    const two = this.#marks.two(this.#current);
    if (two) void this.#pair.compare(...two);
    else if (parent !== undefined)
      void this.#pair.compare(
        this.#graph.slots[parent] as number,
        this.#graph.slots[this.#current] as number,
      );
    else this.status.show("info", "Pick two images to compare: Shift + click, or Shift + Enter.");
  }

  #openPicture(): void {
    this.#details.el.scrollTop = 0;
  }

  #mark(mark: "star" | "reject"): void {
    const slot = this.#graph.slots[this.#current];
    if (slot === undefined) return;
    const wanted = this.#marks.flip(this.#current, mark);
    this.#refresh();
    this.#map.draw();
    void this.ask("mark", { slots: [slot], mark: wanted }).then((answer) => {
      if (!answer) this.update();
    });
  }

  #branch(how: "vary" | "cross"): void {
    const own = this.#graph.slots[this.#current];
    const picked = this.#marks.picks.map((node) => this.#graph.slots[node]);
    const slots = how === "cross" && picked.length > 0 ? picked : [own];
    if (slots.includes(undefined)) return;
    this.status.show("info", "");
    void this.ask("branch", { slots, how, n: BRANCHES });
  }
}
