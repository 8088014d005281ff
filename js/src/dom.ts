// The little DOM building the widget needs. Text is only ever set as text.

type Child = Node | string;
export type Attributes = Record<string, string | number | boolean | null>;

/** An element; attributes that are one string are its class. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes | string = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (tag === "button") set(node, { type: "button" }); // of a form it would send it
  set(node, attributes);
  node.append(...children);
  return node;
}

/** Short names of attributes; `silent` is what screen readers pass over. */
const NAMES: Record<string, string> = {
  label: "aria-label",
  off: "aria-disabled",
  pressed: "aria-pressed",
  silent: "aria-hidden",
};

/** Set attributes, touching the DOM only where something changes; null and false remove, but for `aria-*`: "false". */
export function set(node: Element, attributes: Attributes | string): void {
  const all = typeof attributes === "string" ? { class: attributes } : attributes;
  for (const [short, given] of Object.entries(all)) {
    const name = NAMES[short] ?? short;
    const value = typeof given === "boolean" && name.startsWith("aria-") ? String(given) : given;
    if (value === null || value === false) node.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (node.getAttribute(name) !== text) node.setAttribute(name, text);
    }
  }
}

export function hide(node: Element, hidden: boolean): void {
  set(node, { hidden });
}

/** Put these in place of what is in a node. */
export function refill(node: Element, ...children: Child[]): void {
  node.replaceChildren(...children);
}

export function text(node: Element, value: string): void {
  if (node.textContent !== value) node.textContent = value;
}

/** Whether the focus is within a node; also right inside a shadow root, where some hosts put widgets. */
export function hasFocus(node: Node): boolean {
  const root = node.getRootNode() as Document | ShadowRoot;
  return node.contains(root.activeElement);
}

/** The place of a node in the window. */
export function boxOf(node: Element): DOMRect {
  return node.getBoundingClientRect();
}

/** Where in a node the pointer is: in [0, 1] from its top left, as far as it is inside. */
export function spotOf(node: Element, event: MouseEvent): [x: number, y: number] {
  const { left, top, width, height } = boxOf(node);
  return [(event.clientX - left) / (width || 1), (event.clientY - top) / (height || 1)];
}

/** Whether a key is held that gives others another meaning. */
export function modified({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey;
}

/** A box of ours. */
export function div(name: string, ...children: Child[]): HTMLElement {
  return h("div", `gw-${name}`, ...children);
}

/** What belongs together, with a name for screen readers. */
export function group(name: string, label: string, ...children: Child[]): HTMLElement {
  return h("div", { class: `gw-${name}`, role: "group", label }, ...children);
}

/** A picture that is decoration until it has another text. */
export function picture(name: string, more: Attributes = {}): HTMLImageElement {
  return h("img", { class: `gw-${name}`, alt: "", ...more });
}

/** A line of a list to choose from. */
export function option(value: string | number, label: string): HTMLOptionElement {
  return h("option", { value }, label);
}

/** A name that no other widget of the page has. */
export function unique(): string {
  return Math.random().toString(36).slice(2, 10);
}

/** A control with its name before it. */
export function field(name: string, control: HTMLElement, more = ""): HTMLElement {
  return h("label", `gw-field${more}`, h("span", {}, name), control);
}

/** A field for a number, with classes of its own. */
export function number(name: string, attributes: Attributes): HTMLInputElement {
  return h("input", { type: "number", required: true, class: `gw-number-input ${name}`, ...attributes });
}

/** Mark a number's field that is filled in wrongly, and say how; empty: it is right. */
export function amiss(input: HTMLInputElement): string {
  const valid = input.checkValidity();
  set(input, { "aria-invalid": valid ? null : "true" });
  if (valid) return "";
  const name = input.closest("label")?.firstChild?.textContent;
  const kind = input.step === "any" ? "a number" : "a whole number";
  return `${name}: expected ${kind} from ${input.min} to ${input.max}`;
}

/** Set a variable of the style sheets on a node. */
export function vary(node: HTMLElement, name: string, value: string | number): void {
  node.style.setProperty(name, String(value));
}

/** Give a node the keyboard; what is on the screen stays where it is. */
export function focusOn(node: HTMLElement | null | undefined): void {
  node?.focus({ preventScroll: true });
}

/** Hear of every new size of a node. */
export function sized(node: HTMLElement, act: () => void, signal: AbortSignal): void {
  const observer = new ResizeObserver(act);
  observer.observe(node);
  atEnd(signal, () => observer.disconnect());
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

/** Keep an event from the browser. */
export function prevent(event: Event): void {
  event.preventDefault();
}

/** Keep it from whatever is around, too. */
export function take(event: Event): void {
  prevent(event);
  event.stopPropagation();
}

/** What is done at the end of a life. */
export function atEnd(signal: AbortSignal, act: () => void): void {
  signal.addEventListener("abort", act, { once: true });
}

/** A button. Switched off with `aria-disabled`, it keeps the keyboard; `content` stands in place of its label. */
export function button(
  name: string,
  label: string,
  press: () => void,
  signal: AbortSignal,
  ...content: Child[]
): HTMLButtonElement {
  const named: Attributes = content.length > 0 ? { label, title: label } : {};
  const children = content.length > 0 ? content : [label];
  const el = h("button", { class: `gw-button gw-${name}`, ...named }, ...children);
  on(el, "click", () => el.getAttribute("aria-disabled") !== "true" && press(), signal);
  return el;
}

/** An element of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes | string = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** A line of a drawing. */
export function trace(d: string, name = "", more: Attributes = {}): SVGPathElement {
  return draw("path", { d, class: name || null, ...more });
}

/** The same line twice: dark and wide below, light and narrow above, so that it shows on any picture. */
export function twoTone(d: string, name = ""): SVGElement[] {
  if (d === "") return [];
  return ["dark", "light"].map((tone) => trace(d, `${name} gw-${tone}`.trim()));
}

/** A 20 × 20 line drawing in the current text colour. */
export function icon(path: string, filled = false): SVGSVGElement {
  const name = filled ? "gw-icon gw-icon-filled" : "gw-icon";
  return draw("svg", { viewBox: "0 0 20 20", class: name, silent: true }, trace(path));
}
