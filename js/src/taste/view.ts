// What the session has learned of the user's taste, how far that goes, and a question whose answer teaches it more.
import { button, div, draw, h, hide, modified, on, option, refill, set, text, trace } from "../dom";
import type { Channel, Common } from "../panel/channel";
import { PanelView } from "../panel/view";
import { Leverage } from "./leverage";
import { type Plane, planeView } from "./plane";
import { type Ask, questionView } from "./question";

interface Liked {
  slot: number;
  mean: number;
  deviation: number;
}
export interface Foretold {
  batch: number;
  auc: number;
  hits: number;
  chance: number;
}
export interface Report {
  summary: string;
  sees: string;
  stars: number;
  comparisons: number;
  auc: number | null;
  used: boolean;
  foretold: Foretold[];
  likes: Liked[];
  question: number[];
}
export interface TasteState extends Common {
  report: Report | null;
  why: string;
  /** How many a question is about. */
  of: number;
  can_undo: boolean;
  /** What Suggest can choose by, with what it costs. */
  ways: (readonly [how: string, words: string])[];
  plane: Plane;
}

const SUGGESTED = 12;
/** Above this mean AUC a taste is used, see evolve/trust.py; guessing has one half. */
const ENOUGH = 0.6;

export class TasteView extends PanelView<TasteState> {
  readonly #summary = h("p", "gw-taste-summary");
  readonly #sure = div("taste-sure");
  readonly #score = div("taste-score");
  readonly #last = h("p", "gw-quiet gw-taste-last");
  readonly #likes = h("ol", "gw-taste-likes");
  readonly #question: ReturnType<typeof questionView>;
  readonly #plane: ReturnType<typeof planeView>;
  readonly #how = h("select", { class: "gw-number-input", label: "What it is chosen by" });
  readonly #suggest: HTMLButtonElement;
  readonly #grid: HTMLButtonElement;
  readonly #sections: HTMLElement;
  #report: Report | null | undefined;

