// The grid's bundle, which every session needs; the panels have one of their own (panels.ts), so that neither is large:
// a copy of it goes with every widget.
import type { AnyModel } from "@anywidget/types";
import { Workbench } from "./grid/workbench";
import { host } from "./host";
import { join, type Kind } from "./panel/kind";
import { Store, type Traits } from "./store";

const grid: Kind = (model, signal) => {
  const store = new Store(model as unknown as AnyModel<Traits>, signal);
  return (end) => join(store, new Workbench(store, end), () => store.cells.map((cell) => cell.slot), end);
};

export default host({ grid });
