"""Render settings: every one of them, whatever there are, is the same again after any way out and back in."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest
from any_settings import CHANGED, RENDER
from hypothesis import given
from PIL import Image

from guidewidgets import Candidate, Genome, Prompt, Recipe, SessionFileError
from guidewidgets.arguments import shown
from guidewidgets.engine.samplers.noise import draw
from guidewidgets.genome_data import genome_from_data, genome_to_data
from guidewidgets.session.candidate import Generation
from guidewidgets.session.history import Made, Set
from guidewidgets.session.journal import Started
from guidewidgets.session.operators import RECORDED
from guidewidgets.session.recording.calls import Call, check_call
from guidewidgets.session.recording.script import PROPERTIES, Past, write
from guidewidgets.session.session import Session
from guidewidgets.session.storage.records import event_from_data, event_to_data
from guidewidgets.settings import LIMITS, WRITTEN, Overrides, RenderSettings
from guidewidgets.untrusted import dump_json, parse_json

BLANK = RenderSettings(prompt=Prompt(""), steps=1, guidance=1.0, size=(16, 16))


def genome(settings: RenderSettings) -> Genome:
    return Genome(
        **settings.named(), latent=draw(1, (4, 2, 2), 0)[0], model="m", revision="r", dtype="float32"
    )


def again(data):
    """As it comes back from a file."""
    return parse_json(dump_json(data), "a test")


def test_the_tables_name_the_same_settings():
    names = {f.name for f in dataclasses.fields(RenderSettings)}
    assert names == set(LIMITS) == set(Overrides.__annotations__) == set(CHANGED)
    assert names < {f.name for f in dataclasses.fields(Genome)}
    assert all(isinstance(getattr(Session, name), property) for name in PROPERTIES)


@given(RENDER)
def test_records(settings):
    assert RenderSettings.from_data(again(settings.to_data())) == settings
    event = Set(BLANK, settings)
    kind, data = event_to_data(event)
    assert event_from_data(kind, again(data), lambda number: number) == event
    call = Call("sample", {"n": 1}).to_data(1, 0, settings, BLANK)
    assert RenderSettings.from_data(check_call(again(call), RECORDED)["settings"]) == settings


@given(RENDER)
def test_genome_data(settings):
    before = genome(settings)
    data, tensors = genome_to_data(before)
    after = genome_from_data(again(data), tensors)
    assert RenderSettings.of(after) == settings
    assert after.hash == before.hash
    assert RenderSettings.of(before.replace(latent=before.latent * 2)) == settings


@pytest.mark.parametrize("name", LIMITS)
def test_png(name, tmp_path):
    settings = BLANK.replace(**{name: CHANGED[name]})
    made = Candidate(
        -1, genome(settings), Recipe("sample", {}, 0), Image.new("RGB", (16, 16)), filtered=False
    )
    made.save(tmp_path / "a.png")
    found = Candidate.load(tmp_path / "a.png")
    assert RenderSettings.of(found.genome) == settings
    assert found.hash == made.hash != genome(BLANK).hash


@pytest.mark.parametrize("name", LIMITS)
def test_code(name):
    """Set for the session, and for one job only: the source says so, and means the same settings."""
    settings = BLANK.replace(**{name: CHANGED[name]})
    one = Call("sample", {"n": 1, name: getattr(settings, name)}).to_data(1, 5, settings, BLANK)
    past = Past(
        ("m", True), 0, BLANK, {1: Set(BLANK, settings)}, {0: Started(again(one), range(1))}, RECORDED
    )
    made = Generation(0, "sample", (), 0)
    source = write(dataclasses.replace(past, events={**past.events, 2: Made(made)}))
    found = run(source)
    assert found.jobs == [settings]
    assert found.settings == settings


class Written:
    """Takes what code says, as a session does."""

    def __init__(self, prompt, seed):
        assert seed == 0
        object.__setattr__(self, "settings", BLANK.replace(prompt=prompt))
        object.__setattr__(self, "jobs", [])

    def __setattr__(self, name, value):
        self.set(**{name: value})

    def set(self, **changes):
        object.__setattr__(self, "settings", self.settings.replace(**changes))

    def sample(self, n, seed, **overrides):
        assert (n, seed) == (1, 5)
        self.jobs.append(self.settings.replace(**overrides))
        return SimpleNamespace(wait=lambda: None)


def run(source: str) -> Written:
    scope = {}
    exec(source.replace("import guidewidgets as gw", ""), {"gw": SimpleNamespace(Session=Written)}, scope)  # noqa: S102 - ours
    return scope["s"]


def test_what_is_not_set_is_not_written():
    # Files and hashes from before a setting was known stay as they are.
    assert list(BLANK.to_data()) == list(WRITTEN)
    assert json.dumps(BLANK.to_data()) == (
        '{"prompt": "", "steps": 1, "guidance": 1.0, "sampler": "ddim", "size": [16, 16], '
        '"negative": null, "negation": "linear"}'
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("steps", value) for value in (0, -1, 100_001, 1.5, True, "3", None, 10**5000)],
        *[("guidance", value) for value in (-1, 2e9, float("nan"), float("inf"), 10**400, True, "3", None)],
        *[("negative", value) for value in ("x" * 100_001, "\ud800", 3, b"x")],
        *[("prompt", value) for value in ("x" * 100_001, Prompt("x" * 100_001), "a \ud800", 3, None)],
        *[("sampler", value) for value in ("", "DDIM", "d im", "x" * 41, 3, None)],
        *[
            ("size", value)
            for value in (128, (16,), (16, 0), (16, 16_385), (16, 16.0), "16", None, (16,) * 3)
        ],
        *[("negation", value) for value in ("fuzzy", "", None, ["linear"])],
        *[
            (name, value)
            for name in ("corrector", "sampler_parameters")
            for value in (
                {"p": float("nan")},
                {"p": 2e9},
                {"p": "1"},
                {1: 1.0},
                {str(i): 1 for i in range(41)},
                3,
            )
        ],
    ],
    ids=lambda value: ascii(shown(value)),
)
def test_what_a_file_may_not_say_nobody_may_set(name, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        BLANK.replace(**{name: value})
    with pytest.raises((ValueError, TypeError)):
        genome(BLANK).replace(**{name: value})
    text = str(caught.value).splitlines()[0]
    assert name in text or "concept" in text
    assert len(text) < 300
    if isinstance(value, str | float | list | dict | None):
        with pytest.raises(SessionFileError):
            RenderSettings.from_data(BLANK.to_data() | {name: value})


def test_unknown_settings_are_named():
    with pytest.raises(
        TypeError, match=r"unknown setting promt: expected some of .*; did you mean 'prompt'\?$"
    ):
        BLANK.replace(promt="a fox")
    with pytest.raises(TypeError, match=r"unknown setting region: expected some of .*steps$"):
        BLANK.replace(region="red")
    with pytest.raises(SessionFileError, match="steps is missing"):
        RenderSettings.from_data({"prompt": ""})
