// One view of the widget: puts the parts together and turns what the user does into commands.
import { h, on, set, text } from "../dom";
import { describe, plural } from "../format";
import { action } from "../keys";
import type { Notice } from "../protocol";
import type { Store, View } from "../store";
import { ToolState } from "../tool_state";
import { CodeView } from "./code";
import { HelpView, LightboxView } from "./dialogs";
import { FilesView } from "./files";
import { GridView } from "./grid";
import { Orders } from "./orders";
import { ProgressView } from "./progress";
import { PromptView } from "./prompt";
import { StatusView } from "./status";
import { Toolbar } from "./toolbar";
import { ToolsView } from "./tools";

const BUSY = "No answer yet: the kernel is busy with a cell (your click is queued), or was restarted.";

export class Workbench implements View {
  readonly el: HTMLElement;
  readonly #prompt: PromptView;
  readonly #toolbar: Toolbar;
  readonly #progress: ProgressView;
  readonly #hand = new ToolState(() => this.#drew());
  readonly #tools: ToolsView;
  readonly #grid: GridView;
  readonly #empty = h("p", { class: "gw-empty" });
  readonly #status: StatusView;
  readonly #lightbox: LightboxView;
  readonly #help: HelpView;
  readonly #files: FilesView;
  readonly #code: CodeView;
  readonly #orders: Orders;
  #painted = 0;
  #busy = false;
  #job: number | null = null;

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    const failed = (error: unknown): void => this.#orders.failed(error);
    const zoom = (slot: number): void => this.#lightbox.open(slot);
    const mark = (slot: number, what: "star" | "reject"): void => {
      this.#grid.toggle(
        store.cells.findIndex((cell) => cell.slot === slot),
        what,
      );
    };
    this.#prompt = new PromptView(store, signal, {
      submit: () => this.#orders.generate(),
      changed: () => this.#orders.commit(),
    });
    const host = {
      generate: () => this.#orders.generate(),
      evolve: () => void this.#orders.evolve(),
      blend: () => this.#orders.blend(),
      undo: () => this.#orders.do("undo"),
      redo: () => this.#orders.do("redo"),
      help: () => this.#help.open(),
      changed: () => this.#orders.commit(),
    };
    this.#toolbar = new Toolbar(store, host, signal);
    this.#progress = new ProgressView(store, () => this.#orders.do("cancel"), signal);
    const compare = (slot: number): void => this.#lightbox.compare(slot);
    const vary = (slot: number): void => this.#orders.vary(slot);
    this.#grid = new GridView(store, this.#hand, { zoom, compare, vary, failed }, signal);
    const leave = (): void => this.#grid.focus();
    this.#tools = new ToolsView(store, this.#hand, { apply: () => this.#orders.apply(), leave }, signal);
    this.#status = new StatusView(signal);
    const desk = { hand: this.#hand, prompt: this.#prompt, toolbar: this.#toolbar, tools: this.#tools };
    this.#orders = new Orders(store, { ...desk, status: this.#status });
    this.#lightbox = new LightboxView(store, { mark, failed }, signal);
    this.#help = new HelpView(signal);
    this.#code = new CodeView(() => store.command("code"), failed, signal);
    const files = {
      ask: store.command.bind(store),
      live: () => store.link === "live",
      tell: (level: Notice["level"], words: string) => this.#status.show(level, words),
      failed,
    };
    this.#files = new FilesView(files, signal);
    this.#toolbar.offer(this.#files.button, this.#code.button);
    const head = h("div", { class: "gw-head" }, this.#prompt.el, this.#toolbar.generate);
    this.el = h(
      "div",
      { class: "gw-root", tabindex: -1, "data-lm-suppress-shortcuts": "true", "data-mode": store.mode },
      h("div", { class: "gw-controls" }, head, this.#toolbar.el),
      this.#progress.el,
      this.#tools.el,
      this.#grid.el,
      this.#empty,
      this.#status.el,
      this.#lightbox.el,
      this.#help.el,
      this.#code.el,
      this.#files.input,
      this.#files.veil,
    );
    this.#files.watch(this.el, signal);
    on(this.el, "keydown", (event) => this.#key(event), signal);
  }

  update(): void {
    const { store } = this;
    const state = store.state;
    set(this.el, {
      "data-state": store.link,
      "data-version": state?.version ?? null,
      "data-job": store.job?.state ?? "idle",
      "data-busy": store.busy,
    });
    if (state) this.#prompt.update(state.settings.prompt);
    this.#toolbar.update();
    this.#files.update(store.link === "live");
    this.#progress.update();
    this.#hand.keep(new Set(store.cells.map((cell) => cell.slot)));
    this.#grid.update();
    this.#tools.update();
    this.#lightbox.update();
    set(this.#tools.el, { hidden: store.cells.length === 0 || store.link === "static" });
    set(this.#progress.el, { hidden: store.cells.length === 0 });
    set(this.#grid.el, { hidden: store.cells.length === 0 });
    set(this.#empty, { hidden: store.cells.length > 0 });
    text(this.#empty, this.#invitation());
    this.#tell(state?.notices.at(-1));
    this.#status.hint(this.#advice());
  }

  async paint(slots: readonly number[]): Promise<void> {
    const [painted] = await Promise.all([this.#grid.paint(slots), this.#lightbox.paint(slots)]);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    this.#painted += painted;
    set(this.el, { "data-painted": this.#painted });
  }

  #invitation(): string {
    if (this.store.link === "connecting") return "";
    if (this.store.link === "static") return "No pictures were saved with this page.";
    return "Nothing here yet. Describe a picture and press Generate.";
  }

  /** What to do next, where the status line has nothing else to say. */
  #advice(): string {
    const { store } = this;
    if (store.link === "static") return "No kernel answers here: run the notebook to go on.";
    if (store.link !== "live" || store.cells.length === 0) return "";
    if (this.#hand.busy) return this.#tools.advice;
    if (store.job) return "Stars you give now count once the images are finished.";
    const starred = store.cells.filter((cell) => store.markOf(cell) === "star").length;
    if (starred === 0) return "Click the images you like. Press ? for all keys.";
    const next = starred === 1 ? "Evolve makes variations of it." : "Evolve crosses them.";
    return `${plural(starred, "image")} starred. ${store.mode === "workbench" ? next : ""}`;
  }

  /** The hand has changed something. */
  #drew(): void {
    if (this.#hand.busy && !this.store.busy) this.#status.rest();
    set(this.el, { "data-tool": this.#hand.tool });
    this.#grid.update();
    this.#tools.update();
    if (this.#tools.spoken) this.#status.say(this.#tools.spoken);
    this.#status.hint(this.#advice());
  }

  #tell(notice: Notice | undefined): void {
    const { job, busy } = this.store;
    if (busy !== this.#busy) {
      this.#busy = busy;
      if (busy) this.#status.show("info", BUSY);
      else this.#status.show("info", "");
    }
    if (this.#status.tell(notice)) this.#orders.warned = notice?.level === "warning";
    if (job) this.#status.say(describe(job));
    else if (this.#job !== null && this.store.state) this.#status.say(this.store.state.title);
    this.#job = job?.job ?? null;
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    event.stopPropagation(); // notebooks have plans for single letters
    if (target.closest("input:not([type=range]), textarea, dialog")) return;
    const what = action(event);
    if (what?.do === "undo" || what?.do === "redo") this.#orders.do(what.do);
    else if (what?.do === "help") this.#help.open();
    else if (what?.do === "blend") this.#orders.blend();
    else if (what?.do === "nth") this.#grid.toggle(what.index);
    else if (what?.do === "tool") this.#hand.choose(what.tool);
    else if (what?.do === "radius" && this.#hand.tool !== "select") this.#hand.grow(what.by);
    else if (what?.do === "lock" && this.#hand.busy) this.#hand.toggleLock();
    else if (what?.do === "apply" && this.#hand.busy) this.#orders.apply();
    else if (event.key === "Escape" && this.#hand.tool !== "select") this.#hand.choose("select");
    else return;
    event.preventDefault();
  }
}
