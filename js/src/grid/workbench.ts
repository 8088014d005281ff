// One view of the widget: puts the parts together and turns what the user does into commands.
import { div, hasFocus, hide, set, text } from "../dom";
import { describe } from "../format";
import { PanelView } from "../panel/view";
import type { State } from "../protocol";
import { CommandError } from "../requests";
import type { Store } from "../store";
import { ToolState } from "../tool_state";
import { acts } from "./acts";
import { type CoachView, coachView } from "./coach";
import { codeView } from "./code";
import { Commands } from "./commands";
import { HelpView } from "./dialogs";
import { FilesView } from "./files";
import { GenerationsView } from "./generations";
import { GridView } from "./grid";
import { invitation, next } from "./hints";
import { sorter } from "./holds";
import { LightboxView } from "./lightbox";
import { MenuView } from "./menu";
import { type Offers, offers } from "./offers";
import { type ProgressView, progressView } from "./progress";
import { type PromptView, promptView } from "./prompt";
import type { Vocabulary } from "./prompt_words";
import { type Parts, shortcut } from "./shortcuts";
import { TabsView } from "./tabs";
import { type Action, Toolbar } from "./toolbar";
import { ToolsView } from "./tools";
import { TrayView } from "./tray";

export class Workbench extends PanelView<State, Store> {
  readonly #prompt: PromptView;
  readonly #toolbar: Toolbar;
  readonly #progress: ProgressView;
  readonly #generations: GenerationsView;
  readonly #toolState = new ToolState(() => this.#drew());
  readonly #tools: ToolsView;
  readonly #grid: GridView;
  readonly #empty: HTMLElement;
  readonly #lightbox: LightboxView;
  readonly #help: HelpView;
  readonly #tray: TrayView;
  readonly #files: FilesView;
  readonly #commands: Commands;
  readonly #tabs: TabsView | null = null;
  readonly #coach: CoachView | null = null;
  readonly #offers: Offers;
  readonly #parts = {} as Parts; // filled below
  #painted = 0;
  #job: number | null = null;
  #at: number | null = null;

