// The lineage: graph, details, comparison, and the hands and keys that walk them.
import { div, focusOn, hasFocus, hide, on, set } from "../dom";
import { plural } from "../format";
import type { Channel } from "../panel/channel";
import { PanelView } from "../panel/view";
import { Actions, TopBar } from "./bars";
import { detailsCache } from "./cache";
import { DetailsView } from "./details";
import { Graph, type LineageState, type Nodes } from "./graph";
import { type Action, action, belongsTo, KEYS } from "./keys";
import { type MapView, mapView } from "./map";
import { Marks } from "./marks";
import { pairView } from "./pair";
import { type Thumbs, thumbs } from "./thumbs";
import { Walk } from "./walk";

export class LineageView extends PanelView<LineageState> {
  readonly #graph = new Graph();
  readonly #marks = new Marks(this.#graph);
  readonly #walk = new Walk(this.#graph, this.#marks);
  readonly #map: MapView;
  readonly #details: DetailsView;
  readonly #pair: ReturnType<typeof pairView>;
  readonly #thumbs: Thumbs;
  readonly #cache: ReturnType<typeof detailsCache>;
  readonly #top: TopBar;
  readonly #actions: Actions;
  readonly #does: Record<Action, () => void> = {
    left: () => this.#visit(this.#walk.step(-1, 0)),
    right: () => this.#visit(this.#walk.step(1, 0)),
    up: () => this.#visit(this.#walk.step(0, -1)),
    down: () => this.#visit(this.#walk.step(0, 1)),
    first: () => this.#visit(this.#walk.first),
    last: () => this.#visit(this.#walk.last),
    parent: () => this.#visit(this.#walk.parent),
    child: () => this.#visit(this.#walk.child),
    star: () => this.#mark("star"),
    reject: () => this.#mark("reject"),
    pick: () => this.#pick(this.#walk.current),
    compare: () => this.#compare(),
    vary: () => void this.#branch("vary", [this.#walk.slot]),
    evolve: () =>
      void this.#branch("cross", this.#marks.picks.length > 0 ? this.#marks.pickedSlots : [this.#walk.slot]),
    only: () => this.#filter(),
    in: () => this.#map.scale(1),
    out: () => this.#map.scale(-1),
    fit: () => this.#map.fit(),
    details: () => {
      if (!this.#pair.open) this.#details.el.scrollTop = 0;
    },
    close: () => this.#pair.close(),
    help: () => this.status.show("info", KEYS),
  };
  readonly #main = div("lineage-main");
  readonly #empty = this.invitation("Nothing here yet: every picture you make gets its place in this graph.");
  #catching = false;
  /** The job that was asked for here: what it makes is turned to. */
  #branched: unknown;