  constructor(channel: Channel<TasteState>, signal: AbortSignal) {
    super(channel, "taste", "Taste", signal);
    // Pressed too early, it says what is missing.
    const suggest = { class: "gw-button gw-taste-suggest" };
    this.#suggest = h("button", suggest, `Suggest ${SUGGESTED}`);
    const suggested = (): void => void this.ask("suggest", { n: SUGGESTED, how: this.#how.value || "taste" });
    on(this.#suggest, "click", suggested, signal);
    const ask: Ask = (...of) => this.ask(...of);
    const picture = (slot: number, alt: string): HTMLElement => this.#picture(slot, alt);
    const leverage = new Leverage(ask, signal);
    this.#question = questionView(ask, picture, signal);
    this.#plane = planeView(ask, picture, (slot) => this.go(slot), signal);
    const section = (title: string, ...children: HTMLElement[]): HTMLElement =>
      h("section", "gw-taste-section", h("h3", "gw-taste-title", title), ...children);
    this.#sections = div(
      "taste-sections",
      section("What it likes", this.#likes),
      section("How well it foretold each batch", this.#score, this.#last),
    );
    this.asks.push(this.#suggest, this.#how, this.#question.el, this.#plane.el, leverage.button);
    this.#grid = button("taste-grid", "Open the grid", () => this.go(), signal);
    const head = div("taste-head", this.#summary, this.#grid, div("line", this.#suggest, this.#how));
    this.body.append(
      head,
      this.status.el, // below all else it would be out of sight
      this.#sure,
      section("Which one is the best?", this.#question.el),
      this.#sections,
      section("Between three favourites", this.#plane.el),
      section("What moves the picture", leverage.el),
    );
  }

  protected show(state: TasteState): void {
    const { report, ways } = state;
    text(this.#summary, report?.summary ?? state.why);
    set(this.#suggest, { off: !report?.stars });
    ways.forEach((way, i) => {
      const known = this.#how.options[i];
      if (known) text(known, way[1]);
      else this.#how.append(option(...way));
    });
    hide(this.#how, !report?.stars);
    hide(this.#grid, Boolean(report?.stars) || !this.tabbed);
    hide(this.#sections, !report?.comparisons);
    this.#showSure(report);
    this.#plane.update(state.plane);
    if (report !== this.#report) {
      this.#showLikes(report?.likes ?? []);
      this.#showScore(report?.foretold ?? []);
      this.#question.update(report?.question ?? [], state.of, state.can_undo);
    }
    this.#report = report; // frames bring the same one again
    void this.paint([]);
  }

  override async paint(_numbers: readonly number[]): Promise<void> {
    for (const img of this.body.querySelectorAll<HTMLImageElement>("img[data-slot]")) {
      const url = this.channel.pictures.url(Number(img.dataset.slot));
      if (url && img.getAttribute("src") !== url) set(img, { src: url });
    }
  }

  protected override key(event: KeyboardEvent): boolean {
    return !modified(event) && (this.#plane.key(event) || this.#question.key(event));
  }

  /** The scale from guessing to always right, with where it is and where it would be used. */
  #showSure(report: Report | null): void {
    const auc = report?.auc ?? null;
    hide(this.#sure, auc === null);
    if (auc === null) return;
    const at = (value: number): string => `${Math.max(0, Math.min(1, 2 * (value - 0.5))) * 100}%`;
    const fill = h("span", "gw-taste-fill");
    fill.style.width = at(auc);
    const tick = h("span", { class: "gw-taste-tick", title: "From here on suggestions go by it" });
    tick.style.left = at(ENOUGH);
    const bar = h("span", "gw-taste-bar", fill, tick);
    set(bar, {
      role: "meter",
      label: "How often it is right about a starred image and another",
      "aria-valuemin": 50,
      "aria-valuemax": 100,
      "aria-valuenow": Math.round(100 * auc),
      "aria-valuetext": `${Math.round(100 * auc)} percent; guessing has 50`,
    });
    const quiet = (said: string): HTMLElement => h("span", "gw-quiet", said);
    refill(this.#sure, quiet("guessing"), bar, quiet("always right"));
  }

  #showLikes(likes: readonly Liked[]): void {
    const low = Math.min(...likes.map((one) => one.mean - one.deviation), 0);
    const high = Math.max(...likes.map((one) => one.mean + one.deviation), low + 1e-6);
    const at = (value: number): number => (100 * (value - low)) / (high - low);
    refill(
      this.#likes,
      ...likes.map(({ slot, mean, deviation }) => {
        const range = draw("svg", { viewBox: "0 0 100 8", class: "gw-taste-range", silent: true });
        const [from, to] = [at(mean - deviation), at(mean + deviation)];
        range.append(trace(`M${from} 4H${to}`), draw("circle", { cx: at(mean), cy: 4, r: 3 }));
        const said = `liked ${mean.toFixed(1)}, give or take ${deviation.toFixed(1)}`;
        return h(
          "li",
          { title: `Image ${slot}: ${said}` },
          this.#picture(slot, `Image ${slot}, ${said}`),
          range,
          h("span", "gw-quiet", String(slot)),
        );
      }),
    );
  }

  /** One column per batch, from guessing upwards or downwards. */
  #showScore(foretold: readonly Foretold[]): void {
    const last = foretold.at(-1);
    const width = 14 * Math.max(foretold.length, 8);
    const chart = draw("svg", {
      viewBox: `0 0 ${width} 60`,
      class: "gw-taste-chart",
      role: "img",
      label: foretold.map((one) => `batch ${one.batch}: ${Math.round(100 * one.auc)} percent`).join(", "),
    });
    foretold.forEach((one, i) => {
      const top = 60 - 60 * Math.max(one.auc, 0.5);
      const height = Math.max(60 * Math.abs(one.auc - 0.5), 1);
      const kind = one.auc > ENOUGH ? "gw-taste-good" : "gw-taste-poor";
      chart.append(draw("rect", { x: 14 * i + 2, y: top, width: 10, height, class: kind }));
    });
    chart.append(trace(`M0 30H${width}`, "gw-taste-chance"));
    const none = h("p", "gw-quiet", "It takes stars in two batches to tell.");
    refill(this.#score, foretold.length > 0 ? chart : none);
    const chance = last ? `; guessing would have got ${last.chance.toFixed(1)}` : "";
    text(
      this.#last,
      last ? `Last batch: of the three it ranked first, you starred ${last.hits}${chance}.` : "",
    );
  }

  #picture(slot: number, alt: string): HTMLImageElement {
    return h("img", { class: "gw-taste-picture", "data-slot": slot, alt, draggable: "false" });
  }
}
