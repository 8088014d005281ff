// The sum of one step, drawn: each concept an arrow, head to tail, in the plane of their sum; with its equation.
import { colourOf } from "../colours";
import { draw, h, on, refill, set, text, trace } from "../dom";

export interface Attribution {
  concepts: { text: string; coefficient: number }[];
  high: number;
  means: number[];
  /** By step and concept: along the sum, and aside. */
  arrows: [number, number][][];
  flat: number[];
}

const SIDE = 100;
const EDGE = 12;

export function equation(guidance: number, terms: readonly { text: string; coefficient: number }[]): string {
  if (terms.length === 0) return "ε* = ε(∅)";
  const sum = terms.map(({ text: name, coefficient }, i) => {
    const weight = guidance === 0 ? 0 : coefficient / guidance;
    const sign = weight < 0 ? "−" : i === 0 ? "" : "+";
    const amount = Math.abs(weight);
    const factor = Math.abs(amount - 1) < 1e-9 ? "" : `${Number(amount.toFixed(2))} · `;
    return `${sign} ${factor}(ε(${name}) − ε(∅))`.trim();
  });
  return `ε* = ε(∅) + ${Number(guidance.toFixed(2))} · [ ${sum.join(" ")} ]`;
}

export function sumView(signal: AbortSignal) {
  const formula = h("p", "gw-composer-equation");
  const svg = draw("svg", { class: "gw-composer-sum", viewBox: `0 0 ${2 * SIDE} ${SIDE}`, role: "img" });
  const step = h("input", {
    type: "range",
    min: 1,
    max: 1,
    step: 1,
    class: "gw-composer-step",
    label: "Step of the sum that is drawn",
  });
  const told = h("p", "gw-quiet");
  let attribution: Attribution | null = null;
  let follow = true;

  const redraw = (): void => {
    const at = step.valueAsNumber - 1;
    const arrows = attribution?.arrows[at];
    refill(svg);
    if (!attribution || !arrows) {
      text(told, "");
      return;
    }
    const spots: [number, number][] = [[0, 0]];
    for (const [x, y] of arrows) {
      const [px, py] = spots.at(-1) ?? [0, 0];
      spots.push([px + x, py + y]);
    }
    const xs = spots.map(([x]) => x);
    const ys = spots.map(([, y]) => y);
    const [least, most] = [Math.min(...xs), Math.max(...ys)];
    const width = Math.max(...xs) - least || 1;
    const height = most - Math.min(...ys) || 1;
    const scale = Math.min((2 * SIDE - 2 * EDGE) / width, (SIDE - 2 * EDGE) / height);
    const left = (2 * SIDE - scale * width) / 2;
    const top = (SIDE - scale * height) / 2;
    const place = ([x, y]: readonly [number, number]): [number, number] => [
      left + scale * (x - least),
      top + scale * (most - y),
    ];
    const end: [number, number] = spots.at(-1) ?? [0, 0];
    svg.append(arrow(place([0, 0]), place(end), "currentcolor", "gw-composer-total"));
    arrows.forEach((_, i) => {
      svg.append(arrow(place(spots[i] ?? end), place(spots[i + 1] ?? end), colourOf(i), ""));
    });
    const named = attribution.concepts.map(
      ({ text: name }, i) => `${name} ${Math.hypot(...(arrows[i] ?? [0, 0])).toFixed(1)}`,
    );
    const length = Math.hypot(...end).toFixed(1);
    const share = Math.round(100 * (attribution.flat[at] ?? 1));
    const said = `Step ${at + 1} of ${attribution.arrows.length}: ${named.join(", ")}; together ${length}. The plane holds ${share} % of the arrows.`;
    text(told, said);
    set(svg, { label: said });
  };
  const slid = (): void => {
    follow = false;
    redraw();
  };
  on(step, "input", slid, signal);

  return {
    el: h("details", "gw-composer-why", h("summary", {}, "The sum"), formula, svg, step, told),
    update: (guidance: number, now: Attribution | null): void => {
      attribution = now;
      text(formula, equation(guidance, attribution?.concepts ?? []));
      const steps = attribution?.arrows.length ?? 0;
      const at = follow ? Math.ceil(steps / 2) : step.valueAsNumber;
      set(step, { max: Math.max(1, steps), hidden: steps === 0 });
      step.value = String(at); // the browser keeps it between its ends
      redraw();
    },
  };
}

function arrow(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  colour: string,
  name: string,
): SVGElement {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const head = [2.6, -2.6].map((side) => {
    const [dx, dy] = [Math.cos(angle + side), Math.sin(angle + side)];
    return `M${x1} ${y1}L${x1 + 4 * dx} ${y1 + 4 * dy}`;
  });
  const d = `M${x0} ${y0}L${x1} ${y1}${head.join("")}`;
  return trace(d, `gw-composer-arrow ${name}`, { stroke: colour });
}
