"""A blind study's files: it goes on from them, and refuses others."""

from __future__ import annotations

import csv
import json

import pytest
from blind import QUESTION, look, some_pairs, voted

import guidewidgets as gw
from guidewidgets.evaluate import Study


def test_a_study_saved_half_way_goes_on(tmp_path):
    pairs = some_pairs(50)
    study = Study(pairs, QUESTION, 50, seed=9)
    for _ in range(20):
        look(study)
    study.vote("tie", 2.0)
    study.back()
    study.save(tmp_path / "votes.json")
    again = Study.load(tmp_path / "votes.json", pairs)
    assert again.remaining == study.remaining == 37
    assert again.to_json() == study.to_json()
    assert not again.can_go_back
    assert voted(again).result() == voted(study).result()
    again.save(tmp_path / "votes.json")
    assert Study.load(tmp_path / "votes.json", pairs).result() == again.result()
    assert [path.name for path in tmp_path.iterdir()] == ["votes.json"]


def test_the_table_of_votes(tmp_path):
    pairs = [(a, b, "=1+1" if i else "a fox") for i, (a, b, _) in enumerate(some_pairs(10))]
    study = voted(Study(pairs, QUESTION, 10))
    study.save(str(tmp_path / "votes.csv"))
    with (tmp_path / "votes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == study.trials == 12
    trials = study.plan["trials"]
    assert [(int(r["pair"]), r["kind"], r["left"]) for r in rows] == [
        (t["pair"], t["kind"], t["left"]) for t in trials
    ]
    assert all(row["preferred"] == "first" for row in rows)
    assert all((row["choice"] == "left") == (row["left"] == "first") for row in rows)
    assert {row["prompt"] for row in rows} == {"a fox", "'=1+1"}
    assert {row["plan"] for row in rows} == {study.plan["hash"]}
    with pytest.raises(ValueError, match=r"votes.txt: expected a name that ends in .json or .csv"):
        study.save(tmp_path / "votes.txt")
    with pytest.raises(OSError, match="No such file"):
        study.save(tmp_path / "nowhere" / "votes.csv")


def test_files_that_are_no_studies_or_of_other_pictures(tmp_path):
    pairs = some_pairs(10)
    study = Study(pairs, QUESTION, 10)
    look(study)
    path = tmp_path / "votes.json"
    study.save(path)
    whole = json.loads(path.read_text())

    def refused(change, words, given=pairs):
        path.write_text(json.dumps(change) if isinstance(change, dict) else change)
        with pytest.raises(gw.SessionFileError, match=words) as told:
            Study.load(path, given)
        assert "\n" not in str(told.value)

    refused(whole, "another plan", pairs[::-1])
    refused(whole, "another plan", some_pairs(10, redder="second"))
    refused("[]", "no JSON object")
    refused("{", "is no JSON")
    refused({}, "is no study")
    refused(whole | {"plan": 3}, "plan is 3")
    refused(whole | {"plan": whole["plan"] | {"seed": 1}}, "another plan")
    refused(whole | {"plan": whole["plan"] | {"n": "x"}}, "n='x': expected a whole number")
    refused(whole | {"votes": 3}, "votes is 3")
    refused(whole | {"votes": [3]}, "a vote is no JSON object")
    vote = whole["votes"][0]
    for change, words in (
        ({"trial": 1}, "pair 2 is not on show"),
        ({"choice": "up"}, "choice is 'up'"),
        ({"seconds": -1}, "seconds is out of range"),
        ({"withdrawn": 1}, "withdrawn is 1"),
    ):
        refused(whole | {"votes": [vote | change]}, words)
    refused(whole | {"votes": [vote | {"trial": i} for i in range(20)]}, "all votes are cast|not on show")
    path.unlink()
    with pytest.raises(gw.SessionFileError, match="No such file"):
        Study.load(path, pairs)
