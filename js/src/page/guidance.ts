// Prompt algebra to predictions: v* = v(∅) + s · Σ wᵢ Mᵢ (v(cᵢ) - v(∅)), Composable Diffusion (Liu et al. 2022) with
// weights relative to the guidance scale s, as in guidewidgets/engine/guidance/composition.py.
import type { Model } from "./model";
import { type Concept, mask } from "./prompt/concepts";

/** What one concept of one picture adds to its prediction. */
export interface Part {
  text: string;
  coefficient: number;
  /** Its place in the prompt. */
  place: number;
  added: Float32Array;
}

export interface Guided {
  total: Float32Array;
  empty: Float32Array;
  parts: Part[];
}

interface Row {
  picture: number;
  text: string;
}

/** Guided predictions at latents x. `fraction` of the walk is done; `everything` asks for ∅ where it cancels, too. */
export async function guide(
  model: Model,
  x: readonly Float32Array[],
  prompts: readonly Concept[][],
  scale: number,
  t: number,
  fraction: number,
  everything = false,
): Promise<Guided[]> {
  const live = prompts.map((prompt) =>
    prompt.filter(({ steps }) => !steps || (steps[0] <= fraction && fraction < steps[1])),
  );
  const rows: Row[] = [];
  const place = new Map<string, number>();
  const rowOf = (picture: number, text: string) => {
    const key = `${picture} ${text}`;
    if (!place.has(key)) place.set(key, rows.push({ picture, text }) - 1);
    return place.get(key) as number;
  };
  const empty = live.map((terms, i) => (everything || !cancels(terms, scale) ? rowOf(i, "") : -1));
  const wanted = live.map((terms, i) => terms.map(({ text }) => rowOf(i, text)));
  const answers = await model.predict(
    rows.map(({ picture }) => x[picture] as Float32Array),
    rows.map(({ text }) => text),
    t,
  );
  return live.map((terms, i) => {
    // Where ∅ cancels out its place is zero, and the formula gives Σ coefficient · v(c).
    const origin = answers[empty[i] as number] ?? new Float32Array(model.size);
    const total = origin.slice();
    const parts = terms.map((term, j) => {
      const answer = answers[(wanted[i] as number[])[j] as number] as Float32Array;
      const coefficient = scale * term.weight;
      const where = term.region ? mask(term.region, model.facts.side) : null;
      const added = answer.map((value, k) => {
        const inside = where ? (where[k % where.length] as number) : 1;
        return coefficient * inside * (value - (origin[k] as number));
      });
      added.forEach((value, k) => {
        total[k] = (total[k] as number) + value;
      });
      return { text: term.text, coefficient, place: term.place, added };
    });
    return { total, empty: origin, parts };
  });
}

/** Whether ∅ has coefficient 1 - Σ s·w = 0 everywhere, so that its row need not be computed. */
function cancels(terms: readonly Concept[], scale: number): boolean {
  return (
    !terms.some(({ region }) => region) && terms.reduce((sum, { weight }) => sum + scale * weight, 0) === 1
  );
}
