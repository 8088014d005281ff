// How a stretch of the graph is painted. Two layers: the graph itself, which changes seldom, and above it the line of
// the current node, which changes with every step.
import { type Graph, type Layout, TILE } from "./graph";
import type { Marks } from "./marks";
import type { Thumbs } from "./thumbs";

/** What is drawn besides the graph itself. */
export interface Look {
  graph: Graph;
  layout: Layout;
  thumbs: Thumbs;
  current: number;
  /** Ancestors of the current node. */
  line: ReadonlySet<number>;
  marks: Marks;
}

/** Colours of the theme. */
export interface Paints {
  quiet: string;
  accent: string;
  sunken: string;
  bg: string;
}

/** A stretch of the graph, from the left edge to the right one in the layout's pixels, and what to paint it on. */
export interface Stretch {
  paint: CanvasRenderingContext2D;
  left: number;
  right: number;
  zoom: number;
  paints: Paints;
}

/** Below this many pixels a side a picture says less than its colour. */
export const SMALLEST_THUMB = 9;
const SMALLEST_HEAD = 0.6;
/** Below this zoom edges are drawn straight. */
const BENT = 0.4;
const LONGEST_BEND = 120;
const FAINT = 0.4;
/** How far a column paints beyond itself: its name to the right, rings and badges to both sides. */
const NAME = TILE + 43;
const RIM = 34;

/** Columns that paint something in a stretch: first and one past the last. */
export function columnsIn({ layout }: Look, left: number, right: number): [number, number] {
  return layout.between(left - NAME, right + RIM);
}

/** What the columns of a stretch look like, as a word that changes when they have to be painted again. */
export function signs(look: Look, [from, to]: readonly [number, number]): string {
  let word = "";
  for (let at = from; at < to; at += 1)
    for (const node of look.layout.columns[at]?.nodes ?? []) {
      const slot = look.graph.slots[node] as number;
      const bits =
        (look.thumbs.get(slot) ? 1 : 0) +
        (look.marks.star(node) ? 2 : 0) +
        (look.marks.reject(node) ? 4 : 0) +
        (look.marks.undone(node) ? 8 : 0);
      word += bits.toString(16);
    }
  return word;
}

/** The lower layer: all edges, the generations' names, the pictures with their marks. */
export function paintGraph(on: Stretch, look: Look): void {
  const [from, to] = columnsIn(look, on.left, on.right);
  paintEdges(on, look);
  for (const { head, nodes, x } of look.layout.columns.slice(from, to)) {
    if (head && on.zoom >= SMALLEST_HEAD) paintHead(on, look.graph, nodes[0] ?? 0, x);
    for (const node of nodes) paintNode(on, look, node);
  }
}

/** The upper layer: the current node, the line it comes from, and what is picked. */
export function paintLine(on: Stretch, look: Look): void {
  const { paint, zoom, paints } = on;
  const { graph, layout, line, current } = look;
  const { picks } = look.marks;
  const [from, to] = columnsIn(look, on.left, on.right);
  paint.lineWidth = Math.max(2, 1.4 / zoom);
  paint.strokeStyle = paints.accent;
  for (const node of [current, ...line]) {
    if ((layout.column[node] ?? -1) < from) continue; // its parents are even further to the left
    for (const parent of graph.parents[node] ?? []) {
      if (!layout.has(parent) || (layout.column[parent] as number) >= to) continue;
      // One path each: many together cost far more than the sum of them.
      paint.beginPath();
      trace(paint, layout, parent, node, zoom >= BENT);
      paint.stroke();
    }
  }
  for (const { nodes, x } of layout.columns.slice(from, to))
    for (const node of nodes) {
      const y = layout.y(node);
      paint.clearRect(x, y, TILE, TILE); // the line runs behind the pictures
      const ring = node === current ? 3 : line.has(node) ? 1.8 : 0;
      if (ring) {
        const wide = Math.max(ring, ring / 1.5 / zoom);
        paint.lineWidth = wide;
        paint.strokeRect(x - wide / 2, y - wide / 2, TILE + wide, TILE + wide);
      }
      const at = picks.indexOf(node);
      if (at >= 0) badge(on, x + 9, y + 9, String(at + 1), paints.accent, paints.bg);
    }
}