  constructor(store: Store, signal: AbortSignal) {
    super(store, "workbench", "Workbench", signal);
    const failed = (error: unknown): void => this.failed(error);
    this.#prompt = promptView(store, signal, {
      submit: () => this.#commands.generate(),
      changed: () => this.#commands.commit(),
      words: async () => (await this.ask("words"))?.value as Vocabulary | undefined,
    });
    const join: Commands["join"] = (...of) => this.#commands.join(...of);
    const host = {
      act: (action: Action) => this.#commands.act(action),
      join,
      help: () => this.#help.open(),
    };
    this.#toolbar = new Toolbar(store, host, signal);
    const past = {
      look: (generation: number) => void this.ask("look", { generation }),
      find: (of: number) => void this.ask("look", { of }),
      back: (generation: number) => void this.#commands.back(generation),
      failed,
    };
    this.#generations = new GenerationsView(store, past, signal);
    const cancel = (): void => void this.#commands.do("cancel");
    const act = acts(store, this.#parts, this.status, this.#toolbar.evolve, failed);
    const sort = sorter(store, () => void this.ask("sort"), act.verify, signal);
    this.#progress = progressView(store, cancel, this.#generations, sort, signal);
    this.#grid = new GridView(store, this.#toolState, act, signal);
    const menu = new MenuView(store, act, signal);
    const leave = (): void => this.#grid.focus();
    this.#tools = new ToolsView(
      store,
      this.#toolState,
      { apply: () => this.#commands.apply(), leave },
      this.status.el,
      this.#toolbar.blend,
      signal,
    );
    this.#commands = new Commands(store, {
      toolState: this.#toolState,
      prompt: this.#prompt,
      toolbar: this.#toolbar,
      toolsView: this.#tools,
      status: this.status,
      ask: (name, args) => this.ask(name, args),
    });
    this.#lightbox = new LightboxView(store, act, signal);
    this.#help = new HelpView(signal);
    const code = codeView(() => store.command("code"), failed, signal);
    const files = {
      ask: store.command.bind(store),
      live: () => store.live,
      tell: act.tell,
      failed,
      prompt: () => this.#prompt.value,
    };
    this.#files = new FilesView(files, signal);
    this.#tray = new TrayView(store, this.#generations, this.#lightbox, { ...past, join }, signal);
    this.#toolbar.offer(this.#tray.button, this.#files.button, code.button);
    const { generate, evolve } = this.#toolbar;
    const { nav, family, film, crossed } = this.#generations;
    this.#prompt.words.append(crossed);
    this.asks.push(
      generate,
      evolve,
      this.#prompt.words,
      this.#toolbar.el,
      nav,
      family,
      film,
      ...this.#tools.asks,
    );
    const head = div("head", this.#prompt.el, generate, evolve);
    const controls = div("controls", head, this.#prompt.words, this.#toolbar.el);
    this.#empty = this.invitation("", () => this.#commands.generate());
    this.#grid.room.el.append(this.#empty);
    set(this.el, { "data-mode": store.mode });
    const parts = [controls, this.#progress.el, this.#tools.el, this.#grid.room.el, film];
    if (store.mode === "workbench") {
      const back = (slot?: number): void => {
        if (slot !== undefined && !store.cell(slot)) past.find(slot);
        void this.paint(store.pictures.slots());
      };
      this.#tabs = new TabsView(store, this.body, back, () => this.#toolbar.wanted, signal);
      const [room] = this.#tabs.rooms as [HTMLElement];
      room.append(...parts);
      this.#coach = coachView(store, this.el, room, signal);
      this.body.before(this.#tabs.list);
    } else {
      set(this.body, "gw-room"); // the root's own gap is the grid's
      this.body.append(...parts);
    }
    this.#offers = offers(store, (which) => void this.#commands.do("reopen", { which }), signal);
    this.body.before(this.#offers.el);
    this.el.append(this.#lightbox.el, this.#help.el, code.el, menu.el, this.#tray.el, ...this.#files.els);
    this.#files.watch(this.el, signal);
    Object.assign(this.#parts, {
      commands: this.#commands,
      generations: this.#generations,
      grid: this.#grid,
      help: this.#help,
      lightbox: this.#lightbox,
      menu,
      prompt: this.#prompt,
      tabs: this.#tabs,
      toolState: this.#toolState,
      toolbar: this.#toolbar,
      tray: this.#tray,
    } satisfies Parts);
  }

  override update(): void {
    const { channel: store } = this;
    this.#toolbar.update();
    this.#generations.update();
    // What was said is about another generation than an earlier one that is turned to.
    const at = store.state?.at ?? null;
    if (store.earlier && at !== this.#at) this.status.clear(false);
    this.#at = at;
    this.#generations.cross(store.live ? this.#toolbar.parents : []);
    this.#tray.update();
    this.#progress.update(this.#tools.advice);
    this.#toolState.keep(new Set(store.cells.map((cell) => cell.slot)));
    this.#grid.update();
    this.#tools.update();
    this.#lightbox.update();
    const none = store.cells.length === 0;
    hide(this.#progress.el, none);
    hide(this.#grid.el, none);
    // What goes must not take the keyboard with it.
    if (!none && hasFocus(this.#empty)) this.#grid.focus();
    hide(this.#empty, !none);
    text(this.#empty.firstElementChild as Element, invitation(store));
    this.#grid.room.reserve([this.#toolbar.wanted, !this.#generations.film.hidden]);
    this.#offers.update();
    super.update();
    this.#guide();
    const { job, state } = store;
    if (job) this.status.say(describe(job));
    else if (this.#job !== null && state) this.status.say(state.title);
    this.#job = job?.job ?? null;
  }

  protected override show(state: State): void {
    this.#prompt.update(state.settings.prompt);
  }

  /** A prompt that cannot be read is shown where it is wrong. */
  protected override failed(error: unknown): void {
    if (error instanceof CommandError && error.failure.column !== undefined) this.#prompt.fail(error.failure);
    else super.failed(error);
  }

  override async paint(slots: readonly number[]): Promise<void> {
    if (this.#tabs?.grid === false) return; // nobody looks
    const [painted] = await Promise.all([this.#grid.paint(slots), this.#lightbox.paint(slots)]);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (painted && !this.#painted) this.#grid.come();
    this.#painted += painted;
    set(this.el, { "data-painted": this.#painted });
    this.#tray.found();
  }

  /** What to do next; with a tool in hand that stands in the line above. */
  protected override hint(): string {
    const { channel: store } = this;
    return !store.live ? super.hint() : this.#toolState.busy ? "" : next(store);
  }

  /** A tool or a drawing has changed. */
  #drew(): void {
    if (this.#toolState.busy && this.channel.health === "ok") this.status.rest();
    set(this.el, { "data-tool": this.#toolState.tool });
    this.#grid.update();
    this.#tools.update();
    this.#progress.update(this.#tools.advice);
    if (this.#tools.spoken) this.status.say(this.#tools.spoken);
    this.status.hint(this.hint());
    this.#guide();
  }

  #guide(): void {
    this.#coach?.update(!this.#toolState.busy && !this.status.alarmed);
  }

  protected override key(event: KeyboardEvent): boolean {
    const target = event.target as HTMLElement;
    return !target.closest("dialog") && shortcut(event, target.closest(".gw-root") !== this.el, this.#parts);
  }
}
