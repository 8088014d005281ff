// The panels' bundle. A new panel adds one line here: see "Adding a widget" in the README.
import { ComposerView } from "./composer/view";
import { host } from "./host";
import { LineageView } from "./lineage/view";
import { MonitorView } from "./monitor/view";
import { panel } from "./panel/kind";
import { SaliencyView } from "./saliency/view";
import { StudyChannel, StudyView } from "./study/view";
import { TasteView } from "./taste/view";

export default host({
  composer: panel(ComposerView),
  lineage: panel(LineageView),
  monitor: panel(MonitorView),
  saliency: panel(SaliencyView),
  study: panel(StudyView, StudyChannel),
  taste: panel(TasteView),
});
