// Fields for the step size and the weights of the loss; what is being typed into is left alone.
import { group, h, number, on } from "../dom";

export type Levers = ReturnType<typeof levers>;

export function levers(change: (change: Record<string, unknown>) => void, signal: AbortSignal) {
  const el = group("monitor-levers gw-line", "Levers");
  const fields = new Map<string, HTMLInputElement>();

  const add = (key: string, label: string): HTMLInputElement => {
    const input = number("gw-monitor-lever", { step: "any", "data-lever": key });
    const changed = (): void => {
      const value = input.valueAsNumber;
      if (Number.isFinite(value)) change(key === "lr" ? { lr: value } : { part: label, weight: value });
    };
    on(input, "change", changed, signal);
    el.append(h("label", "gw-field gw-monitor-field", h("span", "gw-monitor-word", label), input));
    fields.set(key, input);
    return input;
  };
  return {
    el,
    show: (values: Record<string, number>, weights: Record<string, number>, open: boolean): void => {
      const wanted = new Map<string, [string, number]>();
      if (values.lr !== undefined) wanted.set("lr", ["Step size", values.lr]);
      for (const [part, weight] of Object.entries(weights)) wanted.set(`part ${part}`, [part, weight]);
      for (const [key, input] of fields)
        if (!wanted.has(key)) {
          input.closest("label")?.remove();
          fields.delete(key);
        }
      for (const [key, [label, value]] of wanted) {
        const input = fields.get(key) ?? add(key, label);
        input.disabled = !open;
        if (!input.matches(":focus") && Number(input.value) !== value) input.value = String(value);
      }
    },
  };
}
