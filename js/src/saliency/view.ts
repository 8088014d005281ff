// The saliency view: overlay, contour, the boxes a loss used, words to find, a brush to say where to look.
import {
  button,
  draw,
  field,
  group,
  h,
  hide,
  modified,
  number,
  on,
  picture,
  refill,
  set,
  text,
} from "../dom";
import type { Channel } from "../panel/channel";
import { offer } from "../panel/choice";
import { PanelView } from "../panel/view";
import type { Spot } from "../protocol";
import { paint, type Stroke } from "../region";
import { brush } from "./brush";
import { check, slider, tabs } from "./controls";
import { gradient, overlay } from "./map";
import { type Levels, outlines, strokes } from "./marks";
import { legend, type SaliencyState, SOURCES, shares } from "./words";

const PICTURE = 0;
const MAP = 1;
export class SaliencyView extends PanelView<SaliencyState> {
  readonly #picture = picture("saliency-picture");
  readonly #plain = picture("saliency-picture");
  readonly #canvas = h("canvas", { class: "gw-saliency-map", silent: true });
  readonly #marks = draw("svg", {
    class: "gw-saliency-marks",
    preserveAspectRatio: "none",
    silent: true,
  });
  readonly #stage = h("div", { class: "gw-saliency-stage", tabindex: 0, role: "img" });
  readonly #beside = h("div", "gw-saliency-stage gw-saliency-beside", this.#plain);
  readonly #sources = group("saliency-tabs", "Source");
  readonly #words = group("saliency-tabs", "Where is");
  readonly #choice = h("select", { class: "gw-saliency-choice", label: "Image" });
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
  #levels: Levels | null = null;
  #strokes: Stroke[] = [];
  #painting = false;
  #turn = 0;

  constructor(channel: Channel<SaliencyState>, signal: AbortSignal) {
    super(channel, "saliency", "Saliency", signal);
    this.#stage.append(this.#picture, this.#canvas, this.#marks);
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
    this.#optimise = button("saliency-optimise", "Optimise what is salient", () => this.#start(), signal);
    this.#scale = h("span", { class: "gw-saliency-scale", silent: true });
    this.#scale.style.background = gradient();
    on(this.#choice, "change", () => void this.ask("show", { slot: Number(this.#choice.value) }), signal);
    const begin = (spot: Spot): Stroke | null => {
      if (!this.#painting) return null;
      const stroke = { radius: Number(this.#radius.value) / 2, points: [spot] };
      this.#strokes.push(stroke);
      return stroke;
    };
    brush(this.#stage, begin, redraw, signal);
    const sliders = h(
      "div",
      "gw-saliency-row",
      field("Opacity", this.#opacity),
      ...Object.values(this.#show).map((box) => h("label", "gw-saliency-check", box, box.name)),
    );
    const brushes = h(
      "div",
      "gw-saliency-row",
      this.#brush,
      field("Brush", this.#radius),
      this.#use,
      this.#clear,
    );
    const go = h("div", "gw-saliency-row", this.#optimise, field("Updates", this.#steps));
    const stages = h("div", "gw-saliency-stages", this.#beside, this.#stage);
    const key = h("div", "gw-saliency-key", h("span", {}, "0"), this.#scale, h("span", {}, "max"));
    const left = h("div", "gw-saliency-left", stages, key, this.#legend, this.#list);
    const right = h(
      "div",
      "gw-saliency-right",
      field("Image", this.#choice),
      this.#sources,
      this.#words,
      sliders,
      brushes,
      go,
    );
    this.#main = h("div", "gw-saliency-main", left, right);
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
    const live = this.channel.live;
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
    tabs(this.#sources, SOURCES, state.source, live, choose, this.signal);
    const words = state.words.map((word): [string, string] => [`word:${word}`, word]);
    tabs(this.#words, words, state.source, live, choose, this.signal);
    text(this.#legend, legend(state));
    text(this.#list, shares(seen));
    set(this.#stage, { label: [this.#legend.textContent, this.#list.textContent].join(". ") });
    for (const el of [this.#brush, this.#optimise]) set(el, { off: !live });
    this.#redraw();
  }

  override async paint(numbers: readonly number[]): Promise<void> {
    const url = this.channel.pictures.url(PICTURE);
    if (url && numbers.includes(PICTURE)) for (const img of [this.#picture, this.#plain]) img.src = url;
    const blob = this.channel.pictures.blob(MAP);
    if (!blob || !numbers.includes(MAP)) return;
    this.#turn += 1;
    const turn = this.#turn;
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (!bitmap || turn !== this.#turn) return; // a newer one is on its way
    const [w, hh] = [bitmap.width, bitmap.height];
    const canvas = h("canvas", { width: w, height: hh });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const rgba = context.getImageData(0, 0, w, hh).data;
    const data = new Uint8Array(w * hh);
    for (let i = 0; i < data.length; i += 1) data[i] = rgba[4 * i] as number;
    this.#levels = { data, w, h: hh };
    this.#redraw();
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
    const levels = this.#levels;
    const seen = this.#state?.map ?? null;
    hide(this.#beside, !this.#show.beside.checked);
    set(this.#stage, { "data-grey": this.#show.grey.checked, "data-painting": this.#painting });
    set(this.#use, { off: !this.#strokes.length });
    set(this.#clear, { off: !this.#strokes.length });
    set(this.#brush, { pressed: this.#painting });
    const nodes: SVGElement[] = [];
    if (levels) {
      const { data, w, h: height } = levels;
      set(this.#canvas, { width: w, height });
      const context = this.#canvas.getContext("2d");
      const pixels = overlay(data, Number(this.#opacity.value)) as Uint8ClampedArray<ArrayBuffer>;
      context?.putImageData(new ImageData(pixels, w, height), 0, 0);
      this.#stage.style.aspectRatio = `${w} / ${height}`;
      this.#beside.style.aspectRatio = `${w} / ${height}`;
      set(this.#marks, { viewBox: `0 0 ${w} ${height}` });
      const { contour, boxes } = this.#show;
      nodes.push(...outlines(levels, contour.checked ? seen : null, boxes.checked ? seen : null));
      nodes.push(...strokes(this.#strokes, w, height));
    }
    refill(this.#marks, ...nodes);
    set(this.el, { "data-strokes": this.#strokes.length, "data-ready": levels !== null });
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
    const levels = this.#levels;
    if (!levels || this.#strokes.length === 0) return;
    void this.ask("paint", { region: paint(this.#strokes, levels.w, levels.h) });
    this.#strokes = [];
    this.#paints(false);
  }
  #start(): void {
    const steps = Number(this.#steps.value);
    void this.ask("optimise", { steps: Number.isInteger(steps) ? steps : -1 });
  }
}
