"""The taste panel's commands: a choice among several, the point between three favourites, ways to suggest."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from guidewidgets.evolve.blend import on_sphere
from guidewidgets.widgets.plane_pad import SKETCH
from guidewidgets.widgets.taste_words import HOLDS, PUBLISHED, ways


@pytest.fixture
def starred(session):
    """Twelve pictures, three of them starred."""
    session.sample(12).wait()
    session.star(1, 4, 7)
    return session


class Tab:
    """A page that looks at the workbench's taste tab."""

    def __init__(self, recorder):
        self.recorder, self.session = recorder, recorder.widget.session
        self.say({"kind": "hello", "protocol": 1, "tile_px": 200})
        self.heard("snapshot")

    def say(self, content):
        self.recorder.say({"kind": "tab", "name": "taste", "content": content})

    def heard(self, kind):
        found = [(c["content"], b) for c, b in list(self.recorder.sent) if c["kind"] == "tab"]
        for content, _ in found:
            if content["kind"] == "frame":
                self.say({"kind": "ack", "seq": content["seq"]})
        return [(content, buffers) for content, buffers in found if content["kind"] == kind]

    def ask(self, name, **args):
        req = f"t{len(self.recorder.sent)}"
        self.say({"kind": "cmd", "req": req, "name": name, "args": args})
        return self.recorder.until(lambda: next((c for c, _ in self.heard("reply") if c["req"] == req), None))

    def state(self, holds=lambda _: True):
        """The newest state that something holds of."""
        return self.recorder.until(
            lambda: (all_ := self.heard("snapshot")) and holds(all_[-1][0]["state"]) and all_[-1][0]["state"]
        )

    def pictures(self):
        """Newest pictures by number: description and pixels."""
        found = {}
        for kind in ("snapshot", "frame"):
            for content, buffers in self.heard(kind):
                found |= dict(
                    zip(
                        (t["slot"] for t in content["tiles"]),
                        zip(content["tiles"], buffers, strict=True),
                        strict=True,
                    )
                )
        return {
            slot: (tile, np.asarray(Image.open(io.BytesIO(data)))) for slot, (tile, data) in found.items()
        }


def test_the_best_of_four_is_told_and_taken_back(recorder, starred):
    tab = Tab(recorder)
    four = tab.state()["report"]["question"]
    assert len(set(four)) == 4
    before = starred.opinion()
    assert tab.ask("prefer", slots=four, better=four[2])["ok"]
    assert starred.opinion().comparisons == before.comparisons + 3
    (choice,) = starred._state.history.choices
    assert (choice.better.id, {c.id for c in choice.shown}) == (four[2], set(four))
    # The same is not asked again.
    nine = tab.state(lambda state: set(state["report"]["question"]) != set(four))["report"]["question"]
    assert tab.ask("prefer", slots=nine)["ok"]  # can't tell
    assert starred._state.history.choices[-1].better is None
    assert starred.opinion().comparisons == before.comparisons + 3
    for _ in range(2):
        assert tab.ask("undo")["ok"]
    assert starred.opinion() == before
    tab.state(lambda state: state["report"]["question"] == four)
    assert tab.ask("ask", of=9)["ok"]
    assert len(tab.state(lambda state: state["of"] == 9)["report"]["question"]) == 9
    assert not tab.ask("ask", of=10)["ok"]
    assert {1, 4, 7} < set(tab.pictures())


def test_the_point_between_three_is_sketched_and_kept_as_it_was_sketched(recorder, starred, engine):
    starred.set(prompt="a fox OR a cat", steps=7)
    tab = Tab(recorder)
    assert tab.state()["plane"]["slots"] == [1, 4, 7]
    recorder.until(lambda: SKETCH in tab.pictures())  # from the middle, as soon as somebody looks
    assert tab.ask("move", weights=[50, 20, 30], full=False)["ok"]
    assert tab.ask("move", weights=[50, 20, 30], full=True)["ok"]
    recorder.until(lambda: tab.pictures()[SKETCH][0]["final"] and tab.pictures()[SKETCH][0]["exact"])
    _, sketch = tab.pictures()[SKETCH]
    assert len(starred.history) == 1  # nothing was made
    assert tab.ask("keep")["ok"]
    kept = tab.state(lambda state: state["plane"]["kept"] is not None)["plane"]["kept"]
    recorder.until(lambda: len(starred.history) == 2)
    one = starred[kept]
    parents = torch.stack([starred[i].genome.latent for i in (1, 4, 7)])
    (expected,) = on_sphere(parents, torch.tensor([[0.5, 0.2, 0.3]], dtype=torch.float64))
    assert torch.equal(one.genome.latent, expected)
    lengths = parents.double().flatten(1).norm(dim=1)
    assert float(expected.double().norm()) == pytest.approx(
        float(lengths @ torch.tensor([0.5, 0.2, 0.3]).double()), rel=1e-6
    )
    assert (one.recipe.operator, one.recipe.parent_ids) == ("mix", (1, 4, 7))
    assert np.abs(np.asarray(one.image).astype(int) - sketch).max() <= 1
    # The corners are the favourites, bit for bit; and all of it is made again by its code.
    for corner, number in enumerate((1, 4, 7)):
        assert tab.ask("move", weights=[100 * (i == corner) for i in range(3)], full=False)["ok"]
        assert tab.ask("keep")["ok"]
        recorder.until(lambda n=corner: len(starred.history) == 3 + n)
        assert torch.equal(starred.history[-1][0].genome.latent, starred[number].genome.latent)
    names = {"model": engine}
    exec(compile(starred.code(), "<code>", "exec"), names)  # noqa: S102 - what it is for
    again = names["s"]
    assert [g[0].hash for g in again.history] == [g[0].hash for g in starred.history]
    again.close()
    starred.undo()
    tab.state(lambda state: state["plane"]["kept"] is None)


