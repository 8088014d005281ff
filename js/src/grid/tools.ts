// The quiet row above the grid: select, pin, brush; the status line; and, once a tool is in hand, its size and what it
// can do. It keeps its height: nothing moves when a tool is taken up.
import { button, div, field, group, h, hasFocus, hide, icon, on, set, text } from "../dom";
import * as ICON from "../icons";
import type { CommandName, Pick, Place } from "../protocol";
import type { Store } from "../store";
import { LARGEST, SMALLEST, type Tool, type ToolState } from "../tool_state";

export interface ToolsHost {
  /** Mutate, recombine or vary, whichever is offered. */
  apply(): void;
  /** The row is about to lose a button that has the keyboard. */
  leave(): void;
}
/** Number of images and settings as they stand in the fields. */
export type Typed = { n: number; prompt: string; steps: number; guidance: number };
export type Offer = { do: "mutate" | "recombine"; slots: number[] } | { do: "vary"; slots: number[] } | null;

const TOOLS: readonly (readonly [tool: Tool, label: string, drawing: string])[] = [
  ["select", "Select (S)", ICON.select],
  ["pin", "Pin spots (P)", ICON.pin],
  ["brush", "Brush regions (B)", ICON.brush],
];

export class ToolsView {
  readonly el: HTMLElement;
  readonly #buttons: (readonly [Tool, HTMLElement])[];
  /** What asks the kernel for something. */
  readonly asks: readonly HTMLElement[];
  readonly #all: HTMLElement;
  readonly #extra: HTMLElement;
  readonly #act: HTMLElement;
  readonly #radius = h("input", {
    type: "range",
    class: "gw-radius",
    min: 100 * SMALLEST,
    max: 100 * LARGEST,
    step: 1,
    title: "Size ([ and ])",
  });
  readonly #size: HTMLElement;
  readonly #remove: HTMLElement;
  readonly #lock: HTMLElement;
  readonly #apply: HTMLElement;
  readonly #kept = h("span");
  readonly #label = h("span");
  readonly #count = h("span", "gw-count");

  constructor(
    private readonly store: Store,
    private readonly tools: ToolState,
    private readonly host: ToolsHost,
    /** What else stands in the row: the status line, and a button beside which nothing is drawn. */
    status: HTMLElement,
    blend: HTMLElement,
    signal: AbortSignal,
  ) {
    this.#buttons = TOOLS.map(([tool, label, drawing]) => {
      const word = h("span", {}, label.split(" ")[0] ?? "");
      return [tool, button(`tool-${tool}`, label, () => tools.choose(tool), signal, icon(drawing), word)];
    });
    const back = "Take the last mark back (Backspace)";
    this.#remove = button("remove", back, () => tools.remove(), signal, icon(ICON.back));
    const rest = "Keep the rest of the picture (K)";
    this.#lock = button("lock", rest, () => tools.toggleLock(), signal, icon(ICON.lock), this.#kept);
    this.#apply = button("apply gw-main", "", () => host.apply(), signal, this.#label, this.#count);
    set(this.#apply, { label: null }); // what it does changes
    on(this.#radius, "input", () => (tools.radius = this.#radius.valueAsNumber / 100), signal);
    this.#all = group("tool-group gw-tools", "Tools", ...this.#buttons.map(([, el]) => el));
    this.#size = field("Size", this.#radius);
    this.#extra = div("extra", this.#size, this.#remove);
    this.#act = div("act", this.#lock, this.#apply);
    this.asks = [this.#all, this.#extra, this.#act, blend];
    this.el = div("tool-row", this.#all, status, this.#extra, this.#act, blend);
  }

  /** What can be done with what is drawn; without anything drawn, the one favourite can be varied. */
  get offer(): Offer {
    const { slots } = this.tools;
    if (slots.length > 0) return { do: slots.length === 1 ? "mutate" : "recombine", slots };
    const starred = this.store.starred.filter((cell) => cell.phase === "done");
    const [only] = starred;
    return only && starred.length === 1 ? { do: "vary", slots: [only.slot] } : null;
  }

  /** The command that does what is offered; null where nothing is. */
  command(typed: Typed): [name: CommandName, args: Record<string, unknown>] | null {
    const { offer, tools } = this;
    const [slot] = offer?.slots ?? [];
    if (!offer || slot === undefined) return null;
    if (offer.do === "vary") return ["mutate", { slot, n: typed.n }];
    const place = (which: number): Place => {
      const cell = this.store.cell(which);
      return tools.place(which, cell?.w ?? 1, cell?.h ?? 1);
    };
    if (offer.do === "recombine") {
      const picks = offer.slots.map((which): Pick => ({ slot: which, ...place(which) }));
      return ["recombine", { picks, ...typed }];
    }
    const args = { slot, ...place(slot), radius: tools.pinRadius, n: typed.n, lock: tools.lock };
    return ["mutate", args];
  }

  /** What to do next with the tool in hand, in a sentence. */
  get advice(): string {
    const { busy, slots, tool } = this.tools;
    if (!busy) return "";
    if (slots.length > 1) return `Recombine joins the marked parts of ${slots.length} images.`;
    if (slots.length === 1)
      return "Mutate here repaints it, by its own words. Mark a second image to join parts of both.";
    return `${tool === "brush" ? "Paint over" : "Click"} what is to change, or parts of several images to join them.`;
  }

  /** Where the crosshair is, for those who don't see it. */
  get spoken(): string {
    const { cursor } = this.tools;
    if (!cursor) return "";
    const [x, y] = cursor.at.map((share) => Math.round(100 * share));
    return `${cursor.down ? "Painting" : "Crosshair"} at ${x} percent across, ${y} down`;
  }

  update(): void {
    const { tools, offer } = this;
    for (const [tool, el] of this.#buttons) set(el, { pressed: tools.tool === tool });
    if (!tools.busy && (hasFocus(this.#extra) || hasFocus(this.#act))) this.host.leave();
    const none = this.store.cells.length === 0;
    hide(this.#all, none);
    for (const el of [this.#extra, this.#act]) hide(el, none || !tools.busy);
    const percent = Math.round(100 * tools.radius);
    if (this.#radius.valueAsNumber !== percent) this.#radius.value = String(percent);
    const name = tools.tool === "brush" ? "Size of the brush" : "Size of the spot";
    set(this.#radius, { label: name, "aria-valuetext": `${percent} % of the shorter side` });
    set(this.#remove, { off: tools.slots.length === 0 });
    set(this.#lock, { pressed: tools.lock, hidden: offer?.do === "recombine" });
    set(this.#lock, { off: offer?.do === "vary" });
    text(this.#kept, `Keep the rest: ${tools.lock ? "on" : "off"}`);
    set(this.#apply, { off: offer === null, title: this.#explain(offer) });
    text(this.#label, WORD[offer?.do ?? "mutate"]);
    text(this.#count, offer && offer.do !== "mutate" ? String(offer.slots.length) : "");
    hide(this.#count, offer?.do !== "recombine");
  }

  #explain(offer: Offer): string {
    if (offer === null) return "Mark a spot on an image first";
    const named = offer.slots.join(", ");
    if (offer.do === "mutate") return `New versions of the marked part of ${named} (M)`;
    if (offer.do === "recombine") return `Put the marked parts of ${named} together (M)`;
    return `New versions of the whole of ${named} (M)`;
  }
}

const WORD = { mutate: "Mutate here", recombine: "Recombine", vary: "Vary" } as const;
