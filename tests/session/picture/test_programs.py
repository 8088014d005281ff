"""Settings of other programs' pictures: every form right, or told what is missing; nothing is emptied."""

from __future__ import annotations

import json

import pytest
from containers_written import png
from programs_written import SAMPLER, SHORT, comfy, samples

from guidewidgets.prompt import Prompt
from guidewidgets.session import Session
from guidewidgets.session.picture import containers, foreign

SAMPLES = samples()


def read(made):
    return foreign.read(containers.read(made.data, "theirs"), made.data)


def as_asked(asked, producer):
    """The prompt that somebody asked for, in our words."""
    text = " ".join(asked.prompt.split())
    return Prompt.parse(text, "a1111") if producer == "A1111" else Prompt(text)


def test_there_are_enough_of_them():
    assert len(SAMPLES) >= 200
    assert len({s.name for s in SAMPLES}) == len(SAMPLES)
    assert {s.made.suffix for s in SAMPLES} == {".png", ".jpg", ".webp", ".avif"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_right_or_told(sample):
    asked, found = sample.asked, read(sample.made)
    assert found is not None
    assert found.producer.startswith(sample.producer)
    told = "; ".join(found.missing)
    expected = {"steps": asked.steps, "guidance": asked.guidance, "size": asked.size}
    expected["negative"] = " ".join((asked.negative or "").split())
    for name, value in expected.items():
        if value:
            assert found.settings[name] == value
        else:
            assert name not in found.settings
    if sampler := SAMPLER[sample.name.removesuffix(f"-{asked.name}")]:
        assert found.settings["sampler"] == sampler
    else:
        assert "sampler" not in found.settings
        assert "the sampler" in told
    if asked.prompt and len(asked.prompt) <= foreign.MAX_PROMPT:
        assert found.settings["prompt"] == as_asked(asked, sample.producer)
    else:
        assert "prompt" not in found.settings
        assert "the prompt (" in told
    assert all(word in told for word in asked.told), told
    assert "seed 42" in told


def comfy_by(name, spacing):
    graph = comfy(SHORT)
    graph["3"]["inputs"] |= {"sampler_name": name, "scheduler": spacing}
    return graph


# A picture of each program by a sampler of a name, and how its noise levels are spaced.
WRITERS = {
    "a1111": lambda name, spacing: {
        "parameters": f"fox\nSteps: 9, Sampler: {name}, Schedule type: {spacing}"
    },
    "comfy": lambda name, spacing: {"prompt": json.dumps(comfy_by(name, spacing))},
    "invoke": lambda name, _: {
        "invokeai_metadata": json.dumps({"positive_prompt": "fox", "scheduler": name})
    },
    "swarm": lambda name, spacing: {
        "parameters": json.dumps({"sui_image_params": {"prompt": "x", "sampler": name, "scheduler": spacing}})
    },
    "fooocus": lambda name, spacing: {
        "parameters": json.dumps({"sampler": name, "scheduler": spacing, "version": "Fooocus v2"})
    },
    "novelai": lambda name, spacing: {
        "Software": "NovelAI",
        "Comment": json.dumps({"sampler": name, "noise_schedule": spacing}),
    },
    "easy": lambda name, _: {"prompt": "fox", "num_inference_steps": "9", "sampler_name": name},
}
NAMED = [
    *[("a1111", name, ours) for name, ours in (("Euler a", "euler-a"), ("Euler", "euler"), ("Heun", "heun"))],
    *[("a1111", name, ours) for name, ours in (("DPM++ 2M", "dpmpp-2m"), ("LCM", "lcm"), ("DDIM", "ddim"))],
    *[("a1111", name, None) for name in ("DPM++ 2M SDE", "DPM++ SDE", "DPM2 a", "LMS", "UniPC", "Restart")],
    *[("comfy", name, ours) for name, ours in (("euler", "euler"), ("euler_ancestral", "euler-a"))],
    *[("comfy", name, ours) for name, ours in (("heun", "heun"), ("dpmpp_2m", "dpmpp-2m"), ("lcm", "lcm"))],
    *[
        ("comfy", name, None)
        for name in ("euler_cfg_pp", "heunpp2", "dpmpp_2m_sde", "res_multistep", "dpm_2")
    ],
    *[
        ("invoke", name, ours)
        for name, ours in (("euler", "euler"), ("euler_a", "euler-a"), ("heun", "heun"))
    ],
    *[("invoke", name, ours) for name, ours in (("dpmpp_2m", "dpmpp-2m"), ("tcd", "tcd"), ("ddpm", "ddpm"))],
    *[("invoke", name, None) for name in ("dpmpp_2m_sde", "dpmpp_2s_k", "lms", "unipc", "kdpm_2_a")],
    *[(by, "euler_ancestral", "euler-a") for by in ("swarm", "fooocus")],
    *[
        ("novelai", name, ours)
        for name, ours in (("k_euler_ancestral", "euler-a"), ("k_dpmpp_2m", "dpmpp-2m"))
    ],
    *[("novelai", name, None) for name in ("k_dpmpp_2s_ancestral", "ddim_v3")],
    *[
        ("easy", name, ours)
        for name, ours in (("euler_a", "euler-a"), ("dpmpp_2m", "dpmpp-2m"), ("plms", None))
    ],
]


@pytest.mark.parametrize(("program", "name", "ours"), NAMED)
def test_samplers_by_each_programs_names(program, name, ours):
    for spacing in ("normal", "karras"):
        found = read(png(WRITERS[program](name, spacing)))
        told = "; ".join(found.missing)
        assert found.settings.get("sampler") == ours
        assert (f"the sampler {name!r}" in told) == (ours is None)
        kept = program in ("invoke", "easy")  # which have no word for it beside the name
        assert ("noise levels spaced as 'karras'" in told) == (spacing == "karras" and not kept)


@pytest.mark.parametrize(
    ("program", "name", "ours"),
    [
        ("a1111", "DPM++ 2M Karras", "dpmpp-2m"),
        ("invoke", "euler_k", "euler"),
        ("invoke", "dpmpp_2m_k", "dpmpp-2m"),
        ("invoke", "heun_k", "heun"),
    ],
)
def test_spacing_behind_a_samplers_name(program, name, ours):
    found = read(png(WRITERS[program](name, "Automatic")))
    assert found.settings["sampler"] == ours
    assert "noise levels spaced as 'karras'" in found.missing


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_the_users_own_stays(sample, session, tmp_path):
    path = tmp_path / f"theirs{sample.made.suffix}"
    path.write_bytes(sample.made.data)
    before = session._state.settings
    assert session.restore(path) is None
    after, found = session._state.settings, read(sample.made)
    notice = session.view().notices[-1].text
    for name in ("prompt", "negative", "steps", "guidance", "sampler", "size"):
        now = getattr(after, name)
        if name in found.settings and now == found.settings[name]:
            continue
        assert now == getattr(before, name)
        words = {"prompt": "prompt (", "negative": "negative"}.get(
            name, name
        )  # also what this model cannot read
        assert words in notice, (name, notice)
    assert str(after.prompt)
    assert after.negative
    assert len(notice) < 2500
    session.sample(1)  # what was taken over can be used
    session.cancel()


@pytest.fixture(scope="module")
def shared(engine):
    return Session("a cat", model=engine)


@pytest.fixture
def session(shared):
    shared.set(prompt="a cat", negative="mine", steps=2, guidance=3, size=(16, 16))
    return shared