def test_corners_are_chosen_and_stay_while_others_are_starred(recorder, starred):
    tab = Tab(recorder)
    starred.star(9)
    tab.state(lambda state: state["plane"]["slots"] == [4, 7, 9])
    assert tab.ask("corners", slots=[2, 9, 7])["ok"]
    starred.star(0)
    five = tab.state(lambda state: state["report"]["stars"] == 5)
    assert five["plane"]["slots"] == [2, 9, 7]
    assert "three different" in tab.ask("corners", slots=[2, 2, 7])["error"]["message"]
    assert "not all zero" in tab.ask("move", weights=[0, 0, 0], full=True)["error"]["message"]
    while starred.history:
        starred.undo()
    assert tab.state(lambda state: not state["plane"]["slots"])["plane"]["why"].startswith("Star three")
    assert not tab.ask("keep")["ok"]


def test_suggestions_by_what_they_hold_and_as_published(recorder, starred):
    tab = Tab(recorder)
    assert [how for how, _ in tab.state()["ways"]] == ["taste", "holds", "published"]
    assert tab.ask("suggest", n=2, how=PUBLISHED)["ok"]
    recorder.until(lambda: len(starred.history) == 2)
    assert "s.cross([1, 4, 7], n=2, cells=6, fresh=0.0" in starred.code().replace("fresh=0,", "fresh=0.0,")
    assert starred.history[-1][0].recipe.parameters["cells"] == 6
    assert tab.ask("suggest", n=2, how=HOLDS)["ok"]
    recorder.until(lambda: len(starred.history) == 3)
    assert re.search(r"s\.suggest\(.*of=4", starred.code())
    assert all(c.holds for c in starred.history[-1])
    starred.unmark(1, 4)
    refused = tab.ask("suggest", n=2, how=PUBLISHED)
    assert "two parents" in refused["error"]["message"]


def rows(engine, work):
    """Rows that the network is asked while something is done."""
    counted = []
    hook = engine.network.module.register_forward_pre_hook(lambda _, args: counted.append(len(args[0])))
    work()
    hook.remove()
    return sum(counted)


@pytest.mark.parametrize(("prompt", "trusted"), [("a fox", False), ("a fox AND a beach", True)])
def test_what_is_told_to_cost_is_what_it_costs(session, engine, monkeypatch, prompt, trusted):
    """In rows of the network: *Best of* in the grid is 2 · (1 + 1/steps), and the ways to suggest as they say."""
    monkeypatch.setattr("guidewidgets.session.preference.dataset.trusted", lambda _: trusted)
    session.set(prompt=prompt, steps=10)
    alone = rows(engine, session.sample(2, seed=1).wait)
    assert rows(engine, session.sample(2, of=4, seed=1).wait) / alone == pytest.approx(2 * (1 + 1 / 10))
    assert rows(engine, session.sample(2, of=8, seed=1).wait) / alone == pytest.approx(4 * (1 + 1 / 10))
    session.star(0)
    told = {how: re.search(r"([\d.]+) ×", words) for how, words in ways(session.opinion(), 10)}
    assert session.opinion().used == trusted
    for how, of in (("taste", None), ("holds", 4)):
        found = rows(engine, session.suggest(2, of=of).wait) / alone
        assert found == pytest.approx(float(told[how][1]), abs=0.06)


def test_the_grid_keeps_the_best_of_more(recorder, session):
    assert recorder.ask("sample", n=1, of=2)["ok"]
    recorder.until(lambda: len(session.history) == 1)
    assert list(session[0].holds) == ["a fox on a beach"]
    session.star(0)
    assert recorder.ask("evolve", n=1, of=2)["ok"]
    recorder.until(lambda: len(session.history) == 2)
    assert session.history[-1][0].holds
    assert "of=2" in session.code()
