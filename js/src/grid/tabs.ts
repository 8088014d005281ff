// The workbench's tabs: the grid, and every panel of the session, each built when it is first looked at and told
// nothing while it is not.
import { ComposerView } from "../composer/view";
import { atEnd, h, hide, modified, on, set, take, unique } from "../dom";
import { LineageView } from "../lineage/view";
import { MonitorView } from "../monitor/view";
import type { Channel } from "../panel/channel";
import { GO, type PanelView } from "../panel/view";
import { SaliencyView } from "../saliency/view";
import type { SaliencyState } from "../saliency/words";
import type { Store } from "../store";
import { TasteView } from "../taste/view";

type Made = new (channel: never, signal: AbortSignal) => PanelView<never>;
/** Kind, name, and what it is for. */
const TABS: readonly (readonly [kind: string, label: string, title: string, View: Made | null])[] = [
  ["grid", "Grid", "Make pictures, star the ones you like, evolve them", null],
  ["lineage", "Lineage", "Which picture came from which", LineageView as never],
  ["composer", "Compose", "The prompt as blocks to weigh and place", ComposerView as never],
  ["saliency", "Look", "Where a picture draws the eye", SaliencyView as never],
  ["monitor", "Optimise", "Pull a picture towards words", MonitorView as never],
  ["taste", "Taste", "What your stars have taught so far", TasteView as never],
];
export class TabsView {
  readonly list = h("div", { class: "gw-tabs", role: "tablist", label: "Views of the session" });
  /** The rooms of the tabs; the first is the grid's, and others come when they are first opened. */
  readonly rooms: HTMLElement[] = [];
  readonly #buttons: HTMLElement[] = [];
  readonly #views: (PanelView<never> | undefined)[] = [];
  #leave: () => void = () => undefined;
  #at = 0;

  constructor(
    private readonly store: Store,
    private readonly place: HTMLElement,
    private readonly back: (slot?: number) => void,
    private readonly images: () => number,
    private readonly signal: AbortSignal,
  ) {
    const page = unique(); // ids are the page's: others have tabs, too
    TABS.forEach(([kind, label, title, View], i) => {
      const names = [`gw-tab-${page}-${kind}`, `gw-room-${page}-${kind}`] as const;
      const tab = h("button", { class: "gw-tab", role: "tab", "data-tab": kind, title }, label);
      const room = h("div", { class: "gw-room", role: "tabpanel", "aria-labelledby": names[0] });
      set(tab, { id: names[0], "aria-controls": names[1] });
      set(room, { id: names[1], hidden: View !== null });
      on(tab, "click", () => this.open(i), signal);
      this.#buttons.push(tab);
      this.list.append(tab);
      this.rooms.push(room);
    });
    place.append(...this.rooms);
    on(this.list, "keydown", (event) => this.#key(event), signal);
    const go = (event: Event): void => {
      this.open(0, (event as CustomEvent).detail ?? undefined);
      this.focus();
    };
    place.addEventListener(GO, go, { signal });
    atEnd(signal, () => this.#leave());
    this.open(0);
  }

  /** Whether the grid is on show. */
  get grid(): boolean {
    return this.#at === 0;
  }

  /** Give the keyboard to the tabs. */
  focus(): void {
    this.#buttons[this.#at]?.focus();
  }

  /** `slot`: a picture that the grid is to show. */
  open(i: number, slot?: number): void {
    const [kind, , , View] = TABS[i] ?? [];
    if (!kind) return;
    this.#leave();
    this.#leave = () => undefined;
    this.#at = i;
    for (const tab of this.#buttons) {
      const on = tab === this.#buttons[i];
      set(tab, { "aria-selected": on, tabindex: on ? 0 : -1 });
    }
    // No tab is lower than the grid, as far as the window is high: what stands below keeps its place.
    const tall = this.rooms[0]?.offsetHeight;
    if (!View || tall) this.place.style.minHeight = View ? `${Math.min(tall as number, innerHeight)}px` : "";
    for (const room of this.rooms) hide(room, room !== this.rooms[i]);
    if (!View) {
      this.back(slot);
      return;
    }
    const channel = this.store.tab(kind);
    this.#views[i] ??= new View(channel as never, this.signal);
    const view = this.#views[i];
    view.images = this.images();
    this.rooms[i]?.append(view.el);
    this.#leave = (channel as Channel<never>).attach(view);
    view.update();
    void view.paint(channel.pictures.slots());
    if (kind === "saliency") this.#look(view, (channel.state as SaliencyState | null)?.candidate);
  }

  /** Look at the generation that is on show in the grid, if `now` is another one's. */
  #look(view: PanelView<never>, now: number | null | undefined): void {
    const { cells, earlier, starred, job, live } = this.store;
    const [first] = [...starred, ...cells];
    if (now === undefined && !earlier) return; // by itself it looks at the newest
    if (live && first && !job && cells.every(({ slot }) => slot !== now)) view.about(first.slot);
  }

  /** Open the panel of this kind, about a candidate. */
  turn(kind: string, slot: number): void {
    const i = TABS.findIndex(([one]) => one === kind);
    this.open(i);
    this.#buttons[i]?.focus();
    this.#views[i]?.about(slot);
  }

  #key(event: KeyboardEvent): void {
    const now = this.#buttons.indexOf(event.target as HTMLElement);
    const n = TABS.length;
    const to = { ArrowLeft: now + n - 1, ArrowRight: now + 1, Home: 0, End: n - 1 }[event.key];
    if (to === undefined || modified(event)) return;
    take(event);
    this.#buttons[to % n]?.focus();
  }
}
