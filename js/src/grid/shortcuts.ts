// What the keys of the workbench do, wherever in it the keyboard is; the grid and the tools have had theirs first.
import { action } from "../keys";
import type { ToolState } from "../tool_state";
import type { Commands } from "./commands";
import type { HelpView } from "./dialogs";
import type { GenerationsView } from "./generations";
import type { GridView } from "./grid";
import type { LightboxView } from "./lightbox";
import type { MenuView } from "./menu";
import type { PromptView } from "./prompt";
import type { TabsView } from "./tabs";
import type { Toolbar } from "./toolbar";
import type { TrayView } from "./tray";

export interface Parts {
  commands: Commands;
  generations: GenerationsView;
  grid: GridView;
  help: HelpView;
  lightbox: LightboxView;
  menu: MenuView;
  prompt: PromptView;
  tabs: TabsView | null;
  toolState: ToolState;
  toolbar: Toolbar;
  tray: TrayView;
}

/** Do what a key means; says whether it meant something. `inside`: a panel in a tab had no use for it. */
export function shortcut(event: KeyboardEvent, inside: boolean, parts: Parts): boolean {
  const { commands, generations, prompt, toolState, toolbar } = parts;
  const what = action(event);
  const plain: Partial<Record<string, () => unknown>> = {
    help: () => parts.help.open(),
    tabs: () => parts.tabs?.focus(),
    undo: () => commands.undo(),
    redo: () => commands.redo(),
    generate: () => commands.generate(),
    evolve: () => commands.evolve(),
    blend: () => commands.blend(),
    prompt: () => prompt.focus(),
    dice: () => prompt.roll(),
    older: () => generations.step(-1),
    newer: () => generations.step(1),
    tray: () => parts.tray.button.click(),
    ...(toolState.busy && { lock: () => toolState.toggleLock(), apply: () => commands.apply() }),
  };
  const press = plain[what?.do ?? ""];
  if (inside && !/help|tabs/.test(what?.do ?? "")) return false;
  if (press) press();
  else if (what?.do === "move" && what.by === "down" && event.target === toolbar.generate)
    parts.grid.focus(0);
  else if (what?.do === "nth") parts.tabs?.grid !== false && parts.grid.nth(what.index);
  else if (what?.do === "tool") toolState.choose(what.tool);
  else if (what?.do === "radius") toolState.busy ? toolState.grow(what.by) : toolbar.stronger(what.by);
  else if (event.key === "Escape" && toolState.busy) toolState.choose("select");
  else return false;
  return true;
}
