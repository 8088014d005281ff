// The saliency view: what is looked at and how, words to find, a brush to say where to look.
import { amiss, button, div, field, group, h, hide, modified, number, on, set, text } from "../dom";
import type { Channel } from "../panel/channel";
import { offer } from "../panel/choice";
import { PanelView } from "../panel/view";
import type { Spot } from "../protocol";
import { paint, type Stroke } from "../region";
import { brush } from "./brush";
import { check, slider, tabs } from "./controls";
import { gradient } from "./map";
import { stage } from "./stage";
import { legend, type SaliencyState, SOURCES, shares } from "./words";

const PICTURE = 0;
const MAP = 1;
export class SaliencyView extends PanelView<SaliencyState> {
  readonly #stage = stage();
  readonly #sources = group("saliency-tabs", "Source");
  readonly #words = group("saliency-tabs", "Where is");
  readonly #choice = h("select", { class: "gw-number-input gw-saliency-choice", label: "Image" });
  readonly #legend = h("p", "gw-saliency-legend");
  readonly #scale: HTMLElement;
  readonly #list = h("p", "gw-saliency-list");
  readonly #empty = this.invitation("No picture yet: make some, then see here where each draws the eye.");
  readonly #main: HTMLElement;
  readonly #opacity: HTMLInputElement;
  readonly #radius: HTMLInputElement;
  readonly #show: Record<"contour" | "boxes" | "beside" | "grey", HTMLInputElement>;
  readonly #brush: HTMLButtonElement;
  readonly #use: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  readonly #optimise: HTMLButtonElement;
  readonly #steps = number("", { min: 1, max: 1000, value: 20, label: "Updates" });
  #state: SaliencyState | null = null;
  #strokes: Stroke[] = [];
  #painting = false;

