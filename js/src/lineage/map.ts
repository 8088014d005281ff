// The box that the graph scrolls in: as large as the whole, it gives scroll bars, wheels and fingers their native ways.
import { atEnd, boxOf, div, group, h, hide, on, prevent, set, sized } from "../dom";
import { EDGE, HEAD, TILE } from "./graph";
import { type Look, SMALLEST_THUMB } from "./paint";
import { Sheets } from "./sheets";

export const ZOOMS = [0.1, 0.16, 0.25, 0.4, 0.6, 0.8, 1, 1.4, 2] as const;
/** So high that full columns are seen whole when it opens, at heads no smaller than this. */
const TALLEST = 590;
const LEAST_HEAD = 40;
export type MapView = ReturnType<typeof mapView>;

export function mapView(
  look: () => Look,
  pick: (node: number, event: MouseEvent) => void,
  signal: AbortSignal,
) {
  const sheets = new Sheets();
  /** The button that has the focus, over the current node. */
  const node = h("button", { class: "gw-lineage-node", hidden: true });
  const space = div("lineage-space", sheets.el, node);
  const el = group("lineage-scroll", "Graph", space);
  let zoom = 1;
  let frame = 0;
  let painted = 0;
  let seen = false;

  /** Draw with the next frame. */
  const draw = (): void => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  };
  on(el, "scroll", draw, signal);
  atEnd(signal, () => cancelAnimationFrame(frame));

  const paint = (): void => {
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
    const now = look();
    const ratio = globalThis.devicePixelRatio || 1;
    const { more, columns } = sheets.draw(now, { left: scrollLeft, width, zoom, ratio, paints });
    const { layout, graph } = now;
    const [left, top] = [scrollLeft / zoom, scrollTop / zoom];
    const [right, bottom] = [left + width / zoom, top + height / zoom];
    const [shown, near]: [number[], number[]] = [[], []];
    for (const { nodes, x } of layout.columns.slice(...columns))
      for (const each of nodes) {
        const y = layout.y(each);
        const inSight = x + TILE >= left && x <= right && y + TILE >= top && y <= bottom;
        (inSight ? shown : near).push(graph.slots[each] as number);
      }
    if (TILE * zoom >= SMALLEST_THUMB) now.thumbs.want([...shown, ...near]);
    painted += 1;
    set(el, { "data-painted": painted, "data-seen": shown.length });
    if (more) draw();
  };

  /** Put the button over the current node. */
  const place = (): void => {
    const { layout, current } = look();
    const shown = layout.has(current);
    hide(node, !shown);
    if (!shown) return;
    node.style.transform = `translate(${layout.x(current) * zoom}px, ${layout.y(current) * zoom}px)`;
    node.style.width = node.style.height = `${TILE * zoom}px`;
  };

  /** The layout, the zoom or the room is new. */
  const resize = (): void => {
    const { layout } = look();
    const room = el.clientWidth;
    if (!seen && room > 0 && layout.width > 0) {
      // As much as there is room for, while heads stay large enough to be told apart.
      seen = true;
      zoom = Math.min(1, TALLEST / layout.height, Math.max(LEAST_HEAD / TILE, room / layout.width));
    }
    const tall = Math.ceil(layout.height * zoom);
    space.style.width = `${Math.ceil(layout.width * zoom)}px`;
    space.style.height = `${tall}px`;
    el.style.minHeight = `${Math.min(TALLEST, Math.max(150, tall + 14))}px`;
    set(el, { "data-zoom": zoom });
    place();
    draw();
  };

  /** Bring a node into sight, with some of its surroundings. */
  const reveal = (which: number, middle = false): void => {
    const { layout } = look();
    if (!layout.has(which)) return;
    const side = TILE * zoom;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = el;
    const margin = middle ? (clientWidth - side) / 2 : 80;
    const x = layout.x(which) * zoom;
    const y = layout.y(which) * zoom;
    let [left, top] = [scrollLeft, scrollTop];
    if (x < left + margin || middle) left = x - margin;
    else if (x + side > left + clientWidth - margin) left = x + side + margin - clientWidth;
    if (y < top + HEAD) top = y - HEAD;
    else if (y + side > top + clientHeight - EDGE) top = y + side + EDGE - clientHeight;
    if (left !== scrollLeft || top !== scrollTop) el.scrollTo(left, top);
  };
  let known = 0;
  const resized = (): void => {
    const width = el.clientWidth;
    resize();
    if (known === 0 && width > 0) reveal(look().current); // it comes into sight
    known = width;
  };
  sized(el, resized, signal);

  /** The place in the box that stays when it is zoomed without a pointer. */
  const middle = (): [number, number] => {
    const { layout, current } = look();
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = el;
    const x = (layout.x(current) + TILE / 2) * zoom - scrollLeft;
    const y = (layout.y(current) + TILE / 2) * zoom - scrollTop;
    const inSight = layout.has(current) && x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight;
    return inSight ? [x, y] : [clientWidth / 2, clientHeight / 2];
  };
  /** Where in a box the pointer is, in CSS pixels. */
  const within = (box: HTMLElement, { clientX, clientY }: MouseEvent): [number, number] => {
    const { left, top } = boxOf(box);
    return [clientX - left, clientY - top];
  };
  /** Step the zoom; what lies under the pointer stays, else the current node, else the middle. */
  const scale = (by: number, at?: MouseEvent): void => {
    const [x, y] = at ? within(el, at) : middle();
    const near = ZOOMS.findIndex((step) => step >= zoom - 1e-9);
    const last = ZOOMS.length - 1;
    const next = ZOOMS[Math.min(last, Math.max(0, (near < 0 ? last : near) + by))] ?? 1;
    const [worldX, worldY] = [(el.scrollLeft + x) / zoom, (el.scrollTop + y) / zoom];
    zoom = next;
    resize();
    el.scrollTo(worldX * next - x, worldY * next - y);
  };
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    prevent(event);
    scale(event.deltaY < 0 ? 1 : -1, event);
  };
  el.addEventListener("wheel", wheel, { signal, passive: false });
  const hit = (event: MouseEvent): void => {
    const [x, y] = within(space, event);
    const at = look().layout.at(x / zoom, y / zoom);
    if (at >= 0) pick(at, event);
  };
  on(space, "click", hit, signal);

  const fit = (): void => {
    const room = el.clientWidth / Math.max(1, look().layout.width);
    zoom = [...ZOOMS].reverse().find((step) => step <= Math.min(1, room)) ?? ZOOMS[0];
    resize();
    el.scrollTo(0, 0);
  };
  return { el, node, draw, place, resize, reveal, scale, fit };
}
