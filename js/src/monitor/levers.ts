// Fields for the step size and the weights of the loss; what is being typed into is left alone.
import { group, h, number, on } from "../dom";

export class Levers {
  readonly el = group("monitor-levers", "Levers");
  readonly #fields = new Map<string, HTMLInputElement>();

  constructor(
    private readonly change: (change: Record<string, unknown>) => void,
    private readonly signal: AbortSignal,
  ) {}

  show(levers: Record<string, number>, weights: Record<string, number>, open: boolean): void {
    const wanted = new Map<string, [string, number]>();
    if (levers.lr !== undefined) wanted.set("lr", ["Step size", levers.lr]);
    for (const [part, weight] of Object.entries(weights)) wanted.set(`part ${part}`, [part, weight]);
    for (const [key, input] of this.#fields)
      if (!wanted.has(key)) {
        input.closest("label")?.remove();
        this.#fields.delete(key);
      }
    for (const [key, [label, value]] of wanted) {
      const input = this.#fields.get(key) ?? this.#field(key, label);
      input.disabled = !open;
      if (!input.matches(":focus") && Number(input.value) !== value) input.value = String(value);
    }
  }

  #field(key: string, label: string): HTMLInputElement {
    const input = number("gw-monitor-lever", { step: "any", "data-lever": key });
    const changed = (): void => {
      const value = Number(input.value);
      if (input.value === "" || !Number.isFinite(value)) return;
      this.change(key === "lr" ? { lr: value } : { part: label, weight: value });
    };
    on(input, "change", changed, this.signal);
    const name = h("span", "gw-monitor-word", label);
    this.el.append(h("label", "gw-field gw-monitor-field", name, input));
    this.#fields.set(key, input);
    return input;
  }
}
