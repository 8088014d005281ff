"""A candidate whose files are damaged costs the workbench nothing but its own tile."""

from __future__ import annotations

import pytest

from guidewidgets.session import Session
from guidewidgets.widgets.grid import GridWidget
from guidewidgets.widgets.lineage import LineagePanel

SECONDS = 120


@pytest.mark.parametrize("file", ["images/1.webp", "latents/1.safetensors"])
@pytest.mark.parametrize("harm", ["gone", "flipped"])
def test_a_grid_with_a_damaged_candidate(engine, tmp_path, file, harm):
    session = Session("a fox", model=engine, store=tmp_path / "trip")
    session.sample(3, steps=1).wait(SECONDS)
    session.close()
    path = tmp_path / "trip" / file
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(bytes(byte ^ (i > 20) for i, byte in enumerate(path.read_bytes())))
    again = Session.open(tmp_path / "trip", model=engine)
    widget = GridWidget(again)
    assert len(widget.tiles) == 3
    labels = [cell["label"] for cell in widget.still["state"]["cells"]]
    assert [label.startswith("damaged: ") for label in labels] == [False, True, False]
    assert "a fox, number 0" in widget.static_html()
    assert LineagePanel(again).static_html().count("<img") == 3
    widget.close()
    again.star(0)
    again.close()
