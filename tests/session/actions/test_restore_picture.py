"""Taking over other programs' settings: the user's own stay wherever a picture says nothing that can be used."""

from __future__ import annotations

import json

import pytest
from containers_written import COMMENT, Made, comment, exif, png, stealth, with_exif
from programs_written import SHORT, Asked, a1111, comfy, draw, easy, fooocus, invoke_older, novel, swarm
from stored import SECONDS

from guidewidgets import Candidate, SessionFileError
from guidewidgets.session import Session


@pytest.fixture
def session(engine):
    session = Session("a cat", model=engine)
    session.set(negative="mine", steps=2)
    return session


def taken(session, made, tmp_path):
    """The notice of a picture that is taken over."""
    path = tmp_path / f"theirs{made.suffix}"
    path.write_bytes(made.data)
    assert session.restore(path) is None
    return session.view().notices[-1].text


def own(session):
    return str(session.prompt), session._state.settings.negative


def test_text_behind_an_unknown_node(session, tmp_path):
    graph = comfy(SHORT)
    graph["6"]["inputs"]["text"] = ["99", 0]
    graph["99"] = {"class_type": "MagicPrompt", "inputs": {"seed": 3}}
    notice = taken(session, png({"prompt": json.dumps(graph)}), tmp_path)
    assert own(session) == ("a cat", "blurry, text")
    assert "the prompt (behind the node 'MagicPrompt', which is not known)" in notice
    assert session.steps == 9


@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
def test_one_nan_in_a_graph(session, tmp_path, bad):
    graph = json.dumps(comfy(SHORT)).replace(
        '"class_type": "VAEDecode"', f'"is_changed": [{bad}], "class_type": "V"'
    )
    assert bad in graph
    taken(session, png({"prompt": graph, "parameters": a1111(SHORT)}), tmp_path)
    assert own(session) == ("a red fox", "blurry, text")


def test_good_lines_beside_a_graph_that_is_cut(session, tmp_path):
    graph = json.dumps(comfy(SHORT))[:300]
    taken(session, png({"prompt": graph, "parameters": a1111(SHORT)}), tmp_path)
    assert own(session) == ("a red fox", "blurry, text")
    assert session.steps == 9


def test_a_line_of_the_prompt_that_begins_with_steps(session, tmp_path):
    text = a1111(Asked("steps", prompt="Steps: 3 of a stair,\na fox"))
    taken(session, png({"parameters": text}), tmp_path)
    assert own(session) == ("Steps: 3 of a stair, a fox", "blurry, text")
    assert session.steps == 9


def test_the_pass_that_starts_from_an_empty_latent(session, tmp_path):
    taken(session, png({"prompt": json.dumps(comfy(Asked("hires", hires=True, size=(24, 16))))}), tmp_path)
    assert (session.steps, session.guidance, session.size) == (9, 4.5, (24, 16))


@pytest.mark.parametrize("container", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize(("how", "order"), [("big", ">"), ("big", "<"), ("little", "<"), ("marked", ">")])
def test_lines_in_exif(session, tmp_path, container, how, order):
    block = exif({COMMENT: comment(a1111(SHORT), how)}, order)
    taken(session, with_exif(block, container), tmp_path)
    assert own(session) == ("a red fox", "blurry, text")
    assert (session.steps, session.guidance, session.size) == (9, 4.5, (32, 16))


OTHERS = {
    "SwarmUI": png({"parameters": swarm(SHORT)}),
    "Fooocus": png({"parameters": fooocus(SHORT), "fooocus_scheme": "fooocus"}),
    "NovelAI": png(novel(SHORT)),
    "Easy Diffusion": png({key: str(value) for key, value in easy(SHORT).items()}),
    "Draw Things": png({"XML:com.adobe.xmp": draw(SHORT)}, "iTXt"),
    "InvokeAI": png({"sd-metadata": invoke_older(SHORT)}),
}


@pytest.mark.parametrize("program", OTHERS)
def test_programs_that_had_none(session, tmp_path, program):
    path = tmp_path / "theirs.png"
    path.write_bytes(OTHERS[program].data)
    with pytest.raises(SessionFileError, match=f"is by {program}: no genome, but settings, which Session"):
        Candidate.load(path)
    notice = taken(session, OTHERS[program], tmp_path)
    assert f"settings by {program}; not restored: " in notice
    assert own(session) == ("a red fox", "blurry, text")
    assert (session.steps, session.guidance, session.size) == (9, 4.5, (32, 16))


def test_one_that_cannot_be_read_is_named(session, tmp_path):
    whole = stealth(json.dumps(novel(SHORT)), size=(128, 96)).data
    for made, program in (
        (png({"prompt": "{", "workflow": json.dumps({"nodes": [{"id": 1}]})}), "ComfyUI"),
        (png({"parameters": swarm(SHORT)[:-30]}), "SwarmUI"),
        (png({"Software": "NovelAI", "Comment": "{"}), "NovelAI"),
        (Made(whole, ".png"), "NovelAI"),
    ):
        path = tmp_path / "theirs.png"
        path.write_bytes(made.data)
        with pytest.raises(SessionFileError, match=f"is by {program}"):
            Candidate.load(path)
    assert own(session) == ("a cat", "mine")


@pytest.mark.parametrize("name", ["prompt", "negative"])
def test_nothing_is_emptied(session, tmp_path, name):
    for empty in ("", "  \n ", "<lora:film:1>"):
        asked = Asked("empty", **{"prompt": "a dog", "negative": "dull"} | {name: empty})
        for made in (png({"parameters": a1111(asked)}), png({"parameters": swarm(asked)}), png(novel(asked)),
                     png({"prompt": json.dumps(comfy(asked))})):  # fmt: skip
            session.set(prompt="a cat", negative="mine")
            notice = taken(session, made, tmp_path)
            assert own(session) == (("a cat", "dull") if name == "prompt" else ("a dog", "mine"))
            assert {"prompt": "the prompt (it has none)", "negative": "a negative prompt (it has none)"}[
                name
            ] in notice


def test_a_negative_longer_than_the_model_reads(session, tmp_path):
    asked = Asked("long", prompt="a dog", negative="word " * 60)
    notice = taken(session, png({"parameters": a1111(asked)}), tmp_path)
    assert own(session) == ("a dog", "mine")
    limit = session.engine.pipeline.tokenizer.model_max_length
    assert "negative (" in notice
    assert f"this model reads {limit}" in notice
    assert session.sample(1).wait(SECONDS)[0].genome.negative == "mine"  # later jobs go on


def test_all_of_it_is_one_step_back(session, tmp_path):
    taken(session, png({"parameters": a1111(SHORT)}), tmp_path)
    assert session.undo()
    assert own(session) == ("a cat", "mine")
