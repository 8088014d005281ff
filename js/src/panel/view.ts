// The frame of every panel: a root with the theme's variables, a heading, room for the panel, and the status line.
import { boxOf, button, div, h, hasFocus, hide, on, prevent, set, text } from "../dom";
import { describe } from "../format";
import { type StatusView, statusView } from "../grid/status";
import { type Answer, CommandError } from "../requests";
import type { Channel, Common, Link, View } from "./channel";
import type { Health } from "./pulse";

const STATIC = "No kernel answers here: run the notebook to go on.";
/** What is wrong, and what to do. */
const TROUBLE: Partial<Record<Link, string>> = {
  closed: "Closed: run its cell again to go on.",
  gone: "This widget lost its kernel: its buttons do nothing. To go on, run its cell again and press “Open it”.",
  offline:
    "Not connected to the notebook's server. Work goes on in the kernel; it shows here once the connection is back.",
};
const WAITS: Partial<Record<Health, string>> = {
  busy: "The kernel is busy with a cell: what you asked for comes after it.",
  silent: "No answer from the kernel yet: it is busy with a cell, or no longer there.",
};

/** A view inside the workbench asks for the grid with this event. */
export const GO = "gw-go";
const FIRST_IMAGES = 12;

export abstract class PanelView<S extends Common, C extends Channel<S> = Channel<S>> implements View {
  /** `.gw-root.gw-panel.gw-<kind>`: all CSS of the panel begins with `.gw-<kind>`. */
  readonly el: HTMLElement;
  /** Where the panel builds what it shows. */
  protected readonly body: HTMLElement;
  protected readonly status: StatusView;
  /** What asks the kernel for something: off, and it looks it, while nobody hears. */
  protected readonly asks: Element[] = [];
  /** How many a command makes: in the workbench, as many as its grid would. */
  images = FIRST_IMAGES;
  readonly #banner = h("p", { class: "gw-banner", role: "status", hidden: true });
  #waits = "";
  #trouble = "";

  constructor(
    protected readonly channel: C,
    kind: string,
    label: string,
    /** Ends with the view; give it to every listener. */
    protected readonly signal: AbortSignal,
  ) {
    this.status = statusView(signal);
    this.body = div("panel-body");
    const attributes = {
      class: `gw-root gw-panel gw-${kind}`,
      tabindex: -1,
      role: "group",
      label: label,
      "data-lm-suppress-shortcuts": "true",
    };
    this.el = h("div", attributes, this.#banner, this.body, this.status.el);
    if (!/workbench|study/.test(kind)) this.#banner.after(h("h2", "gw-panel-title", label));
    const key = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      const typing = target.closest(
        "input:not([type=range], [type=checkbox], [type=radio]), textarea, select",
      );
      const used = !typing && this.key(event);
      if (used) prevent(event);
      // Notebooks have plans for single letters; the workbench around a panel has some, too.
      if (used || !this.tabbed) event.stopPropagation();
    };
    on(this.el, "keydown", key, signal);
    // Whoever clicks what does nothing is told why, where the eye is.
    on(this.el, "click", () => this.#trouble && this.status.show("error", this.#trouble), signal);
  }

  /** Redraw everything but pictures; called with every new state, and on every change of link or busyness. */
  protected abstract show(state: S): void;

  /** A key pressed anywhere but in a text field; says whether it meant something. */
  protected key(_event: KeyboardEvent): boolean {
    return false;
  }

  /** Pictures of these numbers are new: `this.channel.pictures.url(number)`. Resolves when they are on the screen. */
  async paint(_numbers: readonly number[]): Promise<void> {}

  /** Send a command; errors go to the status line. Resolves to null where it was refused or nobody is there. */
  protected async ask(
    name: string,
    args: Record<string, unknown> = {},
    buffers?: ArrayBuffer[],
  ): Promise<Answer | null> {
    if (!this.channel.live) return null;
    try {
      return await this.channel.command(name, args, buffers);
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  /** What stands where there is nothing yet: a sentence, and a button that makes some pictures. */
  protected invitation(
    words = "",
    make = (): void => void this.ask("sample", { n: FIRST_IMAGES }),
  ): HTMLElement {
    const go = button("make", `Generate ${FIRST_IMAGES} images`, make, this.signal);
    return div("empty", h("p", {}, words), go);
  }

  /** Turn to a candidate: the panel may not have heard of its session yet. */
  about(_slot: number): void {}

  /** Turn to the workbench's grid, where this is in a tab of it: to a picture there. */
  protected go(slot?: number): void {
    this.el.dispatchEvent(new CustomEvent(GO, { bubbles: true, detail: slot }));
  }
  /** Whether this is in a tab of the workbench. */
  protected get tabbed(): boolean {
    return Boolean(this.el.parentElement?.closest(".gw-root"));
  }

  protected failed(error: unknown): void {
    const failure = error instanceof CommandError ? error.failure : { message: String(error), detail: "" };
    this.status.show("error", failure.message, failure.detail);
  }

  /** What the status line says while there is nothing to tell. */
  protected hint(): string {
    const { link, job } = this.channel;
    if (!job || link !== "live") return link === "static" ? STATIC : "";
    const elsewhere = this.tabbed && job.operator !== "optimize";
    return (elsewhere ? `Painting ${job.progress.n} in Grid: ` : "") + describe(job);
  }

  /** What is worked on that has no bar of its own, while an answer is late. */
  protected working(): string {
    return "Working …";
  }

  /** What is wrong stands at the top of what is in view: no host scrolls the page itself, so that CSS could do it. */
  readonly #place = (): void => {
    const { top, height } = boxOf(this.el);
    let edge = 0;
    for (let el = this.el.parentElement; el; el = el.parentElement) edge = Math.max(edge, boxOf(el).top);
    const down = Math.min(edge - top, height - this.#banner.offsetHeight);
    this.#banner.style.top = `${Math.max(0, down)}px`;
  };

  update(): void {
    const { link, state, health, job } = this.channel;
    const waits = health === "working" ? this.working() : (WAITS[health] ?? "");
    const trouble = TROUBLE[link] ?? "";
    if (this.#trouble && !trouble) this.status.show("info", "");
    if (!this.#trouble !== !trouble) {
      const { signal } = this;
      // The page is everybody's: it is listened to only as long as something is wrong.
      document.removeEventListener("scroll", this.#place, { capture: true });
      if (trouble) document.addEventListener("scroll", this.#place, { capture: true, passive: true, signal });
    }
    this.#trouble = trouble;
    set(this.el, {
      "data-state": link,
      "data-version": state?.version ?? null,
      "data-job": job?.state ?? "idle",
      "data-busy": waits !== "",
    });
    for (const el of this.asks) {
      const inert = link !== "live";
      if (inert && hasFocus(el)) this.el.focus(); // else what is typed next would be the notebook's
      set(el, { inert });
    }
    hide(this.#banner, !trouble);
    text(this.#banner, trouble);
    if (trouble) this.#place();
    if (waits !== this.#waits) {
      this.#waits = waits;
      this.status.show("info", trouble ? "" : waits);
    }
    this.status.tell(state?.notices.at(-1));
    if (state) this.show(state);
    this.status.hint(this.hint());
  }
}
