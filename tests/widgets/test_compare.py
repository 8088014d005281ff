"""By hand, on the widget's Python side: mutate, recombine, and what is shown of the children."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from test_messages import shape

from guidewidgets import Region
from guidewidgets.session import Session
from guidewidgets.widgets import colours, compare

PAINTED = {"kind": "bitmap", "width": 4, "height": 2, "bits": "8w=="}


@pytest.fixture
def page(recorder):
    """A page with one finished generation of four."""
    assert recorder.ask("sample", n=4)["ok"]
    recorder.idle()
    return recorder


def looked(page, name, slot):
    reply = page.ask(name, slot=slot)
    assert reply["ok"], reply
    return reply["value"], next(buffers for content, buffers in page.sent if content is reply)


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def cells(page):
    return page.kinds("state")[-1]["state"]["cells"]


def test_mutate_and_its_change_map(page, session, fixture):
    assert {cell["compare"] for cell in cells(page)} == {"none"}
    assert page.ask("mutate", slot=2, at=[[0.25, 0.25]], radius=0.2, n=2, lock=True)["ok"]
    page.idle()
    child = session.history[1][1]
    assert (child.recipe.operator, child.recipe.parent_ids) == ("mutate", (2,))
    assert child.recipe.parameters["lock"] is True
    assert {cell["compare"] for cell in cells(page)} == {"change"}

    value, (before, painted, scale) = looked(page, "change", child.id)
    shape(value, fixture["from_kernel"]["change"]["value"])
    assert (pixels(before) == np.asarray(session[2].image)).all()
    difference = np.abs(np.asarray(child.image, float) - np.asarray(session[2].image, float)).mean(axis=2)
    assert value["high"] == round(difference.max(), 1)
    assert (pixels(scale)[0] == colours.INFERNO).all()
    light = pixels(painted).astype(int).sum(axis=2)
    order = np.argsort(difference, axis=None)
    assert light.flat[order[0]] < light.flat[order[-1]]  # more change is lighter
    assert value["inside"] > value["outside"]
    height, width = child.genome.latent.shape[1:]
    assert value["raster"] == [width, height]
    mask = Region.points([(0.25, 0.25)], 0.2).mask(height, width)
    assert value["outline"] == compare.outline(mask)


def test_a_painted_region_and_the_whole_picture_can_be_mutated(page, session):
    assert page.ask("mutate", slot=0, region=PAINTED, n=1)["ok"]
    page.idle()
    assert session.history[1][0].recipe.parameters["region"] == PAINTED
    assert page.ask("mutate", slot=0, n=1)["ok"]
    page.idle()
    value, _ = looked(page, "change", session.history[2][0].id)
    assert (value["inside"], value["outside"], value["outline"]) == (None, None, "")


def test_recombine_and_its_owner_map(page, session, fixture):
    picks = [{"slot": 1, "region": PAINTED}, {"slot": 3, "at": [[0.9, 0.9]]}]
    assert page.ask("recombine", picks=picks, n=2, prompt="a hat")["ok"]
    page.idle()
    child = session.history[1][0]
    assert child.recipe.parent_ids == (1, 3)
    assert child.recipe.parameters["picks"] == [PAINTED, [[0.9, 0.9]]]
    assert str(child.genome.prompt) == "a hat"
    assert cells(page)[0]["compare"] == "origin"
    title = page.kinds("state")[-1]["state"]["title"]
    assert title == "2 images put together from 1, 3"

    value, (places, *thumbs) = looked(page, "origin", child.id)
    shape(value, fixture["from_kernel"]["origin"]["value"])
    owners = session.owners(child.id)
    assert [p["slot"] for p in value["parents"]] == [1, 3]
    numbers = np.array([1, 3])[np.frombuffer(places, np.uint8).reshape(value["h"], value["w"])]
    assert (numbers == owners).all()
    assert len({p["colour"] for p in value["parents"]} | {value["fresh"]["colour"]}) == 3
    assert len(thumbs) == 2
    assert sum(p["share"] for p in value["parents"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("mutate", {"slot": 0, "at": [[0.5, 0.5]], "radius": 0, "n": 1}, "radius=0"),
        ("mutate", {"slot": 0, "at": [[0.5, 0.5]], "region": PAINTED, "n": 1}, "expected one of them"),
        ("mutate", {"slot": 0, "n": 1, "lock": True}, "expected spots to change"),
        ("mutate", {"slot": 99, "at": [[0.5, 0.5]], "n": 1}, "no candidate 99"),
        ("mutate", {"slot": 0, "at": [[0.5, 0.5]], "n": 0}, "n=0: expected at least 1"),
        ("recombine", {"picks": [{"slot": 99, "at": [[0.5, 0.5]]}], "n": 1}, "no candidate 99"),
        ("change", {"slot": 0}, "image 0 was made by sample: only a mutation has a change map"),
        ("origin", {"slot": 0}, "image 0 was made by sample: it has no owner map"),
        ("change", {"slot": 99}, "no candidate 99"),
        ("origin", {"slot": 99}, "no candidate 99"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line_and_nothing_is_lost(page, session, name, args, says):
    before = [cell["slot"] for cell in cells(page)]
    reply = page.ask(name, **args)
    assert not reply["ok"]
    assert says in reply["error"]["message"]
    assert "\n" not in reply["error"]["message"]
    assert session.view().jobs == ()
    assert [c.id for c in session.history[-1]] == before


def test_a_picture_taken_in_without_its_parents_is_not_compared(page, session, engine, tmp_path):
    page.ask("mutate", slot=0, at=[[0.5, 0.5]], n=1)
    page.idle()
    session.history[1][0].save(tmp_path / "child.png")
    other = Session("a cat", model=engine)
    other.restore(tmp_path / "child.png")
    assert compare.kind(session.history[1][0]) == "change"
    assert compare.kind(other.history[-1][0]) == "none"


def test_candidates_of_different_sizes_cannot_be_put_together(page, session):
    wide = session.sample(1, size=(32, 16)).wait(60)[0]
    picks = [{"slot": 0, "at": [[0.5, 0.5]]}, {"slot": wide.id, "at": [[0.5, 0.5]]}]
    assert "differ in size" in page.ask("recombine", picks=picks, n=1)["error"]["message"]


def test_an_outline_goes_once_around():
    mask = np.zeros((3, 4), bool)
    mask[1, 1:3] = True
    path = compare.outline(mask)
    edges = {"M1 1v1", "M3 1v1", "M1 1h1", "M2 1h1", "M1 2h1", "M2 2h1"}
    assert {f"M{edge}" for edge in path.split("M")[1:]} == edges
    assert path.count("M") == len(edges)
    assert compare.outline(np.ones((2, 2), bool)).count("M") == 8


def test_the_colours_grow_ever_lighter():
    linear = (colours.INFERNO / 255.0) ** 2.2
    lightness = linear @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
    assert len(set(colours.KINDS)) == len(colours.KINDS)
