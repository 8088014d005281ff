"""The composition study: it stops fairly, goes on where it stopped, and counts only what is comparable."""

import json
import time

import pytest

from benchmarks import compose_study
from benchmarks.compose_figure import draw
from benchmarks.compose_kinds import kinds
from benchmarks.compose_study import Kept, key_of, table, work
from guidewidgets.engine import Engine
from guidewidgets.prompt import Prompt

ABOUT = {"model": "m"}


@pytest.fixture(scope="module")
def asked():
    return kinds(None, 100)


def test_every_kind_has_its_prompts_and_no_two_are_alike(asked):
    for name, kind in asked.items():
        keys = [key_of(name, way, trial) for way in kind.ways for trial in kind.trials]
        assert len(kind.trials) == (64 if name == "single" else 100)
        assert len(set(keys)) == len(keys)
        for trial in kind.trials:
            for way in kind.ways:
                prompt = way.ask(trial)
                assert Prompt.parse(str(prompt)) == prompt
    # Fewer prompts are the same ones' beginning, so that a study can grow.
    for name, kind in kinds(None, 12).items():
        assert kind.trials == asked[name].trials[:12]


def test_a_study_stops_and_goes_on(tmp_path, asked, monkeypatch):
    engine, path = Engine.load(), tmp_path / "marks.jsonl"
    few = {name: asked[name] for name in ("stage", "relation")}
    few = {name: type(kind)(kind.says, kind.trials[:3], kind.ways) for name, kind in few.items()}
    monkeypatch.setattr(compose_study, "BATCH", 2)
    kept = Kept(path, ABOUT)
    work(engine, kept, few, 1, 1, stop=time.perf_counter())
    assert kept.marks == {}
    work(engine, kept, few, 1, 1, stop=float("inf"))
    everything = sum(len(kind.trials) * len(kind.ways) for kind in few.values())
    assert len(kept.marks) == everything
    (row, *_) = table(kept, "stage", few["stage"])
    assert set(row["right_percent_by_family"]) == {"place", "plain colour", "tint"}
    assert all(set(marks) == {"right", "kept"} for marks in kept.marks.values())
    again = Kept(path, ABOUT)
    assert again.marks == kept.marks
    work(None, again, few, 1, 1, stop=float("inf"))  # nothing is left to ask an engine
    assert Kept(path, {"model": "another"}).marks == {}


def test_a_table_counts_prompts_that_were_asked_in_every_way(tmp_path, asked):
    kept, kind = Kept(tmp_path / "marks.jsonl", ABOUT), asked["relation"]
    assert table(kept, "relation", kind) == []
    for k, way in enumerate(kind.ways):
        # The later a way comes, the fewer prompts it was asked.
        done = kind.trials[: 10 - k]
        kept.add({key_of("relation", way, t): {"right": [k > 0, 0], "kept": [1, 1]} for t in done})
    rows = table(kept, "relation", kind)
    assert {row["prompts"] for row in rows} == {10 - len(kind.ways) + 1}
    assert rows[0]["right_percent"] == "0.0 [0.0, 0.0]"
    assert rows[1]["points_over_first"] == "50.0 [50.0, 50.0]"
    assert "points_over_first" not in rows[0]
    figure = draw({"relation": rows}, {"relation": kind.says}, "m")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [way.name for way in kind.ways]
    assert json.loads((tmp_path / "marks.jsonl").read_text().splitlines()[0]) == ABOUT
