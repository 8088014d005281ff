"""Save, load in another process, render: the same pixels, for every operator there is, optimised candidates too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fresh import Interpreters
from PIL import Image
from stored import SECONDS

import guidewidgets as gw
from guidewidgets.session import Session, operators
from guidewidgets.session.picture import png

RENDER = """
import json, sys, tempfile
from pathlib import Path
import numpy as np
import tiny, torch
from guidewidgets.engine import Engine
from guidewidgets.session import Session

torch.set_num_threads(int(sys.argv[2]))
with tempfile.TemporaryDirectory() as words:
    engine = Engine.load(tiny.stable_diffusion(Path(words)))
    session = Session.open(sys.argv[1], model=engine)
    told = {}
    for generation in session.history:
        for step in engine.sample([c.genome for c in generation]):
            last = step.x
        pixels = engine.decode(last).mul(255).round().byte().permute(0, 2, 3, 1).numpy().astype(int)
        for candidate, mine in zip(generation, pixels):
            kept = np.asarray(candidate.image).astype(int)
            told[candidate.id] = [candidate.genome.hash, int(np.abs(mine - kept).max())]
    session.close()
print(json.dumps(told))
"""
GREEN = gw.MeanColour((0.2, 0.7, 0.4))
SPOT = [(0.3, 0.7)]
WAYS = {
    "sample": lambda s, folder: s.sample(2, prompt="a fox OR a cat AND NOT a house @left"),
    "spread": lambda s, folder: s.sample(2, spread=True),
    "cross": lambda s, folder: s.cross([1, 4], n=2),
    "elites": lambda s, folder: s.cross([1, 4], n=3, elites=1),
    "mutate": lambda s, folder: s.mutate(1, at=SPOT, radius=0.3, n=2),
    "locked": lambda s, folder: s.mutate(1, at=SPOT, radius=0.3, n=2, lock=True),
    "varied": lambda s, folder: s.mutate(4, n=2),
    "recombine": lambda s, folder: s.recombine({1: [(0.2, 0.5)], 4: gw.Region.box(0.5, 0, 1, 1)}, n=2),
    "blend": lambda s, folder: s.blend([1, 4], n=2),
    "render": lambda s, folder: s.render([0, 1], guidance=2.0),
    "mix": lambda s, folder: s.mix([1, 4], [[0.7, 0.3], [0.5, -0.2]]),
    "suggest": lambda s, folder: s.suggest(2),
    "perp": lambda s, folder: s.sample(1, prompt="a fox AND NOT a dog", negation="perp"),
    "restore": lambda s, folder: s.restore(_elsewhere(s, folder)),
    "optimize": lambda s, folder: s.optimize(1, GREEN, steps=3, lr=0.1),
    "preconditioned": lambda s, folder: s.optimize(
        1, GREEN, steps=2, optimizer="momentum", momentum=0, precondition="tangent"
    ),
    "watched": lambda s, folder: s.optimize(1, GREEN, steps=3, lr=0.1, watch=gw.Symmetry()),
    "probed": lambda s, folder: s.optimize(1, GREEN, steps=2, probes=2),
    "edited by probes": lambda s, folder: s.edit(_photo(folder), GREEN, steps=2, sampling_steps=3, probes=2),
    "sgool": lambda s, folder: s.optimize(1, GREEN, "sgool", 2, saliency="spectral", lr=0.1),
    "one_step": lambda s, folder: s.optimize(1, GREEN, "one_step", scale=30.0),
    "noise_tilt": lambda s, folder: s.optimize(1, GREEN, "noise_tilt", tilt=0.7),
    "edit": lambda s, folder: s.edit(_photo(folder), GREEN, steps=2, sampling_steps=3),
    "learn": lambda s, folder: s.learn("zorbling", [1, 4], n=2, updates=2),
    "said": lambda s, folder: s.sample(1, prompt="a zorbling AND a hat"),
    "repair": lambda s, folder: s.repair(max(s._state.candidates), tries=3),
    "search": lambda s, folder: s.search(GREEN, 12, "zero_order", candidate=1),
    "paths": lambda s, folder: s.search(GREEN, 14, "paths"),
}


def _elsewhere(session, folder):
    other = Session("a dog", model=session.engine, seed=9)
    other.sample(1, steps=2).wait(SECONDS)
    other[0].save(folder / "dog.png")
    return folder / "dog.png"


def _photo(folder):
    Image.linear_gradient("L").convert("RGB").resize((16, 16)).save(folder / "photo.png")
    return str(folder / "photo.png")


def test_every_operator_is_among_them():
    used = {"sample", "cross", "mutate", "recombine", "blend", "render", "mix", "suggest", "optimize", "edit"}
    used |= {"learn", "repair", "search"}
    assert set(operators.METHODS) <= used, "a new operator: add it to WAYS"


def test_another_process_renders_the_same_pixels(begun, tmp_path, fresh):
    made: dict[str, range] = {}
    for name, way in WAYS.items():
        first = max(begun._state.candidates) + 1
        generation = way(begun, tmp_path).wait(SECONDS)
        made[name] = range(first, first + len(generation))
    hashes = {c.id: c.genome.hash for g in begun.history for c in g}
    pngs = {name: png.encode(begun[numbers[0]]) for name, numbers in made.items()}
    begun.save(tmp_path / "trip.gw")
    begun.close()
    told = rendered(fresh, tmp_path / "trip.gw")
    assert {int(i): content_hash for i, (content_hash, _) in told.items()} == hashes
    # The layout of a batch is a generation's, as when it was made, but for suggestions, whose sketches came first.
    assert {name: max(told[str(i)][1] for i in numbers) for name, numbers in made.items()} == {
        name: pytest.approx(0, abs=1 if name in {"suggest", "elites"} else 0) for name in made
    }
    for name, data in pngs.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(data)
        assert gw.Candidate.load(path).hash == hashes[made[name][0]], name


def rendered(fresh: Interpreters, path: Path) -> dict[str, list]:
    """What another process makes of a session: number → (hash of its genome, largest difference to its picture)."""
    import torch

    return json.loads(fresh(RENDER, path, torch.get_num_threads()).stdout.splitlines()[-1])
