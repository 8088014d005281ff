// The box that the graph scrolls in: as large as the whole, it gives scroll bars, wheels and fingers their native ways.
import { atEnd, boxOf, div, group, h, hide, on, prevent, set, sized } from "../dom";
import { EDGE, HEAD, TILE } from "./graph";
import { type Look, SMALLEST_THUMB } from "./paint";
import { Sheets } from "./sheets";

export const ZOOMS = [0.1, 0.16, 0.25, 0.4, 0.6, 0.8, 1, 1.4, 2] as const;
/** So high that full columns are seen whole when it opens, at heads no smaller than this. */
const TALLEST = 590;
const LEAST_HEAD = 40;
export class MapView {
  readonly el: HTMLElement;
  readonly node: HTMLButtonElement;
  zoom = 1;
  #frame = 0;
  #painted = 0;
  #seen = false;
  readonly #sheets = new Sheets();
  readonly #space: HTMLElement;

  constructor(
    private readonly look: () => Look,
    pick: (node: number, event: MouseEvent) => void,
    signal: AbortSignal,
  ) {
    this.node = h("button", { class: "gw-lineage-node", hidden: true });
    this.#space = div("lineage-space", this.#sheets.el, this.node);
    this.el = group("lineage-scroll", "Graph", this.#space);
    on(this.el, "scroll", () => this.draw(), signal);
    const hit = (event: MouseEvent): void => {
      const at = this.#at(event);
      if (at >= 0) pick(at, event);
    };
    on(this.#space, "click", hit, signal);
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      prevent(event);
      this.scale(event.deltaY < 0 ? 1 : -1, event);
    };
    this.el.addEventListener("wheel", wheel, { signal, passive: false });
    let known = 0;
    const resized = (): void => {
      const width = this.el.clientWidth;
      this.resize();
      if (known === 0 && width > 0) this.reveal(this.look().current); // it comes into sight
      known = width;
    };
    sized(this.el, resized, signal);
    atEnd(signal, () => cancelAnimationFrame(this.#frame));
  }

  /** The layout, the zoom or the room is new. */
  resize(): void {
    const { layout } = this.look();
    const room = this.el.clientWidth;
    if (!this.#seen && room > 0 && layout.width > 0) {
      // As much as there is room for, while heads stay large enough to be told apart.
      this.#seen = true;
      this.zoom = Math.min(1, TALLEST / layout.height, Math.max(LEAST_HEAD / TILE, room / layout.width));
    }
    this.#space.style.width = `${Math.ceil(layout.width * this.zoom)}px`;
    this.#space.style.height = `${Math.ceil(layout.height * this.zoom)}px`;
    this.el.style.minHeight = `${Math.min(TALLEST, Math.max(150, Math.ceil(layout.height * this.zoom) + 14))}px`;
    set(this.el, { "data-zoom": this.zoom });
    this.place();
    this.draw();
  }

  /** Step the zoom; what lies under the pointer stays, else the current node, else the middle. */
  scale(by: number, at?: MouseEvent): void {
    const box = boxOf(this.el);
    const [x, y] = at ? [at.clientX - box.left, at.clientY - box.top] : this.#middle();
    const near = ZOOMS.findIndex((zoom) => zoom >= this.zoom - 1e-9);
    const next =
      ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, (near < 0 ? ZOOMS.length - 1 : near) + by))] ?? 1;
    const [worldX, worldY] = [(this.el.scrollLeft + x) / this.zoom, (this.el.scrollTop + y) / this.zoom];
    this.zoom = next;
    this.resize();
    this.el.scrollTo(worldX * next - x, worldY * next - y);
  }

  /** The place in the box that stays when it is zoomed without a pointer. */
  #middle(): [number, number] {
    const { layout, current } = this.look();
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.el;
    const x = (layout.x(current) + TILE / 2) * this.zoom - scrollLeft;
    const y = (layout.y(current) + TILE / 2) * this.zoom - scrollTop;
    const inSight = layout.has(current) && x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight;
    return inSight ? [x, y] : [clientWidth / 2, clientHeight / 2];
  }

  fit(): void {
    const { layout } = this.look();
    const room = this.el.clientWidth / Math.max(1, layout.width);
    this.zoom = [...ZOOMS].reverse().find((zoom) => zoom <= Math.min(1, room)) ?? ZOOMS[0];
    this.resize();
    this.el.scrollTo(0, 0);
  }

  /** Bring a node into sight, with some of its surroundings. */
  reveal(node: number, middle = false): void {
    const { layout } = this.look();
    if (!layout.has(node)) return;
    const margin = middle ? this.el.clientWidth / 2 - (TILE * this.zoom) / 2 : 80;
    const x = layout.x(node) * this.zoom;
    const y = layout.y(node) * this.zoom;
    const side = TILE * this.zoom;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.el;
    let [left, top] = [scrollLeft, scrollTop];
    if (x < left + margin || middle) left = x - margin;
    else if (x + side > left + clientWidth - margin) left = x + side + margin - clientWidth;
    if (y < top + HEAD) top = y - HEAD;
    else if (y + side > top + clientHeight - EDGE) top = y + side + EDGE - clientHeight;
    if (left !== scrollLeft || top !== scrollTop) this.el.scrollTo(left, top);
  }

  /** Put the button that has the focus over the current node. */
  place(): void {
    const { layout, current } = this.look();
    const shown = layout.has(current);
    hide(this.node, !shown);
    if (!shown) return;
    const side = TILE * this.zoom;
    this.node.style.transform = `translate(${layout.x(current) * this.zoom}px, ${layout.y(current) * this.zoom}px)`;
    this.node.style.width = this.node.style.height = `${side}px`;
  }

  /** Draw with the next frame. */
  draw(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #at(event: MouseEvent): number {
    const box = boxOf(this.#space);
    return this.look().layout.at(
      (event.clientX - box.left) / this.zoom,
      (event.clientY - box.top) / this.zoom,
    );
  }

  #draw(): void {
    const { el, zoom } = this;
    const { clientWidth: width, clientHeight: height, scrollLeft, scrollTop } = el;
    if (width === 0) return;
    const style = getComputedStyle(el);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const paints = {
      quiet: colour("--gw-quiet"),
      accent: colour("--gw-accent"),
      sunken: colour("--gw-sunken"),
      bg: colour("--gw-bg"),
    };
    const look = this.look();
    const ratio = globalThis.devicePixelRatio || 1;
    const { more, columns } = this.#sheets.draw(look, {
      left: scrollLeft,
      width,
      zoom,
      ratio,
      paints,
    });
    const { layout, graph } = look;
    const [left, top] = [scrollLeft / zoom, scrollTop / zoom];
    const [right, bottom] = [left + width / zoom, top + height / zoom];
    const [seen, near]: [number[], number[]] = [[], []];
    for (const { nodes, x } of layout.columns.slice(...columns))
      for (const node of nodes) {
        const y = layout.y(node);
        const inSight = x + TILE >= left && x <= right && y + TILE >= top && y <= bottom;
        (inSight ? seen : near).push(graph.slots[node] as number);
      }
    if (TILE * zoom >= SMALLEST_THUMB) look.thumbs.want([...seen, ...near]);
    this.#painted += 1;
    set(el, { "data-painted": this.#painted, "data-seen": seen.length });
    if (more) this.draw();
  }
}
