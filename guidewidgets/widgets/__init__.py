"""Widgets: views of sessions and studies in a notebook. Importing this package registers them."""

from guidewidgets import display_registry
from guidewidgets.widgets.composer import ComposerPanel
from guidewidgets.widgets.grid import GridWidget
from guidewidgets.widgets.lineage import LineagePanel
from guidewidgets.widgets.monitor import MonitorPanel
from guidewidgets.widgets.saliency import SaliencyPanel
from guidewidgets.widgets.study import StudyPanel
from guidewidgets.widgets.taste import TastePanel

__all__ = [
    "ComposerPanel",
    "GridWidget",
    "LineagePanel",
    "MonitorPanel",
    "SaliencyPanel",
    "StudyPanel",
    "TastePanel",
]

for _panel in (ComposerPanel, LineagePanel, MonitorPanel, SaliencyPanel, StudyPanel, TastePanel):
    display_registry.register(_panel.KIND, _panel)
display_registry.register("grid", lambda session: GridWidget(session, mode="grid"))
display_registry.register("workbench", lambda session: GridWidget(session, mode="workbench"))
