// The bar above the graph (what the colours mean, the filter, the zoom) and the one below that (what to do with images).
import { button, div, h, hide, icon, refill, set, text } from "../dom";
import * as ICON from "../icons";
import type { Graph, Layout } from "./graph";

type Press = () => void;

export class TopBar {
  readonly el: HTMLElement;
  readonly #legend = div("lineage-operators gw-line");
  readonly #only: HTMLButtonElement;

  constructor(press: { only: Press; out: Press; fit: Press; in: Press }, signal: AbortSignal) {
    this.#only = button("lineage-only", "Stars only", press.only, signal);
    const zoom = div(
      "lineage-zoom",
      button("lineage-out", "Smaller (−)", press.out, signal, "−"),
      button("lineage-fit", "Fit (0)", press.fit, signal, "Fit"),
      button("lineage-in", "Larger (+)", press.in, signal, "+"),
    );
    this.el = div("line", this.#legend, this.#only, zoom);
  }

  legend(graph: Graph, layout: Layout): void {
    const counts = new Map<string, number>();
    for (const column of layout.columns)
      for (const node of column.nodes) {
        const operator = graph.operators[node] as string;
        counts.set(operator, (counts.get(operator) ?? 0) + 1);
      }
    const entries = [...counts].map(([operator, n]) => {
      const dot = h("span", "gw-lineage-dot");
      dot.style.background = graph.colour(operator);
      return h("span", "gw-lineage-operator", dot, `${operator} ${n}`);
    });
    refill(this.#legend, ...entries);
  }

  update(starsOnly: boolean): void {
    set(this.#only, { pressed: starsOnly, title: "Starred images and their ancestors (F)" });
  }
}

export interface Possible {
  shown: boolean;
  /** There is a current image. */
  there: boolean;
  starred: boolean;
  picked: boolean;
  two: boolean;
  /** Numbers of the picked images. */
  picks: readonly (number | undefined)[];
}

export class Actions {
  readonly el: HTMLElement;
  readonly #star: HTMLButtonElement;
  readonly #vary: HTMLButtonElement;
  readonly #pick: HTMLButtonElement;
  readonly #compare: HTMLButtonElement;
  readonly #evolve: HTMLButtonElement;
  readonly #picked = h("span", "gw-quiet");

  constructor(
    press: { star: Press; vary: Press; pick: Press; compare: Press; evolve: Press },
    signal: AbortSignal,
  ) {
    this.#star = button("lineage-star", "Star", press.star, signal, icon(ICON.star, true));
    this.#vary = button("lineage-vary", "Vary", press.vary, signal);
    this.#pick = button("lineage-pick", "Pick", press.pick, signal);
    this.#compare = button("lineage-compare", "Compare", press.compare, signal);
    this.#evolve = button("lineage-evolve", "Evolve", press.evolve, signal);
    const buttons = [this.#star, this.#vary, this.#pick, this.#compare, this.#evolve];
    this.el = div("lineage-actions gw-line", ...buttons, this.#picked);
  }

  update({ shown, there, starred, picked, two, picks }: Possible): void {
    const off = { off: !there };
    hide(this.el, !shown);
    set(this.#star, {
      pressed: starred,
      ...off,
      title: starred ? "Take the star back (Space)" : "Star (Space)",
    });
    set(this.#pick, { pressed: picked, ...off });
    set(this.#vary, { ...off, title: "Variations of this image (V)" });
    set(this.#compare, {
      off: !two,
      title: "The two picked last, or this one and the last picked (C)",
    });
    set(this.#evolve, { ...off, title: "Evolve the picked images, or this one alone (E)" });
    const names = picks.join(", ");
    text(this.#evolve, names ? `Evolve ${names}` : "Evolve");
    text(this.#picked, names ? `picked: ${names}` : "Shift + click picks another, to compare or to evolve");
  }
}
