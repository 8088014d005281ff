"""What was written by the code of commit 2520711 is read, rendered and made again by that of today."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import recorded
import torch
from stored import SECONDS

import guidewidgets as gw

GRADIENTS = ("optimize", "edit")
ONE_LEVEL = 1  # of 8 bits: what DESIGN.md allows another batch or machine


@pytest.fixture(autouse=True)
def one_thread():
    """As it was when they were recorded: the last bits of gradients depend on how the work is divided."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return recorded.engine(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def facts():
    return json.loads((recorded.FOLDER / "expected.json").read_text())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Copies of all files, as the folder that code runs in."""
    copy = recorded.copied(tmp_path)
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture
def everything(folder, engine) -> Iterator[gw.Session]:
    session = gw.Session.open(folder / "everything.gw", model=engine)
    yield session
    session.close()


def same(session, expected):
    """The session and all its candidates are what was recorded."""
    assert recorded.outline(session) == {k: v for k, v in expected.items() if k != "candidates"}
    for told in expected["candidates"]:
        candidate = session[told["id"]]
        assert recorded.told(candidate) == told
        assert candidate.genome.hash == candidate.hash  # of what was read, not of what was noted


def rendered(engine, genome):
    """A genome's picture as whole numbers."""
    for step in engine.sample([genome]):
        last = step.x
    return engine.decode(last)[0].mul(255).round().permute(1, 2, 0).int().numpy()


def levels(picture, image):
    return np.abs(np.asarray(picture, int) - np.asarray(image, int)).max()


def test_every_kind_is_among_them(facts):
    told = facts["everything"]["candidates"]
    assert {c["operator"] for c in told} == {
        "blend", "cross", "edit", "mix", "mutate", "optimize", "recombine", "render", "sample", "suggest",
    }  # fmt: skip
    assert facts["everything"]["history"][-1][1] == "restore"  # a candidate that is known already
    assert {c["settings"]["sampler"] for c in told} == {"ddim", "ddpm", "edict", "bdia", "obelm"}
    assert {c["settings"].get("negation") for c in told} == {None, "perp", "dynamic"}
    for name in ("negative", "corrector", "anchor", "sampler_parameters"):
        assert any(name in c["settings"] for c in told) == (name != "sampler_parameters"), name
    for sign in (" AND ", " NOT ", "@left", "%0-0.5", "@model:"):
        assert any(sign in c["settings"]["prompt"] for c in told), sign
    assert {name for c in told for name in c["tensors"]} == {"latent", "pair", "embedding_offset"}
    assert {name for c in told for name in c.get("marks", ())} == {"starred", "rejected"}
    assert any("points" in c for c in told)


def test_a_file_opens_as_it_was(everything, facts):
    same(everything, facts["everything"])
    # The last thing that was done to it was to take a guidance of 3.5 back.
    assert everything.redo()
    assert everything.guidance == 3.5
    assert not everything.redo()
    while everything.undo():
        pass
    assert everything.history == ()


def test_it_opens_without_its_model(folder, facts):
    session = gw.Session.open(folder / "everything.gw")
    same(session, facts["everything"])
    session.close()


def test_a_folder_that_a_dying_process_left_goes_on(folder, engine, facts):
    session = gw.Session.open(folder / "killed", model=engine)
    same(session, facts["killed"])
    assert session.redo()
    assert session[1].rejected
    (job,) = session.resume()
    made = job.wait(SECONDS)
    assert [c.id for c in made] == list(job.slots)
    assert torch.equal(torch.stack([c.genome.latent for c in made]), engine.noise(2, seed=9))
    session.close()


def test_a_replay_is_walked_through(folder, facts):
    replay = gw.Replay(folder / "embedded.gw")
    moments = list(replay)
    assert [moment.new for moment in moments] == [False, True, False]
    assert moments[-1].code == "s.star(0)"
    same(replay.session, facts["embedded"])
    replay.close()


def test_pictures_carry_their_candidates(folder, engine, facts):
    of_all = {told["id"]: told for told in facts["everything"]["candidates"]}
    expected = {name: of_all[number] for name, number in facts["pictures"].items()}
    (expected["embedded.png"],) = facts["embedded"]["candidates"]
    own = ("id", "marks", "points", "film")  # of the session: a picture does not carry them
    for name, told in expected.items():
        found = recorded.told(gw.Candidate.load(folder / name))
        assert {k: v for k, v in found.items() if k not in own} == {
            k: v for k, v in told.items() if k not in own
        }
    session = gw.Session("", model=engine)
    taken = session.restore(folder / "pair.png").wait(SECONDS)[0]
    assert taken.hash == expected["pair.png"]["hash"]
    session.close()


def test_a_latent_is_taken_in(folder, everything):
    made = everything.restore(folder / "noise.latent").wait(SECONDS)
    assert torch.equal(made[0].genome.latent, everything[0].genome.latent)


def test_they_are_rendered_as_they_were(everything, engine, facts):
    for told in facts["everything"]["candidates"]:
        candidate = everything[told["id"]]
        assert levels(rendered(engine, candidate.genome), candidate.image) <= ONE_LEVEL, candidate


@pytest.mark.parametrize("written", ["then", "now"])
def test_the_code_makes_them_again(everything, folder, engine, facts, written):
    code = Path(folder / "everything.txt").read_text() if written == "then" else everything.code()
    names = {"model": engine}
    exec(compile(code, "<code>", "exec"), names)  # noqa: S102 - what it is for
    made = names["s"]
    alike = recorded.machine() == facts["machine"]
    assert [(g.operator, len(g)) for g in made.history] == [(g.operator, len(g)) for g in everything.history]
    for ours, theirs in zip(made.history, everything.history, strict=True):
        for new, old in zip(ours, theirs, strict=True):
            for name in ("latent", "pair", "embedding_offset"):
                close(getattr(new.genome, name), getattr(old.genome, name), alike, old.recipe.operator)
            assert (new.starred, new.rejected) == (old.starred, old.rejected)
            # Where a bit of the noise differs, so may all that is drawn from its content later (ddpm, the corrector).
            if torch.equal(new.genome.latent, old.genome.latent):
                assert levels(new.image, old.image) <= ONE_LEVEL, new
    made.close()


def close(new, old, alike, operator):
    """The same bits on the same machine, else the same numbers as far as floats of other processors allow."""
    if old is None or new is None or alike:
        assert new is old or torch.equal(new, old)
    elif operator in GRADIENTS:
        # Adam divides gradients by their size: where they nearly vanish, their last bits decide.
        assert torch.cosine_similarity(new.flatten(), old.flatten(), dim=0) > 0.99
    else:
        # Fresh noise is rounded to fp16, whose numbers are 2⁻¹⁰ apart: libraries' normal draws may fall on either side.
        assert torch.allclose(new, old, rtol=2**-9, atol=2**-9)


def test_nothing_is_written_beside_the_recorded_files(folder):
    """Tests work on copies."""
    assert Path(tempfile.gettempdir()) not in recorded.FOLDER.parents
    names = {p.relative_to(recorded.FOLDER) for p in recorded.FOLDER.rglob("*")}
    assert names == {p.relative_to(folder) for p in folder.rglob("*")}
