// The small controls of the view.
import { button, h, on, refill, set } from "../dom";

export function slider(
  label: string,
  [min, max, value]: [number, number, number],
  moved: () => void,
  signal: AbortSignal,
): HTMLInputElement {
  const input = h("input", {
    type: "range",
    min,
    max,
    step: 0.01,
    value,
    class: "gw-saliency-slider",
    label: label,
  });
  on(input, "input", moved, signal);
  return input;
}

export function check(
  name: string,
  checked: boolean,
  changed: () => void,
  signal: AbortSignal,
): HTMLInputElement {
  const input = h("input", { type: "checkbox", name });
  input.checked = checked;
  on(input, "change", changed, signal);
  return input;
}

/** Buttons of which one is pressed; made anew only where there are others than before. */
export function tabs(
  box: HTMLElement,
  wanted: readonly (readonly [name: string, label: string, title?: string])[],
  now: string,
  choose: (name: string) => void,
  signal: AbortSignal,
): void {
  const key = wanted.map(([name]) => name).join("\n");
  if (box.dataset.key !== key) {
    box.dataset.key = key;
    refill(
      box,
      ...wanted.map(([name, label, title]) => {
        const el = button("saliency-tab", label, () => choose(name), signal);
        set(el, { "data-source": name, title: title ?? null });
        return el;
      }),
    );
  }
  for (const el of box.children) set(el, { pressed: (el as HTMLElement).dataset.source === now });
}
