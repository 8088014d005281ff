// The little DOM building the widget needs. Text is only ever set as text.

type Child = Node | string;
export type Attributes = Record<string, string | number | boolean | null>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** Set attributes, touching the DOM only where something changes; null and false remove. */
export function set(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) node.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (node.getAttribute(name) !== text) node.setAttribute(name, text);
    }
  }
}

export function text(node: Element, value: string): void {
  if (node.textContent !== value) node.textContent = value;
}

/** Whether the focus is within a node; also right inside a shadow root, where some hosts put widgets. */
export function hasFocus(node: Node): boolean {
  const root = node.getRootNode() as Document | ShadowRoot;
  return node.contains(root.activeElement);
}

/** addEventListener that cannot be left behind: the signal is not optional. */
export function on<K extends keyof HTMLElementEventMap>(
  node: HTMLElement,
  type: K,
  listener: (event: HTMLElementEventMap[K]) => void,
  signal: AbortSignal,
): void {
  node.addEventListener(type, listener, { signal });
}

/** A button. Switched off with `aria-disabled`, it keeps the keyboard; `content` stands in place of its label. */
export function button(
  name: string,
  label: string,
  press: () => void,
  signal: AbortSignal,
  ...content: Child[]
): HTMLButtonElement {
  const named: Attributes = content.length > 0 ? { "aria-label": label, title: label } : {};
  const children = content.length > 0 ? content : [label];
  const el = h("button", { type: "button", class: `gw-button gw-${name}`, ...named }, ...children);
  on(el, "click", () => el.getAttribute("aria-disabled") !== "true" && press(), signal);
  return el;
}

/** An element of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** A 20 × 20 line drawing in the current text colour. */
export function icon(path: string, filled = false): SVGSVGElement {
  const name = filled ? "gw-icon gw-icon-filled" : "gw-icon";
  return draw("svg", { viewBox: "0 0 20 20", class: name, "aria-hidden": "true" }, draw("path", { d: path }));
}

export const ICON = {
  star: "M10 2.6l2.3 4.7 5.2.8-3.8 3.6.9 5.2-4.6-2.5-4.6 2.5.9-5.2L2.5 8.1l5.2-.8z",
  zoom: "M11.5 3.5h5v5M16.5 3.5l-5.5 5.5M8.5 16.5h-5v-5M3.5 16.5L9 11",
  cross: "M5 5l10 10M15 5L5 15",
  undo: "M7 4L3.5 7.5 7 11M3.5 7.5H12a4.5 4.5 0 0 1 0 9H8",
  redo: "M13 4l3.5 3.5L13 11M16.5 7.5H8a4.5 4.5 0 0 0 0 9h4",
  left: "M12.5 4L6.5 10l6 6",
  right: "M7.5 4l6 6-6 6",
  select: "M5.5 3.5l9.5 6-4.2 1.1 2.4 4.4-2 1.1-2.4-4.4-3.3 2.9z",
  pin: "M10 2v4M10 14v4M2 10h4M14 10h4M10 5.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  brush:
    "M16.5 3.5c-3 1.5-6.5 5-7.5 7l1.5 1.5c2-1 5.5-4.5 6-8.5zM8.5 11.5c-2.5 0-2.5 3-5 4.5 3 1 6.5 0 6.5-3z",
  lock: "M5 9.5h10v7H5zM7 9.5V6.5a3 3 0 0 1 6 0v3",
  back: "M7.5 4.5h9v11h-9L2.5 10zM10 8l4 4M14 8l-4 4",
  open: "M2.5 15.5v-10h5l1.5 2h7v2M2.5 15.5l2.5-6h13l-2.5 6z",
  code: "M7 5.5L2.5 10 7 14.5M13 5.5l4.5 4.5-4.5 4.5",
  save: "M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13",
} as const;
