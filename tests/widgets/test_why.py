"""Why a picture is as it is: what the widget tells of it, with its own numbers."""

from __future__ import annotations

import numpy as np
import pytest

import guidewidgets as gw
from guidewidgets.session.lineage.owner_map import shares
from guidewidgets.session.operators import OPERATORS
from guidewidgets.widgets import why
from guidewidgets.widgets.lineage_json import describe


@pytest.fixture
def page(recorder):
    """A page with one finished generation of four."""
    assert recorder.ask("sample", n=4)["ok"]
    recorder.idle()
    return recorder


def test_words_and_equations_are_of_operators_that_there_are():
    assert set(why.NOISE) == set(why.PLAIN) <= set(OPERATORS)


def test_it_tells_the_seed_and_the_parents_shares(page, session):
    plain, numbers, _ = page.ask("why", slot=0)["value"]
    assert plain.startswith("Painted from new noise.")
    assert f"Seed {session[0].recipe.seed}" in numbers
    child = session.cross([1, 3], n=1, fresh=0).wait()[0]
    plain, told, formulas = page.ask("why", slot=child.id)["value"]
    x, y = (session[i].genome.latent.double().numpy().ravel() for i in (child.id, 3))
    assert f"Cosine of its noise with that of 3: {x @ y / np.sqrt((x @ x) * (y @ y)):.2f}" in told
    share = shares(child, session.__getitem__)[3]
    assert f"{share} % is from 3" in plain
    assert (
        page.ask("origin", slot=child.id)["value"]["parents"][1]["share"] == share / 100
    )  # the same everywhere
    assert f"{share} % is from 3" in describe(session, child)["noise"]
    assert why.NOISE["cross"][1] in formulas
    assert why.SCORE in formulas
    mutant = session.mutate(1, (0.5, 0.5), n=1, lock=True).wait()[0]
    plain, *_ = page.ask("why", slot=mutant.id)["value"]
    assert plain.startswith(
        "A variation of image 1 in the marked part only; the rest was held. Its pixels are "
    )
    assert not page.ask("why", slot=99)["ok"]


def test_concepts_are_told_with_their_weights_and_a_small_models_arrows():
    s = gw.Session("a fox AND NOT a house ::0.5", seed=1)
    s.set(steps=2)
    s.sample(1).wait()
    (plain, told, _), buffers = why.why(s, 0)
    assert plain.endswith("Its words drew it towards “a fox”, away from “a house”.")
    lengths = {
        line.split(":")[0]: float(line.rsplit("= ", 1)[1]) for line in told.splitlines() if "|δ|" in line
    }
    assert set(lengths) == {"a fox", "a house"}
    assert min(lengths.values()) > 0
    assert "a house: w = −0.5, NOT" in told
    assert buffers == []


def test_a_recipe_from_a_strangers_file_is_told_all_the_same(session, monkeypatch):
    session.sample(1).wait()
    one = session[0]
    odd = {"losses": [None, "x"], "weights": {}, "word": [1], "before": 3, "region": None, "holds": [2]}
    strange = one.recipe.__class__("nobody's", odd, 1, (), ())
    monkeypatch.setattr(type(one), "recipe", property(lambda _: strange))
    assert "Made by nobody's." in why.why(session, 0)[0][0]
