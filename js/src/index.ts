// The bundle: all widgets, since the workbench shows them all. A new panel adds a line here: see "Adding a widget" in the
// README.
import { ComposerView } from "./composer/view";
import { Workbench } from "./grid/workbench";
import { host } from "./host";
import { LineageView } from "./lineage/view";
import { MonitorView } from "./monitor/view";
import { panel } from "./panel/kind";
import { SaliencyView } from "./saliency/view";
import { Store } from "./store";
import { StudyChannel, StudyView } from "./study/view";
import { TasteView } from "./taste/view";

export default host({
  grid: panel(Workbench, Store),
  composer: panel(ComposerView),
  lineage: panel(LineageView),
  monitor: panel(MonitorView),
  saliency: panel(SaliencyView),
  study: panel(StudyView, StudyChannel),
  taste: panel(TasteView),
});