  constructor(channel: Channel<SaliencyState>, signal: AbortSignal) {
    super(channel, "saliency", "Look", signal);
    const redraw = (): void => this.#redraw();
    this.#opacity = slider("Opacity", [0, 1, 0.7], redraw, signal);
    this.#radius = slider("Brush", [0.02, 0.4, 0.12], redraw, signal);
    this.#show = {
      contour: check("Contour", true, redraw, signal),
      boxes: check("Boxes", true, redraw, signal),
      grey: check("Grey picture", true, redraw, signal),
      beside: check("Side by side", false, redraw, signal),
    };
    this.#brush = button("saliency-brush", "Paint", () => this.#paints(!this.#painting), signal);
    this.#clear = button("saliency-clear", "Clear", () => this.#wipe(), signal);
    this.#use = button("saliency-use", "Look here", () => this.#send(), signal);
    this.#optimise = button("saliency-optimise", "Optimise the bright parts", () => this.#start(), signal);
    this.#scale = h("span", { class: "gw-saliency-scale", silent: true });
    this.#scale.style.background = gradient();
    on(this.#choice, "change", () => void this.ask("show", { slot: Number(this.#choice.value) }), signal);
    const begin = (spot: Spot): Stroke | null => {
      if (!this.#painting) return null;
      const stroke = { radius: Number(this.#radius.value) / 2, points: [spot] };
      this.#strokes.push(stroke);
      return stroke;
    };
    brush(this.#stage.el, begin, redraw, signal);
    const sliders = div(
      "line",
      field("Opacity", this.#opacity),
      ...Object.values(this.#show).map((box) => h("label", "gw-saliency-check", box, box.name)),
    );
    const brushes = div("line", this.#brush, field("Brush", this.#radius), this.#use, this.#clear);
    const go = div("line", this.#optimise, field("Updates", this.#steps));
    const key = div("saliency-key", h("span", {}, "0"), this.#scale, h("span", {}, "max"));
    const left = div("saliency-left gw-side", this.#stage.both, key, this.#legend, this.#list);
    const image = field("Image", this.#choice);
    this.asks.push(image, this.#sources, this.#words, brushes, go);
    const right = div("saliency-right gw-side", image, this.#sources, this.#words, sliders, brushes, go);
    this.#main = div("saliency-main", left, right);
    this.body.append(this.#empty, this.#main);
  }

  override about(slot: number): void {
    this.channel.command("show", { slot }).catch((error) => this.failed(error));
  }

  protected show(state: SaliencyState): void {
    this.#state = state;
    const there = state.candidate !== null;
    hide(this.#empty, there);
    hide(this.#main, !there);
    if (!there) return;
    const seen = state.map;
    set(this.el, {
      "data-source": state.source,
      "data-kind": seen?.kind ?? null,
      "data-looking": state.looking,
      "data-boxes": seen?.boxes.length ?? 0,
      "data-shown": seen?.candidate ?? null,
    });
    offer(this.#choice, state.choices, state.candidate);
    const choose = (source: string): void => void this.ask("source", { source });
    tabs(this.#sources, SOURCES, state.source, choose, this.signal);
    const words = state.words.map((word): [string, string] => [`word:${word}`, word]);
    tabs(this.#words, words, state.source, choose, this.signal);
    text(this.#legend, legend(state));
    text(this.#list, shares(seen));
    set(this.#stage.el, { label: [this.#legend.textContent, this.#list.textContent].join(". ") });
    this.#redraw();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    const { pictures } = this.channel;
    const url = pictures.url(PICTURE);
    if (url && numbers.includes(PICTURE)) this.#stage.put(url);
    const blob = pictures.blob(MAP);
    if (blob && numbers.includes(MAP) && (await this.#stage.read(blob))) this.#redraw();
  }

  protected override key(event: KeyboardEvent): boolean {
    if (modified(event)) return false;
    switch (event.key) {
      case "p":
        return this.#paints(!this.#painting);
      case "c":
        return this.#flip("contour");
      case "b":
        return this.#flip("boxes");
      case "v":
        return this.#flip("beside");
      case "Escape":
        return this.#painting && this.#paints(false);
      case "Enter":
        if (this.#strokes.length === 0 || (event.target as HTMLElement).closest("button")) return false;
        this.#send();
        return true;
      case "+":
      case "-":
        this.#opacity.stepUp(event.key === "+" ? 10 : -10);
        this.#redraw();
        return true;
    }
    return false;
  }

  #flip(name: "contour" | "boxes" | "beside"): boolean {
    this.#show[name].checked = !this.#show[name].checked;
    this.#redraw();
    return true;
  }

  #redraw(): void {
    const seen = this.#state?.map ?? null;
    const { contour, boxes, grey, beside } = this.#show;
    this.#stage.draw({
      opacity: Number(this.#opacity.value),
      contour: contour.checked ? seen : null,
      boxes: boxes.checked ? seen : null,
      strokes: this.#strokes,
      grey: grey.checked,
      beside: beside.checked,
      painting: this.#painting,
    });
    set(this.#use, { off: !this.#strokes.length });
    set(this.#clear, { off: !this.#strokes.length });
    set(this.#brush, { pressed: this.#painting });
    set(this.el, { "data-strokes": this.#strokes.length, "data-ready": this.#stage.levels !== null });
  }

  #paints(painting: boolean): boolean {
    this.#painting = painting;
    this.#redraw();
    return true;
  }
  #wipe(): void {
    this.#strokes = [];
    this.#redraw();
  }
  #send(): void {
    const { levels } = this.#stage;
    if (!levels || this.#strokes.length === 0) return;
    void this.ask("paint", { region: paint(this.#strokes, levels.w, levels.h) });
    this.#strokes = [];
    this.#paints(false);
  }
  #start(): void {
    const wrong = amiss(this.#steps);
    if (wrong) this.status.show("error", wrong);
    else void this.ask("optimise", { steps: this.#steps.valueAsNumber });
  }
}
