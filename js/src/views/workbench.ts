// One view of the widget: puts the parts together and turns what the user does into commands.
import { h, on, set, text } from "../dom";
import { describe, plural } from "../format";
import { action } from "../keys";
import type { CommandName, Notice } from "../protocol";
import { CommandError } from "../requests";
import type { Store, View } from "../store";
import { HelpView, LightboxView } from "./dialogs";
import { GridView } from "./grid";
import { ProgressView } from "./progress";
import { PromptView } from "./prompt";
import { StatusView } from "./status";
import { Toolbar } from "./toolbar";

const BUSY = "No answer yet: the kernel is busy with a cell (your click is queued), or was restarted.";
const NO_STARS = "Nothing is starred yet: click the images you like, then evolve them.";

export class Workbench implements View {
  readonly el: HTMLElement;
  readonly #prompt: PromptView;
  readonly #toolbar: Toolbar;
  readonly #progress: ProgressView;
  readonly #grid: GridView;
  readonly #empty = h("p", { class: "gw-empty" });
  readonly #status: StatusView;
  readonly #lightbox: LightboxView;
  readonly #help: HelpView;
  #painted = 0;
  #notice = "";
  #warned = false;
  #busy = false;
  #job: number | null = null;

  constructor(
    private readonly store: Store,
    signal: AbortSignal,
  ) {
    const failed = (error: unknown): void => this.#failed(error);
    const zoom = (slot: number): void => this.#lightbox.open(slot);
    const mark = (slot: number, what: "star" | "reject"): void => {
      this.#grid.toggle(
        store.cells.findIndex((cell) => cell.slot === slot),
        what,
      );
    };
    this.#prompt = new PromptView(store, signal, {
      submit: () => this.#generate(),
      changed: () => this.#commit(),
    });
    const host = {
      generate: () => this.#generate(),
      evolve: () => this.#evolve(),
      undo: () => this.#do("undo"),
      redo: () => this.#do("redo"),
      help: () => this.#help.open(),
      changed: () => this.#commit(),
    };
    this.#toolbar = new Toolbar(store, host, signal);
    this.#progress = new ProgressView(store, () => this.#do("cancel"), signal);
    this.#grid = new GridView(store, { zoom, failed }, signal);
    this.#status = new StatusView(signal);
    this.#lightbox = new LightboxView(store, { mark, failed }, signal);
    this.#help = new HelpView(signal);
    const head = h("div", { class: "gw-head" }, this.#prompt.el, this.#toolbar.generate);
    this.el = h(
      "div",
      { class: "gw-root", tabindex: -1, "data-lm-suppress-shortcuts": "true", "data-mode": store.mode },
      h("div", { class: "gw-controls" }, head, this.#toolbar.el),
      this.#progress.el,
      this.#grid.el,
      this.#empty,
      this.#status.el,
      this.#lightbox.el,
      this.#help.el,
    );
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
    this.#progress.update();
    this.#grid.update();
    this.#lightbox.update();
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
    if (store.job) return "Stars you give now count once the images are finished.";
    const starred = store.cells.filter((cell) => store.markOf(cell) === "star").length;
    if (starred === 0) return "Click the images you like. Press ? for all keys.";
    const next = starred === 1 ? "Evolve makes variations of it." : "Evolve crosses them.";
    return `${plural(starred, "image")} starred. ${store.mode === "workbench" ? next : ""}`;
  }

  #tell(notice: Notice | undefined): void {
    const { job, busy } = this.store;
    if (busy !== this.#busy) {
      this.#busy = busy;
      if (busy) this.#status.show("info", BUSY);
      else this.#status.show("info", "");
    }
    const key = notice ? `${notice.level} ${notice.text} ${notice.detail}` : "";
    if (key !== this.#notice) {
      this.#notice = key;
      if (notice) this.#status.show(notice.level, notice.text, notice.detail);
      this.#warned = notice?.level === "warning";
    }
    if (job) this.#status.say(describe(job));
    else if (this.#job !== null && this.store.state) this.#status.say(this.store.state.title);
    this.#job = job?.job ?? null;
  }

  /** Settings and number as typed; null, and a word in the status line, when they make no sense. */
  #settings(): { n: number; prompt: string; steps: number; guidance: number } | null {
    const values = this.#toolbar.values();
    if (typeof values !== "string") return { ...values, prompt: this.#prompt.value };
    this.#status.show("error", values);
    return null;
  }

  #commit(): void {
    const settings = this.#settings();
    if (!settings) return;
    const { prompt, steps, guidance } = settings;
    this.#do("set", { prompt, steps, guidance });
  }

  #generate(): void {
    const settings = this.#settings();
    if (settings) this.#do("sample", settings);
  }

  #evolve(): void {
    const settings = this.#settings();
    if (!settings || this.store.link !== "live") return;
    const starred = this.store.cells.some((cell) => this.store.markOf(cell) === "star");
    if (starred || this.store.state?.parents.length) this.#do("evolve", settings);
    else this.#status.show("warning", NO_STARS);
  }

  #do(name: CommandName, args: Record<string, unknown> = {}): void {
    if (this.store.link !== "live") return;
    // A warning, as about words the model has never read, holds for as long as the prompt it is about.
    const same = args.prompt === undefined || args.prompt === this.store.state?.settings.prompt;
    if (!this.#warned || !same) this.#status.show("info", "");
    this.#warned &&= same;
    this.store.command(name, args).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    const failure = error instanceof CommandError ? error.failure : { message: String(error), detail: "" };
    if ("column" in failure) this.#prompt.fail(failure);
    else this.#status.show("error", failure.message, failure.detail);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    event.stopPropagation(); // notebooks have plans for single letters
    if (target.closest("input, textarea, dialog")) return;
    const what = action(event);
    if (what?.do === "undo" || what?.do === "redo") this.#do(what.do);
    else if (what?.do === "help") this.#help.open();
    else if (what?.do === "nth") this.#grid.toggle(what.index);
    else return;
    event.preventDefault();
  }
}
