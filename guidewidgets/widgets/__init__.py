"""Widgets: views of a session in a notebook. Importing this package registers them with the sessions."""

from guidewidgets.session import views
from guidewidgets.widgets.composer import ComposerPanel
from guidewidgets.widgets.grid import GridWidget
from guidewidgets.widgets.lineage import LineagePanel
from guidewidgets.widgets.monitor import MonitorPanel
from guidewidgets.widgets.saliency import SaliencyPanel
from guidewidgets.widgets.taste import TastePanel

__all__ = ["ComposerPanel", "GridWidget", "LineagePanel", "MonitorPanel", "SaliencyPanel", "TastePanel"]

views.register("grid", lambda session: GridWidget(session, mode="grid"))
views.register("workbench", lambda session: GridWidget(session, mode="workbench"))
views.register("composer", ComposerPanel)
views.register("lineage", LineagePanel)
views.register("taste", TastePanel)
views.register("monitor", MonitorPanel)
views.register("saliency", SaliencyPanel)
