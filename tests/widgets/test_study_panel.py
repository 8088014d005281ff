"""The widget of a blind study: what the page is told, what it may ask for, and what it never learns."""

from __future__ import annotations

import io
import json
import time

import numpy as np
import pytest
from PIL import Image

import guidewidgets as gw
from guidewidgets.evaluate import Study
from guidewidgets.widgets import StudyPanel

HELLO = {"kind": "hello", "protocol": 1, "tile_px": 400}


def picture(red, seed, size=(8, 8)):
    pixels = np.random.default_rng(seed).integers(0, 40, (*size, 3), dtype=np.uint8)
    pixels[..., 0] += np.uint8(red)
    return Image.fromarray(pixels)


@pytest.fixture
def study():
    pairs = [(picture(200, 2 * i), picture(60, 2 * i + 1), f"a fox {i}") for i in range(8)]
    return Study(pairs, "Which is redder?", 8)


@pytest.fixture
def panel(study):
    panel = StudyPanel(study)
    panel.sent = []
    panel.send = lambda content, buffers=None: panel.sent.append((content, list(buffers or [])))
    yield panel
    panel.close()


def found(panel, condition, seconds=60):
    end = time.monotonic() + seconds
    while not (value := next((m for m in reversed(list(panel.sent)) if condition(m[0])), None)):
        assert time.monotonic() < end, panel.sent[-2:]
        time.sleep(0.005)
    return value


def ask(panel, name, /, **args):
    req = f"t-{time.monotonic_ns()}"
    panel._handle_custom_msg({"kind": "cmd", "req": req, "name": name, "args": args}, [])
    return found(panel, lambda c: c.get("req") == req)


def rested(panel):
    """Wait until nothing is left to be sent."""
    end = time.monotonic() + 60
    while panel._sender.due() is not None:
        assert time.monotonic() < end
        time.sleep(0.005)


def on_trial(panel, trial):
    return found(panel, lambda c: c["kind"] == "snapshot" and c["state"]["trial"] == trial)


def shown(panel, trial):
    """Pixels of the two pictures of a trial, from whatever messages brought them."""
    images = {}
    for content, buffers in list(panel.sent):
        for tile, data in zip(content.get("tiles", []), buffers, strict=False):
            images[tile["slot"]] = Image.open(io.BytesIO(data))
    return [images[2 * trial], images[2 * trial + 1]]


def test_a_page_gets_the_present_pair_and_the_next_and_later_only_what_it_lacks(panel, study):
    panel._handle_custom_msg(HELLO, [])
    content, _ = found(panel, lambda c: c["kind"] == "snapshot" and len(c["tiles"]) == 4)
    assert [tile["slot"] for tile in content["tiles"]] == [0, 1, 2, 3]
    assert content["state"] == {
        "version": 0,
        "job": None,
        "notices": [],
        "question": "Which is redder?",
        "hash": study.plan["hash"],
        "trial": 0,
        "trials": 10,
        "prompt": study.on_show().prompt,
        "back": False,
        "result": None,
    }
    rested(panel)
    assert np.array_equal(shown(panel, 0)[0], study.on_show().left)
    assert ask(panel, "vote", trial=0, choice="left", seconds=1.25)[0]["ok"]
    content, _ = on_trial(panel, 1)
    assert [tile["slot"] for tile in content["tiles"]] == [4, 5]
    rested(panel)
    assert np.array_equal(shown(panel, 1)[1], study.on_show().right)
    assert ask(panel, "back")[0]["ok"]
    content, _ = found(panel, lambda c: c["kind"] == "snapshot" and c["state"]["version"] == 2)
    assert [tile["slot"] for tile in content["tiles"]] == [0, 1]
    rested(panel)
    panel.sent.clear()
    panel._handle_custom_msg(HELLO, [])  # the page was loaded again
    content, _ = found(panel, lambda c: c["kind"] == "snapshot" and len(c["tiles"]) == 4)
    assert json.loads(study.to_json())["votes"][0]["seconds"] == 1.25


