"""Notes and tags, as a page sends them and is told of them."""

from __future__ import annotations


def state(recorder) -> dict:
    recorder.idle()
    return recorder.kinds("state")[-1]["state"]


def test_a_note_is_kept_and_told_for_what_is_on_show_and_for_favourites(recorder, session):
    session.sample(2).wait()
    assert recorder.ask("note", slot=0, note=" such ears ", tags="keep,, print it ")["ok"]
    assert (session[0].note, session[0].tags) == ("such ears", ("keep", "print it"))
    told = [{"slot": 0, "note": "such ears", "tags": "keep, print it"}]
    assert state(recorder)["notes"] == told
    recorder.until(lambda: recorder.widget.still["state"]["notes"] == told)  # in a saved notebook, too
    session.sample(1).wait()
    assert state(recorder)["notes"] == []
    session.star(0)
    assert state(recorder)["notes"] == told
    assert recorder.ask("note", slot=0, note="", tags="")["ok"]
    assert state(recorder)["notes"] == []
    assert recorder.ask("undo")["ok"]
    assert state(recorder)["notes"] == told


def test_what_cannot_be_noted_is_answered_in_one_line(recorder, session):
    session.sample(1).wait()
    for args, says in (
        ({"note": "x" * 501, "tags": ""}, "note has 501 characters; 500 are allowed"),
        ({"note": "\ud800", "tags": ""}, "note holds half a character"),
        ({"note": "", "tags": "x" * 31}, "a tag has 31 characters: expected at most 30"),
        ({"note": "", "tags": ",".join("abcdefghijk")}, "expected at most 10 of them"),
        ({"note": 5, "tags": ""}, "note must be text, not 5"),
        ({"note": ""}, "note needs the field tags"),
    ):
        answer = recorder.ask("note", slot=0, **args)
        assert not answer["ok"]
        assert says in answer["error"]["message"]
    assert not recorder.ask("note", slot=9, note="who?", tags="")["ok"]
    assert session[0].marks.said == ""
