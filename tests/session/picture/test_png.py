"""Pictures carry their genome; what other programs wrote is taken over as far as it goes."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from stored import SECONDS, content

from guidewidgets import Candidate, SessionFileError
from guidewidgets.session import Session
from guidewidgets.session.picture import chunks, comfy


def test_a_saved_picture_gives_its_candidate_back(begun, engine, tmp_path):
    begun.cross(n=1).wait(SECONDS)
    begun.mutate(4, at=[(0.5, 0.5)], n=1, lock=True).wait(SECONDS)
    for number in (4, 6, 7):
        begun[number].save(tmp_path / "fox.png")
        assert content(Candidate.load(tmp_path / "fox.png")) == content(begun[number])
        with Image.open(tmp_path / "fox.png") as picture:
            assert picture.tobytes() == begun[number].image.tobytes()


def test_others_can_read_it(begun, tmp_path):
    begun.prompt = "a fox AND NOT a house, große Augen"
    begun.set(negative="blurry")
    begun.sample(1).wait(SECONDS)
    begun[6].save(tmp_path / "fox.png")
    with Image.open(tmp_path / "fox.png") as picture:
        lines = picture.text["parameters"].split("\n")
        assert picture.text["XML:com.adobe.xmp"].count("digitalsourcetype/trainedAlgorithmicMedia") == 1
    seed = begun[6].recipe.seed
    assert lines[0] == "a fox AND NOT a house, große Augen"
    assert lines[1] == "Negative prompt: blurry"
    assert lines[2].startswith(
        f"Steps: 2, Sampler: DDIM, CFG scale: 7.5, Seed: {seed}, Size: 16x16, Model hash: "
    )


def test_an_optimised_latent_comes_back_in_full(begun, tmp_path):
    genome = begun[0].genome
    for latent in (genome.latent + 1e-5, genome.latent.double() + 1e-12):
        one = Candidate(0, genome.replace(latent=latent), begun[0].recipe, begun[0].image, filtered=True)
        one.save(tmp_path / "fine.png")
        again = Candidate.load(tmp_path / "fine.png")
        assert again.genome.latent.dtype == latent.dtype
        assert torch.equal(again.genome.latent, latent)
        assert again.filtered


def test_dropped_on_another_session(begun, engine, tmp_path):
    begun[4].save(tmp_path / "fox.png")
    other = Session("a cat", model=engine, store=tmp_path / "other")
    job = other.restore(tmp_path / "fox.png")
    assert (job.state, [c.id for c in job.wait()]) == ("done", [0])
    assert content(other[0])[:4] == content(begun[4])[:4]
    child = other.mutate(0, n=1).wait(SECONDS)[0]
    child.save(tmp_path / "child.png")
    other.undo()
    other.undo()
    assert other.history == ()
    other.close()
    begun.restore(tmp_path / "child.png")
    assert begun.history[-1][0].recipe.parent_ids == (4,)  # found by its hash


def test_metadata_removed_is_said_plainly(begun, tmp_path):
    begun[4].save(tmp_path / "fox.png")
    with Image.open(tmp_path / "fox.png") as picture:
        picture.load()
        Image.fromarray(np.asarray(picture)).save(tmp_path / "bare.png")
        kept = PngInfo()
        for key in ("parameters", "guidewidgets"):
            kept.add_itxt(key, picture.text[key])
        picture.save(tmp_path / "half.png", pnginfo=kept)
        plain = PngInfo()
        plain.add_text("parameters", picture.text["parameters"])
        picture.save(tmp_path / "text.png", pnginfo=plain)
    for name, says in {
        "bare.png": "bare.png carries no genome: it never had one, or a program that saved it again left it out",
        "half.png": "half.png: part of its genome is gone: a program that saved it again left it out",
        "text.png": "text.png: its latent is gone, a program left it out; Session.restore takes over its settings",
    }.items():
        with pytest.raises(SessionFileError) as caught:
            Candidate.load(tmp_path / name)
        assert str(caught.value) == says


def test_painted_over(begun, tmp_path):
    begun[4].save(tmp_path / "fox.png")
    data = (tmp_path / "fox.png").read_bytes()
    black = tmp_path / "black.png"
    Image.new("RGB", (16, 16)).save(black)
    old, new = data.index(b"IDAT") - 4, black.read_bytes().index(b"IDAT") - 4
    black.write_bytes(data[:old] + black.read_bytes()[new:])
    with pytest.warns(UserWarning, match="the picture was changed since it was saved"):
        assert Candidate.load(black).hash == begun[4].hash


def test_a_genome_that_was_changed(begun, tmp_path):
    begun[4].save(tmp_path / "fox.png")
    data = (tmp_path / "fox.png").read_bytes()
    at = data.index(chunks.LATENT)
    (length,) = struct.unpack(">I", data[at - 4 : at])
    body = bytearray(data[at : at + 4 + length])
    body[-1] ^= 1
    (tmp_path / "fox.png").write_bytes(
        data[:at] + body + struct.pack(">I", zlib.crc32(body)) + data[at + 8 + length :]
    )
    with pytest.raises(SessionFileError, match="its genome was changed since it was saved"):
        Candidate.load(tmp_path / "fox.png")


A1111 = """(red:1.2) fox
in snow
Negative prompt: blurry, text
Steps: 7, Sampler: Euler a, CFG scale: 5.5, Seed: 42, Size: 32x16, Model hash: abc, Model: sd15, \
Lora hashes: "x: 1, y: 2", Version: v1.9"""
SAMPLER = {
    "seed": 5,
    "steps": 9,
    "cfg": 4,
    "sampler_name": "ddim",
    "positive": ["6", 0],
    "negative": ["7", 0],
}
COMFY = {
    "3": {"class_type": "KSampler", "inputs": SAMPLER},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["8", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "text"}},
    "8": {"class_type": "PrimitiveString", "inputs": {"value": "a fox"}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
}
INVOKE = {
    "positive_prompt": "a fox",
    "negative_prompt": "",
    "steps": 11,
    "cfg_scale": 3.5,
    "scheduler": "euler",
    "seed": 1,
    "model": {"name": "sd15"},
}


@pytest.mark.parametrize(
    ("texts", "prompt", "numbers", "missing"),
    [
        (
            {"parameters": A1111},
            "(red:1.2) fox in snow",
            (7, 5.5),
            ["seed 42", "'sd15'", "weights in brackets", "Lora"],
        ),
        ({"prompt": json.dumps(COMFY), "workflow": "{}"}, "a fox", (9, 4.0), ["seed 5", "sd15.safetensors"]),
        ({"invokeai_metadata": json.dumps(INVOKE)}, "a fox", (11, 3.5), ["seed 1", "'sd15'"]),
    ],
)
def test_other_programs(session, tmp_path, texts, prompt, numbers, missing):
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (32, 16)).save(tmp_path / "theirs.png", pnginfo=info)
    with pytest.raises(SessionFileError, match=r"no genome, but settings, which Session\.restore takes over"):
        Candidate.load(tmp_path / "theirs.png")
    assert session.restore(tmp_path / "theirs.png") is None
    assert prompt in str(session.prompt)
    assert (session.steps, session.guidance, session.size) == (*numbers, (32, 16))
    notice = session.view().notices[-1].text
    assert all(word in notice for word in missing), notice
    assert session.undo()  # one event
    assert session.size == (16, 16)


def test_a_text_the_model_cannot_read_is_told(session, tmp_path):
    info = PngInfo()
    info.add_text("parameters", A1111.replace("fox", "fox and many more words than are read"))
    Image.new("RGB", (32, 16)).save(tmp_path / "theirs.png", pnginfo=info)
    session.restore(tmp_path / "theirs.png")
    assert (str(session.prompt), session.steps) == ("a cat", 7)
    assert "prompt (the concept '(red:1.2) fox and many more" in session.view().notices[-1].text


def test_comfy_latents(begun, tmp_path):
    begun[4].save(tmp_path / "noise.latent")
    assert torch.equal(comfy.read(tmp_path / "noise.latent")[0], begun[4].genome.latent)
    made = begun.restore(tmp_path / "noise.latent").wait(SECONDS)
    assert torch.equal(made[0].genome.latent, begun[4].genome.latent)
    assert abs(np.asarray(made[0].image).astype(int) - np.asarray(begun[4].image)).max() <= 1
    comfy.write(tmp_path / "picture.latent", begun[4].genome.latent[None] * 9)
    with pytest.raises(SessionFileError, match="is no initial noise: its numbers spread by"):
        begun.restore(tmp_path / "picture.latent")


def test_only_these_names(begun, tmp_path):
    with pytest.raises(ValueError, match=r"expected a name that ends on \.png"):
        begun[4].save(tmp_path / "fox.jpg")
    with pytest.raises(SessionFileError, match=r"none\.png cannot be read: No such file"):
        Candidate.load(tmp_path / "none.png")


@pytest.fixture
def session(engine):
    return Session("a cat", model=engine)
