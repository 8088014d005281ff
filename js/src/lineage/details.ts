// What there is to say of one candidate: its picture, how it came to be, what changed from each parent, its relatives.
import { div, h, on, refill, text } from "../dom";
import { plural } from "../format";
import type { Graph } from "./graph";

export interface Changes {
  settings: [name: string, before: string, after: string][];
  prompt: ["same" | "gone" | "new", string][];
  /** Share of the places of the latent with the same noise; null where the sizes differ. */
  noise: number | null;
}
export interface Details {
  slot: number;
  w: number;
  h: number;
  hash: string;
  operator: string;
  seed: string;
  parameters: [name: string, value: string][];
  prompt: string;
  /** Whose starting noise it has. */
  noise: string;
  settings: [name: string, value: string][];
  parents: { slot: number | null; hash: string; changes: Changes | null }[];
}

const MOST_CHIPS = 24;

/** A prompt with what went and what came. */
export function pieces(prompt: Changes["prompt"]): HTMLElement {
  const tag = { same: "span", gone: "del", new: "ins" } as const;
  return h("p", "gw-lineage-prompt", ...prompt.map(([kind, words]) => h(tag[kind], {}, words)));
}

/** What changed, as a list of a few short lines. */
export function changesList(changes: Changes): HTMLElement {
  const list = h("dl", "gw-lineage-facts");
  for (const [name, before, after] of changes.settings)
    list.append(h("dt", {}, name), h("dd", {}, h("del", {}, before), " → ", h("ins", {}, after)));
  if (changes.noise !== null && changes.noise > 0) {
    const share = changes.noise === 1 ? "all of it" : `${Math.round(changes.noise * 100)} % of it`;
    list.append(h("dt", {}, "starting noise"), h("dd", {}, `${share} the same`));
  }
  const box = h("div", {}, ...(changes.prompt.length > 0 ? [pieces(changes.prompt)] : []));
  if (list.childElementCount > 0) box.append(list);
  else if (changes.prompt.length === 0) box.append(h("p", "gw-quiet", "the same words and settings"));
  return box;
}

export class DetailsView {
  readonly el = div("lineage-details");

  constructor(jump: (slot: number) => void, signal: AbortSignal) {
    const press = (event: MouseEvent): void => {
      const chip = (event.target as HTMLElement).closest<HTMLElement>(".gw-lineage-chip");
      if (chip) jump(Number(chip.dataset.slot));
    };
    on(this.el, "click", press, signal);
  }

  empty(words: string): void {
    refill(this.el, h("p", "gw-quiet", words));
  }

  show(graph: Graph, node: number, details: Details | null, picture: string | null, marks: string): void {
    const operator = graph.operators[node] as string;
    const slot = graph.slots[node] as number;
    const dot = h("span", "gw-lineage-dot");
    dot.style.background = graph.colour(operator);
    const title = h("h3", "gw-lineage-title", dot, `${slot} · ${operator}`, h("span", "gw-quiet", marks));
    refill(this.el, title);
    if (picture)
      this.el.append(h("img", { class: "gw-lineage-picture", src: picture, alt: `Image ${slot}` }));
    if (details) this.#tell(details);
    const near = (title: string, nodes: Iterable<number>): void => {
      const all = [...nodes].sort((a, b) => a - b);
      if (all.length > 0)
        this.el.append(
          this.#chips(
            title,
            all.map((i) => graph.slots[i] as number),
          ),
        );
    };
    near("Children", graph.children[node] ?? []);
    const own = new Set(graph.parents[node]);
    near(
      "Earlier ancestors",
      [...graph.ancestors(node)].filter((i) => !own.has(i)),
    );
    if (details) {
      const facts = [
        ...details.settings,
        ...details.parameters,
        ["seed", details.seed],
        ["content", details.hash],
      ] as const;
      const list = h("dl", "gw-lineage-facts");
      for (const [name, value] of facts) list.append(h("dt", {}, name), h("dd", {}, value));
      this.el.append(h("details", {}, h("summary", {}, "All settings"), list));
    }
  }

  #tell(details: Details): void {
    const line = h("p", "gw-lineage-prompt");
    text(line, details.prompt || "no prompt");
    this.el.append(line, details.noise);
    for (const { slot, hash, changes } of details.parents.slice(0, 8)) {
      const name = slot === null ? h("span", {}, `${hash} (elsewhere)`) : this.#chip(slot);
      const part = h("section", "gw-lineage-edge", h("h4", {}, "From ", name));
      if (changes) part.append(changesList(changes));
      this.el.append(part);
    }
  }

  #chip(slot: number): HTMLButtonElement {
    return h("button", { class: "gw-lineage-chip", "data-slot": slot }, String(slot));
  }

  #chips(title: string, slots: readonly number[]): HTMLElement {
    const more = slots.length - MOST_CHIPS;
    const shown = more > 0 ? slots.slice(-MOST_CHIPS) : slots;
    const head = h("h4", {}, more > 0 ? `${title}, the newest of ${plural(slots.length, "image")}` : title);
    return h(
      "section",
      "gw-lineage-relatives",
      head,
      div("lineage-chips", ...shown.map((s) => this.#chip(s))),
    );
  }
}
