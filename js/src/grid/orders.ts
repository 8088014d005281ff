// What the user asks for, as commands to the kernel: put together from the fields, the stars and what is drawn.

import type { CommandName, Spot } from "../protocol";
import { CommandError } from "../requests";
import type { Store } from "../store";
import type { ToolState } from "../tool_state";
import type { PromptView } from "./prompt";
import type { StatusView } from "./status";
import type { Toolbar } from "./toolbar";
import type { ToolsView, Typed } from "./tools";

const NO_STARS = "Nothing is starred yet: click the images you like, then evolve them.";

/** Where an order is read from, and where its errors are shown. */
interface Desk {
  hand: ToolState;
  prompt: PromptView;
  toolbar: Toolbar;
  tools: ToolsView;
  status: StatusView;
}

export class Orders {
  /** A warning stands in the status line. */
  warned = false;

  constructor(
    private readonly store: Store,
    private readonly desk: Desk,
  ) {}

  /** Take over the settings as typed. */
  commit(): void {
    const typed = this.#typed();
    if (!typed) return;
    const { prompt, steps, guidance } = typed;
    this.do("set", { prompt, steps, guidance });
  }

  generate(): void {
    const typed = this.#typed();
    if (typed) this.do("sample", typed);
  }

  async evolve(): Promise<void> {
    const typed = this.#typed();
    if (!typed || this.store.link !== "live") return;
    const starred = this.#starred;
    if (starred.length === 0 && !this.store.state?.parents.length) {
      this.desk.status.show("warning", NO_STARS);
      return;
    }
    // A pin on a starred image says which part of it is liked: the children are cut around the pins.
    const pinned = starred.filter((slot) => this.desk.hand.marks(slot).length > 0);
    try {
      for (const slot of pinned)
        await this.store.command("mark", { slots: [slot], mark: "star", at: this.#pins(slot) });
    } catch (error) {
      this.failed(error);
      return;
    }
    if (pinned.length > 0) this.#drawn("evolve", typed);
    else this.do("evolve", typed);
  }

  blend(): void {
    const typed = this.#typed();
    const slots = this.#starred;
    if (!typed || this.store.link !== "live") return;
    if (slots.length < 2) this.desk.status.show("warning", "Star at least two images to blend them.");
    else this.do("blend", { slots, ...typed });
  }

  /** Mutate, recombine or vary, whichever the tools offer. */
  apply(): void {
    const typed = this.#typed();
    const order = typed && this.desk.tools.order(typed);
    if (order) this.#drawn(...order);
  }

  vary(slot: number): void {
    const typed = this.#typed();
    if (typed) this.#drawn("mutate", { slot, n: typed.n });
  }

  do(name: CommandName, args: Record<string, unknown> = {}): void {
    this.#ask(name, args)?.catch((error: unknown) => this.failed(error));
  }

  failed(error: unknown): void {
    const failure = error instanceof CommandError ? error.failure : { message: String(error), detail: "" };
    if ("column" in failure) this.desk.prompt.fail(failure);
    else this.desk.status.show("error", failure.message, failure.detail);
  }

  /** Settings and number as typed; null, and a word in the status line, when they make no sense. */
  #typed(): Typed | null {
    const values = this.desk.toolbar.values();
    if (typeof values !== "string") return { ...values, prompt: this.desk.prompt.value };
    this.desk.status.show("error", values);
    return null;
  }

  get #starred(): number[] {
    const { store } = this;
    return store.cells.filter((cell) => store.markOf(cell) === "star").map((cell) => cell.slot);
  }

  /** The spots marked on an image; of a stroke, where it began. */
  #pins(slot: number): Spot[] {
    return this.desk.hand
      .marks(slot)
      .flatMap((mark) => (mark.kind === "pin" ? [mark.at] : mark.points.slice(0, 1)));
  }

  /** A command made of what is drawn. Once the kernel has taken it, the hand is empty; if it refuses, nothing is lost. */
  #drawn(name: CommandName, args: Record<string, unknown>): void {
    const done = (): void => {
      this.desk.hand.clear();
      this.desk.hand.choose("select");
    };
    this.#ask(name, args)?.then(done, (error: unknown) => this.failed(error));
  }

  #ask(name: CommandName, args: Record<string, unknown>): Promise<unknown> | null {
    if (this.store.link !== "live") return null;
    // A warning, as about words the model has never read, holds for as long as the prompt it is about.
    const same = args.prompt === undefined || args.prompt === this.store.state?.settings.prompt;
    if (!this.warned || !same) this.desk.status.show("info", "");
    this.warned &&= same;
    return this.store.command(name, args);
  }
}
