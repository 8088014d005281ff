"""Widgets: views of a session in a notebook. Importing this package registers them with the sessions."""

from guidewidgets.session import views
from guidewidgets.widgets.grid import GridWidget

__all__ = ["GridWidget"]

views.register("grid", lambda session: GridWidget(session, mode="grid"))
views.register("workbench", lambda session: GridWidget(session, mode="workbench"))
