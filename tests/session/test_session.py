"""The session as an object: what it offers, what it refuses, and that opening one makes the same as beginning one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import threading

import pytest
from IPython.core.completer import IPCompleter

import guidewidgets as gw
from guidewidgets.session import Session
from guidewidgets.settings import Overrides

SECONDS = 120


def test_help_names_every_public_member_once_in_its_group():
    groups = [line for line in (Session.__doc__ or "").splitlines() if line.startswith("        ")]
    named = [name for line in groups for name in line[18:].split(", ")]
    public = [name for name in dir(Session) if not name.startswith("_")]
    assert sorted(named) == sorted([*public, "s[4]"])


def test_no_class_stands_on_more_than_two_of_ours():
    for found in pkgutil.walk_packages(gw.__path__, "guidewidgets."):
        if ".widgets." in found.name or found.name.endswith("widgets"):
            continue
        for kind in vars(importlib.import_module(found.name)).values():
            if inspect.isclass(kind) and kind.__module__ == found.name:
                ours = [base for base in kind.__bases__ if base.__module__.startswith("guidewidgets")]
                assert len(ours) <= 2, kind
    assert [base.__name__ for base in Session.__mro__[1:-1]] == ["Switching", "Files", "Assessing", "Actions"]


def test_an_opened_session_has_all_that_a_new_one_has(engine, tmp_path):
    new = Session("a fox", model=engine, seed=3, store=tmp_path / "trip")
    new.sample(1, steps=1).wait(SECONDS)
    new.close()
    again = Session.open(tmp_path / "trip", model=engine)
    assert vars(again).keys() == vars(new).keys()
    assert (again.seed, str(again.prompt)) == (3, "a fox")
    again.close()


@pytest.mark.parametrize(
    ("name", "meant"), [("promt", "prompt"), ("guidence", "guidance"), ("step", "steps"), ("grids", "grid")]
)
def test_unknown_attributes_are_refused(session, name, meant):
    with pytest.raises(AttributeError, match=f"no attribute '{name}': did you mean '{meant}'"):
        setattr(session, name, "a fox")
    assert not hasattr(session, name)
    with pytest.raises(AttributeError):
        session.seed = 3  # it is in the recipes: another seed is another session


def test_settings_are_offered_by_completion(session):
    names = set(Overrides.__annotations__)
    for method in (session.sample, session.cross, session.mutate, session.suggest, session.mix):
        assert names <= set(inspect.signature(method).parameters)
    completer = IPCompleter(namespace={"s": session})
    completer.text_until_cursor = "s.sample(4, neg"
    assert set(completer.python_func_kw_matches("neg")) == {"negative=", "negation="}


def test_the_worker_never_waits_for_an_optimisation_to_be_attached(made):
    seen = []
    made.subscribe(lambda _: seen.extend(job.control for job in made.view().jobs))
    job = made.optimize(0, gw.MeanColour((0.2, 0.7, 0.4)), steps=1)
    assert None not in seen
    assert made.pursued is job
    job.wait(SECONDS)


def test_many_threads_share_one_report(made):
    made.star(0, 1)
    reports = []
    gate = threading.Barrier(8)

    def ask():
        gate.wait()
        reports.append(made.opinion())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(report) for report in reports}) == 1
