"""What outlives a page and a kernel: the traits, and the contact sheet in the notebook."""

from __future__ import annotations

from test_widget import HELLO, finals, pixels

from guidewidgets.widgets import GridWidget


def test_the_page_writes_no_traits(recorder, caplog):
    recorder.widget.set_state({"mode": "grid", "tiles": []})
    assert recorder.widget.mode == "workbench"
    assert "tried to set 'mode', 'tiles'" in caplog.text


def test_traits_keep_the_pictures_and_stars_for_pages_without_kernel(recorder, session):
    recorder.ask("sample", n=2)
    recorder.ask("set", guidance=4)
    recorder.idle()
    recorder.until(lambda: recorder.widget.tiles)
    widget = recorder.widget
    assert [pixels(t).tobytes() for t in widget.tiles] == [c.image.tobytes() for c in session.history[0]]
    assert [t["slot"] for t in widget.still["tiles"]] == [0, 1]
    assert [c["slot"] for c in widget.still["state"]["cells"]] == [0, 1]
    tiles = widget.tiles
    recorder.ask("mark", slots=[1], mark="star")
    recorder.until(lambda: widget.selection == [1])
    assert widget.tiles is tiles  # once per generation


def test_a_notebook_executed_to_be_saved_keeps_the_pictures(session):
    """Nobody acknowledges anything there, and nobody listens after the cell has ended."""
    widget = GridWidget(session)
    session.sample(2, steps=8).wait(60)
    widget._repr_mimebundle_()
    assert len(widget.tiles) == 2
    widget.close()


def test_a_widget_made_later_starts_with_the_pictures(recorder, session, record):
    recorder.ask("sample", n=2)
    recorder.idle()
    session.star(0)
    late = record("grid").widget
    assert (late.mode, len(late.tiles), late.selection) == ("grid", 2, [0])


def test_a_widget_made_in_the_middle_of_a_job_joins_in(session, record):
    session.sample(2, steps=30)
    late = record()
    late.say(HELLO)
    late.idle()
    assert set(finals(late)) == {0, 1}


def test_the_notebook_keeps_a_contact_sheet(recorder, session):
    session.prompt = '"<script>"'
    recorder.ask("sample", n=3)
    recorder.idle()
    session.star(1)
    data, _ = recorder.widget._repr_mimebundle_()
    page = data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert page.count("data:image/jpeg;base64,") == 3
    assert "<script" not in page
    assert "★" in page
    assert len(page) <= 150_000
