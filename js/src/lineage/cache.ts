// Details and full-size picture of the candidate that is looked at, asked for once the hands rest on it.

import { urls } from "../binary";
import type { Tile } from "../protocol";
import type { Answer } from "../requests";
import type { Details } from "./details";

const REST_MS = 40; // who holds an arrow key down passes by

export function detailsCache(
  ask: (name: string, args: Record<string, unknown>) => Promise<Answer | null>,
  loaded: () => void,
  signal: AbortSignal,
) {
  const pictures = urls(signal);
  let details: Details | null = null;
  let shown: { slot: number; url: string } | null = null;
  let turn = 0;
  let asked = -1;

  const forget = (): void => {
    pictures.free();
    shown = null;
  };
  const picture = (slot: number | undefined): string | null =>
    shown && shown.slot === slot ? shown.url : null;
  return {
    picture,
    get details(): Details | null {
      return details;
    },
    /** What is shown is another candidate now. */
    leave: (slot: number): void => {
      details = null;
      if (!picture(slot)) forget();
    },
    has: (slot: number): boolean => asked === slot,
    load: async (slot: number): Promise<void> => {
      const now = ++turn;
      asked = slot;
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (now !== turn || signal.aborted) return;
      const [about, image] = await Promise.all([
        ask("node", { slot }),
        picture(slot) ? null : ask("image", { slot }),
      ]);
      if (now !== turn || signal.aborted) return;
      if (about) details = about.value as Details;
      const data = image?.buffers[0];
      if (image && data) {
        forget();
        shown = { slot, url: pictures.make(data, (image.value as Tile).media_type) };
      }
      loaded();
    },
  };
}