  constructor(channel: Channel<LineageState>, signal: AbortSignal) {
    super(channel, "lineage", "Lineage", signal);
    const ask = this.ask.bind(this);
    this.#thumbs = thumbs(
      (slots) => ask("thumbs", { slots }),
      () => this.#map.draw(),
      signal,
    );
    const look = { graph: this.#graph, thumbs: this.#thumbs, marks: this.#marks };
    this.#map = mapView(
      () => ({ ...look, layout: this.#walk.layout, current: this.#walk.current, line: this.#walk.line }),
      (node, event) => this.#clicked(node, event),
      signal,
    );
    this.#details = new DetailsView((slot) => this.#jump(slot), signal);
    this.#pair = pairView(ask, () => this.#map.node.focus(), signal);
    this.#cache = detailsCache(ask, () => this.#refresh(), signal);
    this.#top = new TopBar(this.#does, signal);
    this.#actions = new Actions(this.#does, signal);
    this.asks.push(this.#actions.el);
    this.#main.append(this.#map.el, this.#details.el);
    // Below the map the status would be out of sight.
    const bars = [this.#top.el, this.#actions.el, this.status.el];
    this.body.append(this.#empty, ...bars, this.#main, this.#pair.el);
    on(this.#map.node, "focus", () => this.#map.reveal(this.#walk.current), signal);
    void this.paint(channel.pictures.slots());
  }

  protected show(state: LineageState): void {
    const before = this.#graph.size;
    if (state.from === 0 && state.count < before) this.#graph.clear(); // another session's, after a restart
    if (state.from <= this.#graph.size) this.#graph.take(state.from, state.nodes);
    else void this.#catchUp();
    this.#marks.take(state);
    const grown = this.#graph.size !== before;
    if (grown || this.#walk.starsOnly) this.#lay();
    const newest = this.#graph.size - 1;
    const asked = this.#graph.jobs[newest] === this.#branched;
    if (grown && asked) this.status.show("info", state.made);
    if (grown && (asked || this.#walk.current < 0 || this.#walk.current === before - 1)) this.#go(newest);
    // What was kept with the page has no details: they are asked for once there is somebody to ask.
    const { slot } = this.#walk;
    if (this.channel.live && slot !== undefined && !this.#cache.has(slot)) void this.#cache.load(slot);
    this.#refresh();
    this.#map.draw();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    const { pictures } = this.channel;
    const tiles = numbers.flatMap((slot) => pictures.tile(slot) ?? []);
    const blobs = tiles.map((tile) => pictures.blob(tile.slot));
    if (tiles.length > 0 && "createImageBitmap" in globalThis) await this.#thumbs.put(tiles, blobs);
  }

  protected override key(event: KeyboardEvent): boolean {
    const what = action(event);
    if (!what || (what === "close" && !this.#pair.open)) return false;
    const target = event.target as HTMLElement;
    const inMap = this.#map.el.contains(target) || target === this.el;
    if (!inMap && what !== "close" && belongsTo(target, event.key)) return false;
    this.#does[what]();
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
    this.#walk.lay();
    this.#top.legend(this.#graph, this.#walk.layout);
    this.#map.resize();
  }

  #clicked(node: number, event: MouseEvent): void {
    const { current } = this.#walk;
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      // What was chosen by a click alone is the first of those picked.
      if (this.#marks.picks.length === 0 && current !== node) this.#pick(current);
      this.#pick(node);
    }
    this.#visit(node);
  }

  #visit(node: number): void {
    this.#go(node);
    focusOn(this.#map.node);
    this.status.say(this.#marks.name(node));
  }

  #jump(slot: number): void {
    const node = this.#graph.place(slot);
    if (node === undefined) return;
    if (!this.#walk.layout.has(node)) this.#filter(); // it is hidden by the filter
    this.#visit(node);
    this.#map.reveal(node, true);
  }

  #go(node: number): void {
    if (node < 0 || node >= this.#graph.size) return;
    this.#walk.go(node);
    const slot = this.#graph.slots[node] as number;
    this.#cache.leave(slot);
    this.#map.reveal(node);
    this.#refresh();
    this.#map.draw();
    if (this.channel.live) void this.#cache.load(slot);
  }

  #refresh(): void {
    const { there, current, slot, starsOnly } = this.#walk;
    const { size } = this.#graph;
    this.#map.place();
    set(this.el, { "data-nodes": size, "data-current": there ? (slot ?? null) : null });
    set(this.#map.node, {
      label: there ? this.#marks.name(current) : null,
      "aria-description": "Press ? for the keys",
    });
    this.#top.update(starsOnly);
    this.#actions.update({
      shown: size > 0,
      there,
      starred: there && this.#marks.star(current),
      picked: this.#marks.picks.includes(current),
      two: this.#marks.two(current) !== null,
      picks: this.#marks.pickedSlots,
    });
    const none = starsOnly && this.#marks.stars.size === 0;
    hide(this.#empty, size > 0 || this.channel.link === "connecting");
    for (const el of [this.#top.el, this.#main]) hide(el, size === 0);
    if (size === 0) this.#details.empty("");
    else if (!there) this.#details.empty(none ? "Nothing is starred yet." : "Choose an image.");
    else {
      const picture = this.#cache.picture(slot);
      this.#details.show(this.#graph, current, this.#cache.details, picture, this.#marks.words(current));
    }
  }

  #filter(): void {
    const held = hasFocus(this.#map.el);
    this.#walk.starsOnly = !this.#walk.starsOnly;
    this.#lay();
    const { current, layout } = this.#walk;
    this.#go(layout.has(current) ? current : (layout.columns.at(-1)?.nodes[0] ?? -1));
    this.#refresh();
    if (held) focusOn(this.#map.node); // it was hidden for a moment
    this.status.say(plural(this.#walk.shown, "image"));
  }

  #pick(node: number): void {
    if (node < 0) return;
    this.#marks.pick(node);
    this.#refresh();
    this.#map.draw();
  }

  /** The two picked, or the image that is looked at and its first parent. */
  #compare(): void {
    const { current, slot } = this.#walk;
    const parent = this.#graph.parents[current]?.[0];
    const two = this.#marks.two(current);
    if (two) void this.#pair.compare(...two);
    else if (parent !== undefined)
      void this.#pair.compare(this.#graph.slots[parent] as number, slot as number);
    else this.status.show("info", "Pick two images to compare: Shift + click, or Shift + Enter.");
  }

  #mark(mark: "star" | "reject"): void {
    const { current, slot } = this.#walk;
    if (slot === undefined) return;
    const wanted = this.#marks.flip(current, mark);
    this.#refresh();
    this.#map.draw();
    void this.ask("mark", { slots: [slot], mark: wanted }).then((answer) => {
      if (!answer) this.update();
    });
  }

  async #branch(how: "vary" | "cross", slots: (number | undefined)[]): Promise<void> {
    if (slots.includes(undefined)) return;
    this.status.show("info", "");
    this.#branched = (await this.ask("branch", { slots, how, n: this.images }))?.value;
  }
}
