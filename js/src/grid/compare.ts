// Over the full-size picture: its parent, the map of what changed, or which part came from which parent; below, why.

import { type Binary, octetsOf, urlOf } from "../binary";
import { atEnd, button, div, draw, group, h, hide, on, refill, set, spotOf, text, twoTone } from "../dom";
import type { Cell } from "../protocol";
import type { Store } from "../store";
import type { Change, Origin } from "./answers";

export type Look = "picture" | "before" | "map" | "why";
const [SHARED, FRESH] = [254, 255];

export class CompareView {
  /** Lies over the picture. */
  readonly layer = h("div", { class: "gw-layer", hidden: true });
  /** Stands below it. */
  readonly el: HTMLElement;
  readonly #legend = div("legend");
  readonly #buttons: Record<Look, HTMLButtonElement>;
  #cell: Cell | null = null;
  #look: Look = "picture";
  #held = false;
  #urls: string[] = [];
  #drawn = "";
  #end = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly failed: (error: unknown) => void,
    signal: AbortSignal,
  ) {
    const make = (look: Look, label: string): HTMLButtonElement =>
      button(`look-${look}`, label, () => this.#choose(look), signal);
    this.#buttons = {
      picture: make("picture", "Picture"),
      before: make("before", "Before"),
      map: make("map", "Change"),
      why: make("why", "Why"),
    };
    const looks = group("looks", "Compare", ...Object.values(this.#buttons));
    this.el = h("div", { class: "gw-compare", hidden: true }, looks, this.#legend);
    atEnd(signal, () => this.#forget());
  }

  /** The candidate on show; what was being looked at stays, where this one has it too. */
  show(cell: Cell | null): void {
    if (cell?.slot !== this.#cell?.slot) this.#forget();
    if (cell === null) this.#look = "picture";
    this.#cell = cell;
    const compare = cell?.compare ?? "none";
    const none = compare === "none";
    if (this.#look === "before" ? compare !== "change" : none && this.#look === "map") this.#look = "picture";
    hide(this.el, cell?.phase !== "done");
    hide(this.#buttons.map, none);
    hide(this.#buttons.before, compare !== "change");
    text(this.#buttons.map, compare === "origin" ? "Origins" : "Change");
    this.#update();
  }

  /** Between the picture and its map. */
  toggle(): void {
    if (this.#cell && this.#cell.compare !== "none") this.#choose(this.#look === "map" ? "picture" : "map");
  }

  /** The parent, for as long as a key is held. */
  hold(down: boolean): void {
    if (this.#cell?.compare !== "change" || down === this.#held) return;
    this.#held = down;
    this.#update();
  }

  #choose(look: Look): void {
    this.#look = look;
    this.#update();
  }

  #update(): void {
    const look = this.#held ? "before" : this.#look;
    for (const [name, el] of Object.entries(this.#buttons)) set(el, { pressed: name === look });
    const cell = this.#cell;
    const wanted = cell && look !== "picture" ? `${cell.slot} ${look}` : "";
    set(this.layer, { "data-look": look });
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    set(this.layer, { hidden: true, "data-ready": null });
    refill(this.#legend);
    const name = look === "why" ? look : (cell?.compare ?? "none");
    if (!cell || look === "picture" || name === "none" || !this.store.live) return;
    this.store
      .command(name, { slot: cell.slot })
      .then(({ value, buffers }) => {
        if (this.#drawn !== wanted) return; // the user has moved on
        this.#free();
        if (name === "why") {
          const [plain = "", numbers = "", formulas = ""] = value as string[];
          const fold = (name: string, more: string) => h("details", "gw-why", h("summary", {}, name), more);
          const said = h("p", { class: "gw-why gw-said", role: "status" }, plain);
          this.#legend.append(said, fold("Numbers", numbers), fold("Formulas", formulas));
          return;
        }
        if (name === "change") this.#change(value as Change, buffers, look);
        else this.#origin(value as Origin, buffers);
        set(this.layer, { hidden: false, "data-ready": true });
      })
      .catch(this.failed);
  }

  #change(value: Change, buffers: readonly Binary[], look: Look): void {
    const [before, map, ramp] = buffers.map((data) => this.#url(data, value.media_type));
    const [w, hh] = value.raster;
    const outline = drawing(w, hh, value.outline);
    if (look === "before") {
      refill(this.layer, this.#img(before, `Image ${value.parent}, before`), outline);
      this.#legend.append(h("span", {}, `Image ${value.parent}, before.`));
      return;
    }
    refill(this.layer, this.#img(map, "Change map: lighter where more has changed"), outline);
    const scale = h("span", "gw-scale", h("span", {}, "0"));
    scale.append(h("img", { src: ramp ?? "", alt: "to" }), h("span", {}, `${value.high} of ${value.full}`));
    const { inside, outside } = value;
    const rest = outside === null ? "" : `, ${outside} elsewhere`;
    const means = inside === null ? "all over" : `mean ${inside} in the region${rest}`;
    this.#legend.append(scale, h("span", "gw-means", `Change against ${value.parent}: ${means}`));
  }

  #origin(value: Origin, buffers: readonly Binary[]): void {
    const [data, ...pictures] = buffers;
    if (!data) return;
    const owners = octetsOf(data);
    const { signal } = this.#end;
    const canvas = h("canvas", { width: value.w, height: value.h, class: "gw-owners" });
    const border = outline(owners, value.w, value.h);
    refill(this.layer, canvas, drawing(value.w, value.h, border));
    const told = h("span", { class: "gw-told", "aria-live": "polite" });
    const kinds = value.parents.map((parent, place) => ({ ...parent, place, src: pictures[place] }));
    const chips = kinds.map(({ slot, colour, share, place, src }) => {
      const chip = h("button", { class: "gw-chip", "data-parent": slot });
      set(chip, { label: `Image ${slot}, ${percent(share)} of the starting noise` });
      chip.append(swatch(colour));
      if (src) chip.append(this.#img(this.#url(src, value.media_type), ""));
      chip.append(`${slot} · ${percent(share)}`);
      return [place, chip] as const;
    });
    const whose = value.parents.length === 2 ? "in both" : "in several";
    for (const [place, { colour, share }, name] of [
      [SHARED, value.shared, whose],
      [FRESH, value.fresh, "new"],
    ] as const)
      if (share > 0) {
        const chip = h("button", { class: "gw-chip", "data-parent": name });
        chip.append(swatch(colour), `${name} · ${percent(share)}`);
        chips.push([place, chip]);
      }
    const point = (place: number | null): void => {
      tint(canvas, owners, value, place);
      set(this.layer, { "data-pointed": place !== null });
      for (const [which, chip] of chips) set(chip, { "data-on": which === place });
      const parent = value.parents[place ?? -1];
      const noise = parent ? `${parent.slot}’s` : place === SHARED ? whose : place === FRESH ? "new" : "";
      text(told, noise ? `The starting noise here is ${noise}.` : "Whose starting noise: point at a part.");
    };
    for (const [place, chip] of chips) {
      on(chip, "pointerenter", () => point(place), signal);
      on(chip, "focus", () => point(place), signal);
      on(chip, "pointerleave", () => point(null), signal);
      on(chip, "blur", () => point(null), signal);
    }
    const over = (event: PointerEvent): void => {
      const [x, y] = spotOf(this.layer, event);
      point(owners[Math.floor(y * value.h) * value.w + Math.floor(x * value.w)] ?? null);
    };
    on(this.layer, "pointermove", over, signal);
    on(this.layer, "pointerdown", over, signal);
    on(this.layer, "pointerleave", () => point(null), signal);
    this.#legend.append(h("span", "gw-chips", ...chips.map(([, chip]) => chip)), told);
    point(null);
  }

  #img(src: string | undefined, alt: string): HTMLImageElement {
    return h("img", { src: src ?? "", alt, draggable: "false" });
  }

  #url(data: Binary, type: string): string {
    const url = urlOf(data, type);
    this.#urls.push(url);
    return url;
  }

  /** Leave nothing of what was drawn. */
  #free(): void {
    this.#end.abort();
    this.#end = new AbortController();
    refill(this.layer);
    refill(this.#legend);
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  #forget(): void {
    this.#drawn = "";
    this.#held = false;
    set(this.layer, { hidden: true, "data-ready": null });
    this.#free();
  }
}

/** A line over the whole picture, on a raster of w × h. */
function drawing(w: number, hh: number, d: string): SVGElement {
  const viewBox = `0 0 ${w} ${hh}`;
  const attributes = { class: "gw-drawing", viewBox, preserveAspectRatio: "none", silent: true };
  return draw("svg", attributes, ...twoTone(d));
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function swatch(colour: string): HTMLElement {
  const el = h("span", "gw-swatch");
  el.style.background = colour;
  return el;
}

/** Every part in its parent's colour; the one pointed at shows the picture. */
function tint(canvas: HTMLCanvasElement, owners: Uint8Array, value: Origin, place: number | null): void {
  const brush = canvas.getContext("2d");
  if (!brush) return;
  brush.clearRect(0, 0, value.w, value.h);
  brush.globalAlpha = place === null ? 0.55 : 0.8;
  owners.forEach((owner, i) => {
    if (owner === place) return;
    brush.fillStyle = (value.parents[owner] ?? (owner === SHARED ? value.shared : value.fresh)).colour;
    brush.fillRect(i % value.w, Math.floor(i / value.w), 1, 1);
  });
}

/** The borders between owners, as an SVG path. */
export function outline(owners: Uint8Array, w: number, h: number): string {
  let path = "";
  for (let y = 0; y < h; y += 1)
    for (let x = 0; x < w; x += 1) {
      const own = owners[y * w + x];
      if (x > 0 && owners[y * w + x - 1] !== own) path += `M${x} ${y}v1`;
      if (y > 0 && owners[(y - 1) * w + x] !== own) path += `M${x} ${y}h1`;
    }
  return path;
}
