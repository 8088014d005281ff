"""The composition study: it stops fairly, goes on where it stopped, and counts only what is comparable."""

import time

import pytest

from benchmarks import compose_study
from benchmarks.compose_figure import draw
from benchmarks.compose_kinds import kinds
from benchmarks.compose_study import Kept, kept_of, key_of, table, work
from benchmarks.compose_tuning import to_tune
from guidewidgets.engine import Engine
from guidewidgets.prompt import Prompt

ABOUT = {"model": "m", "sampler": "s", "seeds": 2, "steps": 1}


@pytest.fixture(scope="module")
def asked():
    return kinds(None, 100)


def test_every_kind_has_its_prompts_and_no_two_are_alike(asked):
    for name, kind in asked.items():
        keys = [key_of(way, trial) for way in kind.ways for trial in kind.trials]
        assert len(kind.trials) == (64 if name == "single" else 100)
        assert len(set(keys)) == len(keys)
        for trial in kind.trials:
            for way in kind.ways:
                prompt = way.ask(trial)
                assert Prompt.parse(str(prompt)) == prompt
    # Fewer prompts are the same ones' beginning, so that a study can grow.
    for name, kind in kinds(None, 12).items():
        assert kind.trials == asked[name].trials[:12]


def test_what_weights_are_tuned_on_is_not_in_the_study(asked):
    for name, kind in to_tune(None, 100).items():
        assert len(kind.trials) == 100
        studied = {frozenset((*trial.wanted, *trial.unwanted)) for trial in asked[name].trials}
        tuned = {frozenset((*trial.wanted, *trial.unwanted)) for trial in kind.trials}
        assert not tuned & studied
        assert len({key_of(way, kind.trials[0]) for way in kind.ways}) == len(kind.ways)


def test_a_study_stops_and_goes_on(tmp_path, asked, monkeypatch):
    engine = Engine.load()
    few = {name: asked[name] for name in ("stage", "relation")}
    few = {name: type(kind)(kind.says, kind.trials[:3], kind.ways) for name, kind in few.items()}
    monkeypatch.setattr(compose_study, "BATCH", 2)
    monkeypatch.setattr(compose_study, "RESULTS", tmp_path)
    kept = kept_of("study", ABOUT, few)
    work(engine, kept, few, 1, 1, stop=time.perf_counter())
    assert not any(one.marks for one in kept.values())
    work(engine, kept, few, 1, 1, stop=float("inf"))
    for name, kind in few.items():
        assert len(kept[name].marks) == len(kind.trials) * len(kind.ways)
        assert all(set(marks) == {"right", "kept"} for marks in kept[name].marks.values())
    (row, *_) = table(kept["stage"], "stage", few["stage"])
    assert set(row["right_percent_by_family"]) == {"place", "plain colour", "tint"}
    again = kept_of("study", ABOUT, few)
    assert {name: one.marks for name, one in again.items()} == {name: kept[name].marks for name in few}
    work(None, again, few, 1, 1, stop=float("inf"))  # nothing is left to ask an engine


def test_two_processes_keep_their_kinds_and_either_tells_of_both(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(compose_study, "RESULTS", tmp_path)
    few = {name: type(kind)(kind.says, kind.trials[:2], kind.ways) for name, kind in asked.items()}

    def keep(name, done):
        kept_of("study", ABOUT, {name: few[name]})[name].add(
            {key_of(way, t): done for way in few[name].ways for t in few[name].trials}
        )

    keep("pair", {"right": [1, 0], "kept": [1, 0], "removed": [1, 1]})
    keep("not", {"right": [0, 0], "kept": [1, 0], "removed": [0, 1]})
    told = {}
    monkeypatch.setattr(compose_study, "write", told.__setitem__)
    compose_study.tell(
        "other", ABOUT | {"steps": 2}, few
    )  # nothing is done with other settings, and nothing is lost
    assert not [key for key in told["other"] if ":" in key]
    compose_study.tell("study", ABOUT, few)
    assert [key.split(":")[0] for key in told["study"] if ":" in key] == ["pair", "not"]
    assert (tmp_path / "study.png").is_file()


def test_marks_of_another_model_are_kept_until_there_are_new_ones(tmp_path):
    path = tmp_path / "marks.jsonl"
    Kept(path, ABOUT).add({"a": {"right": [1]}})
    other = Kept(path, ABOUT | {"model": "another"})
    assert other.marks == {}
    assert Kept(path, ABOUT).marks == {"a": {"right": [1]}}
    other.add({"b": {"right": [0]}})
    assert Kept(path, ABOUT | {"model": "another"}).marks == {"b": {"right": [0]}}
    assert Kept(path, ABOUT).marks == {}


def test_a_table_counts_prompts_that_were_asked_in_every_way(tmp_path, asked):
    kept, kind = Kept(tmp_path / "marks.jsonl", ABOUT), asked["relation"]
    assert table(kept, "relation", kind) == []
    for k, way in enumerate(kind.ways):
        # The later a way comes, the fewer prompts it was asked.
        done = kind.trials[: 10 - k]
        kept.add({key_of(way, t): {"right": [k > 0, 0], "kept": [1, 1]} for t in done})
    rows = table(kept, "relation", kind)
    assert {row["prompts"] for row in rows} == {10 - len(kind.ways) + 1}
    assert rows[0]["right_percent"] == "0.0 [0.0, 36.9]"
    assert rows[1]["points_over_first"] == "50.0 [-5.4, 68.5]"  # eight alike rule out little
    assert "points_over_first" not in rows[0]
    figure = draw({"relation": rows}, {"relation": kind.says}, "m")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [way.name for way in kind.ways]
