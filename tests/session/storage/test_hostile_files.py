"""Tensors, pictures and prompts that are a stranger's: refused with one line, or text."""

from __future__ import annotations

import io
import json
import pickle
import random
import resource
import struct
import warnings
import zlib

import pytest
import torch
from fuzz import LIMIT_SECONDS, flip, mutate_png, try_png
from PIL import Image
from safetensors.torch import save
from stored import SECONDS, attempt

from guidewidgets import Candidate, SessionFileError
from guidewidgets.session import Session
from guidewidgets.session.picture import png
from guidewidgets.tensors import unpack


class Evil:
    def __reduce__(self):
        return (open, ("evil-ran", "w"))


def safetensors(header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Evil()),
        safetensors({}, length=2**62),
        safetensors({}, length=2**20 + 1) + bytes(1 << 21),
        safetensors({"latent": {"dtype": "F16", "shape": [1 << 40], "data_offsets": [0, 2 << 40]}}),
        safetensors({"latent": {"dtype": "F16", "shape": [2**31, 2**31, 2**31], "data_offsets": [0, 0]}}),
        safetensors({"latent": {"dtype": "F16", "shape": [-1, -2], "data_offsets": [0, 4]}}, b"abcd"),
        safetensors({"latent": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
        safetensors({"latent": {"dtype": "F16", "shape": [2], "data_offsets": [2, 6]}}, bytes(4)),
        safetensors({"latent": "x"}),
        safetensors({f"t{i}": {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]} for i in range(5000)}),
        safetensors(b'{"a":' * 5000),
        save({"latent": torch.tensor([float("nan")])}),
        save({"latent": torch.tensor([1])}),
    ],
)
def test_tensors_that_are_none(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert attempt(lambda: unpack(data)) is None
    assert not (tmp_path / "evil-ran").exists()


@pytest.mark.parametrize(
    "side", [100_000, 5_000]
)  # ten gigapixels; what memory holds, but no genome of 16 × 16 makes
def test_pictures_larger_than_they_can_be(begun, tmp_path, side):
    begun[0].save(tmp_path / "fox.png")
    data = (tmp_path / "fox.png").read_bytes()
    header = b"IHDR" + struct.pack(">II", side, side) + data[24:29]
    huge = data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    (tmp_path / "huge.png").write_bytes(huge)
    with pytest.raises(SessionFileError, match=r"huge\.png claims more than 4,194,304 pixels"):
        Candidate.load(tmp_path / "huge.png")


def test_text_bombs_in_pictures(begun, tmp_path):
    bomb = b"parameters\0\0" + zlib.compress(bytes(300 << 20), 9)
    data = png.encode(begun[0])
    chunk = struct.pack(">I", len(bomb)) + b"zTXt" + bomb + struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert try_png(data[:33] + chunk + data[33:], tmp_path).cpu < LIMIT_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10  # KiB


def test_scripts_in_prompts_are_text(begun, engine, tmp_path):
    evil = '<script>alert(1)</script> "); import os; ("'
    begun.set(negative=evil[:20])
    begun.save(tmp_path / "evil.gw")
    opened = Session.open(tmp_path / "evil.gw", model=engine)
    opened.to_html(tmp_path / "evil.html")
    assert "<script>al" not in (tmp_path / "evil.html").read_text()
    compile(opened.code(), "<code>", "exec")
    opened.close()


def test_mutated_pictures(begun, tmp_path):
    rng = random.Random(2)
    begun.mutate(1, at=[(0.5, 0.5)], n=1, lock=True).wait(SECONDS)
    data = png.encode(begun[6])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that the pixels were changed
        for _ in range(400):
            assert try_png(mutate_png(data, rng), tmp_path).cpu < LIMIT_SECONDS
        assert Image.open(io.BytesIO(data)).size == (16, 16)
        assert flip(data, rng) != data