def test_votes_for_what_is_not_on_show_and_other_rubbish_are_refused_in_one_line(panel, study):
    good = {"trial": 0, "choice": "left", "seconds": 1}
    for args, words in (
        (good | {"trial": 1}, "pair 2 is not on show"),
        (good | {"trial": 2**60}, "trial must lie between"),
        (good | {"choice": "first"}, "choice must be one of left, right, tie"),
        (good | {"seconds": float("nan")}, "seconds must lie"),
        (good | {"seconds": -1}, "seconds must lie between 0 and 86400"),
        (good | {"pair": 1}, "no field 'pair'"),
        ({"trial": 0, "choice": "left"}, "needs the field seconds"),
    ):
        reply, _ = ask(panel, "vote", **args)
        assert not reply["ok"]
        assert words in reply["error"]["message"]
        assert "\n" not in reply["error"]["message"]
    for name, words in (
        ("back", "no vote to take back"),
        ("result", "10 of 10 votes are missing"),
        ("undo", "there is no command 'undo'"),
        ("mark", "there is no command 'mark'"),
    ):
        assert words in ask(panel, name)[0]["error"]["message"]
    assert "before the last vote" in ask(panel, "export", format="csv")[0]["error"]["message"]
    assert study.remaining == 10
    assert ask(panel, "vote", **good)[0]["ok"]
    assert "pair 1 is not on show" in ask(panel, "vote", **good)[0]["error"]["message"]  # a second click


def test_nothing_that_is_sent_tells_which_is_which_before_the_end(panel, study):
    panel._handle_custom_msg(HELLO, [])
    sides = set()
    while study.remaining:
        trial = study.trials - study.remaining
        on_trial(panel, trial)
        left, right = (np.asarray(side, float)[..., 0].mean() for side in shown(panel, trial))
        sides.add(study.plan["trials"][trial]["left"])
        ask(panel, "vote", trial=trial, choice="left" if left > right else "right", seconds=0.5)
    on_trial(panel, study.trials)
    assert sides == {"first", "second"}
    for content, buffers in panel.sent:
        told = json.dumps(content)
        assert not any(word in told for word in ("first", 'second"', "catch", "repeat", 'vote"', "pairs"))
        for data in buffers:
            image = Image.open(io.BytesIO(data))
            assert (image.size, image.getexif()) == ((8, 8), {})
            assert set(image.info) <= {"loop", "background", "timestamp", "duration"}
    assert ask(panel, "result")[0]["ok"]
    content, _ = found(panel, lambda c: c["kind"] == "snapshot" and c["state"]["result"])
    result = content["state"]["result"]
    assert result["sentence"] == study.result().sentence
    assert (result["share"], result["high"]) == (1, 1)
    figures = dict(result["figures"])
    assert figures["Votes"] == "8 on 8 prompts"
    assert figures["Catch pairs"] == "1 of 1 right"
    assert figures["Same answer again"] == "100 %"
    assert figures["Median time"] == "0.5 s"
    for kind, text in (("csv", study.to_csv()), ("json", study.to_json())):
        reply, buffers = ask(panel, "export", format=kind)
        assert kind in reply["value"]
        assert bytes(buffers[0]).decode() == text
    assert "votes are final" in ask(panel, "back")[0]["error"]["message"]


def test_large_pictures_are_reduced_alike():
    pair = (picture(0, 0, (1500, 3000)), picture(0, 1, (1500, 3000)), "a")
    panel = StudyPanel(Study([pair], "Which?", 1))
    tiles, buffers = panel.pictures(None)
    assert [Image.open(io.BytesIO(data)).size for data in buffers] == [(1024, 512)] * len(tiles)
    panel.close()


def test_a_study_shows_itself_and_again_after_it_was_closed(study):
    study.vote("left")
    bundle = study._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "Which is redder? 1 of 10 choices made" in data["text/html"]
    assert study.plan["hash"] in data["text/html"]
    panel = study.panel()
    assert isinstance(panel, StudyPanel)
    assert study.panel() is panel
    assert panel.tiles == []
    assert panel.still["state"]["trial"] == 1
    panel.close()
    assert study.panel() is not panel
    panel._repr_mimebundle_()  # a cell shows the old one: it stands for the new
    study.panel().close()


def test_a_question_is_text(study):
    nasty = Study([(picture(0, 0), picture(0, 1), "<b>")], "<script>alert(1)</script>", 1)
    assert "<script>" not in nasty.panel().static_html()
    nasty.panel().close()


def test_a_picture_that_was_changed_is_told_and_costs_no_widget():
    pixels = np.array(picture(0, 0))
    study = Study([(pixels, picture(0, 1), "a")], "Which?", 2)
    panel = study.panel()
    pixels += 1
    with pytest.raises(RuntimeError, match="was changed since the plan was fixed"):
        panel.tell_snapshot()
    panel.close()


def test_importing_the_room_is_enough():
    assert gw.evaluate.Study is Study
