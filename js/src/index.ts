// The grid's bundle, which every session needs; the panels have one of their own (panels.ts), so that neither is large:
// a copy of it goes with every widget.
import { Workbench } from "./grid/workbench";
import { host } from "./host";
import { panel } from "./panel/kind";
import { Store } from "./store";

export default host({ grid: panel(Workbench, Store) });
