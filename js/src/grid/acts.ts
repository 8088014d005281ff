// What can be done with a picture, wherever it is: on the grid, in its menu, at full size.
import type { Store } from "../store";
import { savePicture } from "./files";
import type { GridHost } from "./grid";
import type { LightboxHost } from "./lightbox";
import type { MenuHost } from "./menu";
import type { Parts } from "./shortcuts";
import type { StatusView } from "./status";

/** `parts` may be filled later: they are taken when something is done. */
export function acts(
  store: Store,
  parts: Parts,
  status: StatusView,
  evolve: HTMLButtonElement,
  failed: (error: unknown) => void,
): GridHost & MenuHost & LightboxHost {
  const tell: MenuHost["tell"] = (level, words) => status.show(level, words);
  return {
    zoom: (slot) => parts.lightbox.open(slot),
    compare: (slot) => parts.lightbox.compare(slot),
    note: (slot) => parts.lightbox.note(slot),
    save: (slot) => void savePicture(store, slot).then((words) => tell("info", words), failed),
    vary: (slot) => parts.commands.vary(slot),
    menu: (...where) => parts.menu.open(...where),
    mutate: (slot, at) => {
      parts.toolState.choose("pin");
      if (at) parts.toolState.pin(slot, at);
      else parts.toolState.aim(slot);
    },
    repair: (slot) => void parts.commands.do("repair", { slot }),
    verify: () =>
      void parts.commands.do("verify").then((answer) => answer && tell("info", "Checking what they hold …")),
    star: (slot) => parts.grid.toggle(slot),
    reject: (slot) => parts.grid.toggle(slot, "reject"),
    evolve,
    turn: store.mode === "workbench" ? (tab, slot) => parts.tabs?.turn(tab, slot) : null,
    tell,
    failed,
  };
}