function paintEdges({ paint, left, right, zoom }: Stretch, { graph, layout }: Look): void {
  const paths = new Map<string, Path2D>();
  const { edges } = layout;
  for (let i = 0; i < edges.length; i += 2) {
    const [parent, child] = [edges[i] as number, edges[i + 1] as number];
    const [one, other] = [layout.x(parent) + TILE, layout.x(child)];
    if (Math.min(one, other) - LONGEST_BEND > right || Math.max(one, other) + LONGEST_BEND < left) continue;
    const operator = graph.operators[child] as string;
    let path = paths.get(operator);
    if (!path) {
      path = new Path2D();
      paths.set(operator, path);
    }
    trace(path, layout, parent, child, zoom >= BENT);
  }
  paint.lineWidth = 1 / zoom; // a hairline costs a fifth of a wider one
  paint.globalAlpha = FAINT;
  for (const [operator, path] of paths) {
    paint.strokeStyle = graph.colour(operator);
    paint.stroke(path);
  }
  paint.globalAlpha = 1;
}

function trace(
  path: Pick<Path2D, "moveTo" | "lineTo" | "bezierCurveTo">,
  layout: Layout,
  parent: number,
  child: number,
  bent: boolean,
): void {
  const [x0, y0] = [layout.x(parent) + TILE, layout.y(parent) + TILE / 2];
  const [x1, y1] = [layout.x(child), layout.y(child) + TILE / 2];
  const bend = Math.min(LONGEST_BEND, Math.abs(x1 - x0) / 2);
  path.moveTo(x0, y0);
  if (bent) path.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
  else path.lineTo(x1, y1);
}

function paintHead({ paint, paints, zoom }: Stretch, graph: Graph, node: number, x: number): void {
  const operator = graph.operators[node] as string;
  paint.fillStyle = graph.colour(operator);
  paint.fillRect(x, 4, 3, 13);
  paint.fillStyle = paints.quiet;
  paint.font = `${11 / Math.min(1, Math.max(0.7, zoom))}px system-ui, sans-serif`; // legible as it opens
  paint.textBaseline = "middle";
  paint.textAlign = "left";
  paint.fillText(operator, x + 7, 11, TILE + 36);
}

function paintNode(on: Stretch, look: Look, node: number): void {
  const { paint, zoom, paints } = on;
  const { graph, layout, thumbs } = look;
  const [x, y] = [layout.x(node), layout.y(node)];
  const own = graph.colour(graph.operators[node] as string);
  const [undone, rejected] = [look.marks.undone(node), look.marks.reject(node)];
  const bitmap = TILE * zoom >= SMALLEST_THUMB ? thumbs.get(graph.slots[node] as number) : undefined;
  const pale = undone || rejected;
  if (pale) paint.clearRect(x, y, TILE, TILE); // it must not let the edges behind it through
  paint.globalAlpha = pale ? 0.4 : 1;
  paint.fillStyle = bitmap ? paints.sunken : own;
  paint.fillRect(x, y, TILE, TILE);
  if (bitmap) {
    const scale = Math.min(TILE / bitmap.width, TILE / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    paint.imageSmoothingEnabled = scale * zoom < 1.5;
    paint.drawImage(bitmap, x + (TILE - w) / 2, y + (TILE - h) / 2, w, h);
    paint.fillStyle = own;
    paint.fillRect(x, y + TILE - 4, TILE, 4);
  }
  if (undone) {
    paint.setLineDash([4, 3]);
    paint.lineWidth = 1.5;
    paint.strokeStyle = paints.quiet;
    paint.strokeRect(x + 0.75, y + 0.75, TILE - 1.5, TILE - 1.5);
    paint.setLineDash([]);
  }
  paint.globalAlpha = 1;
  if (look.marks.star(node)) badge(on, x + TILE - 9, y + 9, "★", "#f5c518", "#1d1d24");
  else if (rejected) badge(on, x + TILE - 9, y + 9, "✕", paints.quiet, paints.bg);
}

function badge(
  { paint, zoom }: Stretch,
  x: number,
  y: number,
  sign: string,
  back: string,
  front: string,
): void {
  const grow = Math.max(1, 0.35 / zoom);
  paint.beginPath();
  paint.arc(x, y, 9 * grow, 0, 2 * Math.PI);
  paint.fillStyle = back;
  paint.fill();
  paint.fillStyle = front;
  paint.font = `600 ${11 * grow}px system-ui, sans-serif`;
  paint.textAlign = "center";
  paint.textBaseline = "middle";
  paint.fillText(sign, x, y + 0.5);
}
