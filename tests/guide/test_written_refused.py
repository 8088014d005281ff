"""What cannot be written down or read as an objective: refused by name."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from PIL import Image
from test_written import Scores, red

from guidewidgets.guide import (
    Aesthetic,
    Reward,
    Symmetry,
    Variation,
)
from guidewidgets.guide.pictures import as_picture, fitted, to_tensor, to_text
from guidewidgets.guide.written import KINDS, from_data, source, to_data
from guidewidgets.untrusted import SessionFileError


@pytest.mark.parametrize(
    "objective",
    [
        Reward(Scores()),
        Aesthetic(lambda v: v.sum(1)),
        Symmetry() + Reward(Scores()),
        sum([Symmetry()] * 64, Symmetry()),
    ],
)
def test_networks_cannot_be_written_down(objective):
    with pytest.raises(TypeError, match="cannot be written down"):
        to_data(objective)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        [[1, "Reward", {}]],
        [[1, "os.system", {"text": "x"}]],
        [[1, "ClipText", {"text": "x", "more": 1}]],
        [["1", "Symmetry", {}]],
        [[1, "ClipText", {"text": "x", "crops": {"crops": {"num": -1}}}]],
        [[1, "ClipImage", {"references": ["/etc/passwd"]}]],
        [[1, "ClipImage", {"references": "data:"}]],
        [[1, "ClipImage", {"references": ["data:image/png;base64,AAAA"]}]],
        [[1, "MeanColour", {"colour": [1, 2, 3], "region": None}]],
        [[1, "MeanColour", {"colour": [1, 0, 0], "region": {"region": "no"}}]],
        [[1, "Symmetry"]],
        [[1, "Liked", {"preference": "x"}]],
        [[1, "Aesthetic", {"head": "x.pth"}]],
        [[1, "Classify", {"label": "fox", "classifier": {"names": []}}]],
        [[1, ["ClipText"], {}]],
        [[1, "ClipText", {"text": 5}]],
        [[1, "ClipText", {"text": "x", "crops": {"crops": {"num": 10**9}}}]],
        [[1, "ClipText", {"text": "x", "crops": {"crops": {"seed": 10**400}}}]],
        [[float("inf"), "Symmetry", {}]],
        [[1, "Symmetry", {}]] * 65,
    ],
)
def test_strangers_data(data):
    with pytest.raises(SessionFileError):
        from_data(data)


@dataclass(frozen=True, repr=False)
class Framed(Variation):
    """An objective of somebody's own that keeps what it is given as it comes."""

    box: Any = (0, 0, 1, 1)


@pytest.fixture
def framed(monkeypatch):
    monkeypatch.setitem(KINDS, "Framed", Framed)
    return Framed


def test_a_tuple_that_a_file_gave_back_as_a_list_is_written_again(framed):
    data = json.loads(json.dumps(to_data(framed(0.1, box=(0, 0, 0.5, 1)))))
    again = from_data(data)
    assert to_data(again) == data
    assert source(again) == "gw.Framed(most=0.1, box=[0, 0, 0.5, 1])"


@pytest.mark.parametrize("odd", [math.nan, math.inf, torch.zeros(2), {1, 2}, (0, math.nan), b"x"])
def test_what_json_does_not_know_is_named(framed, odd):
    with pytest.raises(TypeError, match="cannot be written down: expected a finite number"):
        to_data(framed(0.1, box=odd))


def test_pictures(tmp_path):
    path = tmp_path / "red.png"
    red().save(path)
    tensor = to_tensor(red())
    for one in (red(), path, str(path), tensor, to_text(red())):
        assert as_picture(one).tobytes() == red().tobytes()
    glass = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    assert as_picture(glass).getpixel((0, 0)) == (255, 255, 255)
    assert fitted(red((20, 10)), (4, 4)).size == (4, 4)
    turned = Image.new("RGB", (4, 2))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert as_picture(tmp_path / "turned.jpg").size == (2, 4)


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (lambda p: as_picture(p / "none.png"), ValueError, "none.png: no such file"),
        (lambda p: as_picture(p / "junk.png"), ValueError, "junk.png cannot be read as a picture"),
        (lambda p: as_picture(torch.zeros(1, 3, 4, 4)), ValueError, r"expected \(3, H, W\)"),
        (lambda p: as_picture(torch.full((3, 4, 4), 2.0)), ValueError, r"expected \(3, H, W\)"),
        (lambda p: as_picture(3), TypeError, "expected a file"),
    ],
)
def test_bad_pictures(tmp_path, make, kind, says):
    (tmp_path / "junk.png").write_bytes(b"junk")
    with pytest.raises(kind, match=says):
        make(tmp_path)
