"""Objectives written down and made again."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

import guidewidgets as gw
from guidewidgets.guide import Aesthetic, Classify, ClipImage, ClipText, Crops, MeanColour, Reward, Symmetry
from guidewidgets.guide.pictures import as_picture, fitted, to_tensor, to_text
from guidewidgets.guide.written import from_data, source, to_data
from guidewidgets.region import Region
from guidewidgets.untrusted import SessionFileError


def red(size=(7, 5)):
    return Image.new("RGB", size, (250, 10, 30))


OBJECTIVES = [
    ClipText("a 'red' fox"),
    ClipText("fox", Crops(num=3, reduce="min", seed=4), "cosine"),
    0.5 * Symmetry() + MeanColour((0.1, 0.2, 0.3), Region.box(0, 0, 0.5, 1)) * 3,
    Aesthetic(target=7.5) + Classify("fox", loss="bce", crops=Crops(num=2)),
    ClipImage([red(), red((3, 3))]),
]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=str)
def test_back_again(objective):
    data = json.loads(json.dumps(to_data(objective)))
    again = from_data(data)
    assert to_data(again) == data
    assert again.name == objective.name
    run = eval(source(objective), {"gw": gw})  # noqa: S307 - our own code
    assert to_data(run) == data


def test_the_code_says_only_what_is_not_usual():
    assert source(ClipText("a fox")) == "gw.ClipText(text='a fox')"
    assert source(0.5 * Symmetry() + Classify("ox")) == "0.5 * gw.Symmetry() + gw.Classify(label='ox')"


class Scores:
    def score(self, images, prompts):
        return images.mean((1, 2, 3))


@pytest.mark.parametrize(
    "objective", [Reward(Scores()), Aesthetic(lambda v: v.sum(1)), Symmetry() + Reward(Scores())]
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
        [[1, "Symmetry", {}]] * 65,
    ],
)
def test_strangers_data(data):
    with pytest.raises(SessionFileError):
        from_data(data)


def test_pictures(tmp_path):
    path = tmp_path / "red.png"
    red().save(path)
    tensor = to_tensor(red())
    for given in (red(), path, str(path), tensor, to_text(red())):
        assert as_picture(given).tobytes() == red().tobytes()
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
