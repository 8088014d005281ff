// What the user asks for, as commands to the kernel: put together from the fields, the stars and what is drawn.
import type { CommandName, Spot } from "../protocol";
import type { Answer } from "../requests";
import type { Store } from "../store";
import type { ToolState } from "../tool_state";
import { UNDONE } from "./generations";
import type { PromptView } from "./prompt";
import type { StatusView } from "./status";
import type { Action, Toolbar } from "./toolbar";
import type { ToolsView, Typed } from "./tools";

const NO_STARS = "Nothing is starred yet: click the images you like, then evolve them.";

/** Where a command is read from, and where its answer is shown. */
interface Parts {
  toolState: ToolState;
  prompt: PromptView;
  toolbar: Toolbar;
  toolsView: ToolsView;
  status: StatusView;
  /** Sends a command; resolves to null where it was refused, which the user has been told. */
  ask(name: CommandName, args: Record<string, unknown>): Promise<Answer | null>;
}

export class Commands {
  constructor(
    private readonly store: Store,
    private readonly parts: Parts,
  ) {}

  /** Take over the settings as typed. */
  commit(): void {
    const typed = this.#typed();
    if (!typed) return;
    const { prompt, steps, guidance } = typed;
    void this.do("set", { prompt, steps, guidance });
  }

  act(action: Action): void {
    void this[action]();
  }

  undo(): void {
    void this.do("undo");
  }

  redo(): void {
    void this.do("redo");
  }

  anew(): void {
    void this.do("anew");
  }

  async back(generation: number): Promise<void> {
    if (await this.do("back", { generation })) this.parts.status.show("info", UNDONE);
  }

  generate(): void {
    const typed = this.#typed();
    if (typed) void this.do("sample", { ...typed, ...this.parts.toolbar.of });
  }

  async evolve(): Promise<void> {
    const typed = this.#typed();
    if (!typed || !this.store.live) return;
    const starred = this.#starred;
    if (starred.length === 0 && !this.store.state?.parents.length) {
      this.parts.status.show("warning", NO_STARS);
      return;
    }
    // A pin on a starred image says which part of it is liked: the children are cut around the pins.
    const pinned = starred.filter((slot) => this.parts.toolState.marks(slot).length > 0);
    for (const slot of pinned)
      if (!(await this.parts.ask("mark", { slots: [slot], mark: "star", at: this.#pins(slot) }))) return;
    const { fresh } = this.parts.toolbar;
    // Evolve of an earlier generation names its stars: by itself it takes the newest.
    const named = this.store.earlier && starred.length > 0;
    const args = { ...typed, ...this.parts.toolbar.of, fresh, ...(named && { slots: starred }) };
    if (pinned.length > 0) void this.#drawn("evolve", args);
    else void this.do("evolve", args);
  }

  /** Blend the starred images. */
  blend(): void {
    const slots = this.#starred;
    if (slots.length > 1) this.join("blend");
    else if (this.store.live) this.parts.status.show("warning", "Star at least two images to blend them.");
  }

  /** Evolve or blend these, of whatever generations; or what else is made of several. */
  join(how: CommandName, slots: readonly number[] = this.#starred): void {
    const typed = this.#typed();
    const { fresh } = this.parts.toolbar;
    if (typed) void this.do(how, { slots, ...typed, ...(how === "evolve" && { fresh }) });
  }

  /** Mutate, recombine or vary, whichever the tools offer. */
  apply(): void {
    const typed = this.#typed();
    const command = typed && this.parts.toolsView.command(typed);
    if (command) void this.#drawn(...command);
  }

  vary(slot: number): void {
    const typed = this.#typed();
    if (typed) void this.#drawn("mutate", { slot, n: typed.n });
  }

  async do(name: CommandName, args: Record<string, unknown> = {}): Promise<Answer | null> {
    if (!this.store.live) return null;
    // A warning, as about words the model has never read, holds for as long as the prompt it is about.
    this.parts.status.clear(args.prompt === undefined || args.prompt === this.store.state?.settings.prompt);
    return this.parts.ask(name, args);
  }

  /** Settings and number as typed; null, and a word in the status line, when they make no sense. */
  #typed(): Typed | null {
    const values = this.parts.toolbar.values();
    if (typeof values !== "string") return { ...values, prompt: this.parts.prompt.value };
    this.parts.status.show("error", values);
    return null;
  }

  get #starred(): number[] {
    return this.store.starred.map((cell) => cell.slot);
  }

  /** The spots marked on an image; of a stroke, where it began. */
  #pins(slot: number): Spot[] {
    return this.parts.toolState
      .marks(slot)
      .flatMap((mark) => (mark.kind === "pin" ? [mark.at] : mark.points.slice(0, 1)));
  }

  /** A command made of what is drawn. Once the kernel has taken it, that is wiped away; if it refuses, nothing is lost. */
  async #drawn(name: CommandName, args: Record<string, unknown>): Promise<void> {
    if (await this.do(name, args)) this.parts.toolState.choose("select");
  }
}
