// The sets of this tab over a reload: what they were made of, from which they are painted again, bit for bit. No pixels.
import { Nodes, readNodes } from "./ancestors";
import { type Generation, type History, type Picture, picture } from "./history";

/** Of this form; another one would have another name. */
const NAME = "guidewidgets-page-sets-2";

/** As it is stored: an origin is a node among all ancestors. */
interface Kept {
  at: number;
  nodes: string;
  sets: (Omit<Generation, "pictures"> & {
    pictures: (Pick<Picture, "parents" | "starred" | "caption"> & { node: number })[];
  })[];
}

export function toText({ all, at }: History): string {
  const nodes = new Nodes();
  const sets = all.map((set) => ({
    ...set,
    pictures: set.pictures.map(({ origin, parents, starred, caption }) => ({
      node: nodes.place(origin),
      parents,
      starred,
      caption,
    })),
  }));
  return JSON.stringify({ at, nodes: nodes.text, sets } satisfies Kept);
}

/** Put into an empty history what was stored. Throws where that is damaged, and leaves it empty. */
export function fromText(text: string, history: History): void {
  const { at, nodes, sets } = JSON.parse(text) as Kept;
  const origins = readNodes(nodes);
  const all = sets.map((set) => ({
    ...set,
    pictures: set.pictures.map(({ node, parents, starred, caption }) => {
      const origin = origins[node];
      if (!origin) throw new Error("a picture without noise");
      return { ...picture(origin, parents, caption), starred };
    }),
  }));
  if (!all[at]) throw new Error("no set to show");
  history.all.push(...all);
  history.at = at;
}

/** Where a browser refuses to store, or has no room, they are lost with the page. */
export function keep(history: History): void {
  try {
    sessionStorage.setItem(NAME, toText(history));
  } catch {}
}

/** What was kept, into an empty history. */
export function recall(history: History): void {
  try {
    const text = sessionStorage.getItem(NAME);
    if (text) fromText(text, history);
  } catch {}
}
