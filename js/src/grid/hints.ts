// What to do next: the words that the workbench has for somebody who has just done nothing.
import { plural } from "../format";
import type { Store } from "../store";

/** In place of pictures, where there are none. */
export function invitation({ live, link, mode }: Store): string {
  if (link === "static") return "No pictures were saved with this page.";
  const how =
    mode === "workbench"
      ? "Describe a picture, then let it be painted."
      : 'Try s.sample(12, prompt="a fox").';
  return live ? `Nothing here yet. ${how}` : "";
}

/** In the line above the pictures. */
export function next(store: Store): string {
  if (store.cells.length === 0) return "";
  if (store.earlier) return "An earlier generation: Evolve goes on from its stars.";
  if (store.job) return "Stars count once the images are finished.";
  const starred = store.starred.length;
  if (starred === 0) return "Click the images you like. Press ? for all keys.";
  const evolve = starred === 1 ? "Evolve makes variations of it." : "Evolve mixes them.";
  return `${plural(starred, "image")} starred. ${store.mode === "workbench" ? evolve : ""}`;
}
