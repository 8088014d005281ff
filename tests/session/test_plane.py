"""The plane between three favourites: where its pictures are, that noise stays noise, and the sheet."""

from __future__ import annotations

import io
import math

import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from guidewidgets.engine.samplers.noise import draw
from guidewidgets.evolve import triangle
from guidewidgets.evolve.blend import on_sphere
from guidewidgets.evolve.embedding import blend_offsets
from guidewidgets.session import Session

SECONDS = 60


@pytest.mark.parametrize("side", [2, 3, 4, 12])
def test_barycentric_coordinates(side):
    rows = triangle(side)
    assert len(rows) == len(set(rows)) == side * (side + 1) // 2
    assert all(sum(row) == pytest.approx(1) and min(row) >= 0 for row in rows)
    assert {(1, 0, 0), (0, 1, 0), (0, 0, 1)} <= set(rows)
    assert any(row == pytest.approx((1 / 3, 1 / 3, 1 / 3)) for row in rows) == (side % 3 == 1)


def test_noise_stays_noise():
    """Of 60 × 3 draws of 16,384 numbers: the variance at every place is 1 to within four standard errors, and to 1 %.

    The plain sum's is Σ w², a third in the middle. Corners are the favourites themselves; from one corner to the next
    the angle grows and is a right one in all.
    """
    weights = torch.tensor(triangle(4), dtype=torch.float64)
    noise = draw(180, (4, 64, 64), 7).reshape(60, 3, 4, 64, 64)
    made = torch.stack([on_sphere(three, weights) for three in noise])
    variance = made.double().square().mean((0, 2, 3, 4))
    assert (variance - 1).abs().max() < 4 * math.sqrt(2 / (60 * 4 * 64 * 64))
    each = made.double().square().mean((2, 3, 4))
    assert (each - 1).abs().max() < 0.06  # of one latent alone: four standard errors
    for corner, place in enumerate((0, 6, 9)):
        assert torch.equal(made[:, place], noise[:, corner])
    edge = [0, 1, 3, 6]
    cosines = torch.nn.functional.cosine_similarity(
        made[:, edge].flatten(2), noise[:, :1].flatten(2), dim=2
    ).mean(0)
    # Of independent noise the cosine to the corner of weight w is w / sqrt(w² + (1 - w)²).
    expected = [w / math.hypot(w, 1 - w) for w in (1, 2 / 3, 1 / 3, 0)]
    assert cosines.tolist() == pytest.approx(expected, abs=0.01)


def test_embeddings_at_the_corners_are_the_favourites_own():
    """Whatever their scales, and where one has none; in between they have the scale of them all."""
    a, b = draw(2, (1, 3, 5), 1).reshape(2, 3, 5)
    parents = [a, None, 3 * b]
    assert blend_offsets(parents, torch.eye(3))[1] is None
    for found, parent in zip(blend_offsets(parents, 0.5 * torch.eye(3))[::2], parents[::2], strict=True):
        assert torch.equal(found, parent)
    (middle,) = blend_offsets(parents, torch.full((1, 3), 1 / 3))
    scale = float((a.square().mean() + 9 * b.square().mean()) / 2)
    assert float(middle.square().mean()) == pytest.approx(scale, rel=1e-5)


def test_the_favourites_are_the_corners(made, tmp_path):
    made.star(0, 2, 3)
    plane = made.plane(side=3).wait(SECONDS)
    assert len(plane) == 6
    assert [plane[i].hash for i in (0, 3, 5)] == [made[i].hash for i in (0, 2, 3)]
    assert {one.recipe.parent_ids for one in plane} == {(0, 2, 3)}
    assert "s.mix([0, 2, 3], weights=[(1.0, 0.0, 0.0)" in made.code()
    figure = made.plane_sheet()
    assert len(figure.axes) == 6
    boxes = [axes.get_position() for axes in figure.axes]
    assert boxes[0].y0 > boxes[1].y0 == pytest.approx(boxes[2].y0)
    assert boxes[1].y0 > boxes[3].y0
    assert (boxes[0].x0 + boxes[0].x1) / 2 == pytest.approx(0.5)
    assert all(not a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])  # no picture covers another
    assert all(box.x0 >= 0 and box.x1 <= 1 and box.y0 >= 0 and box.y1 <= 1 for box in boxes)
    shown, _ = DisplayFormatter().format(figure)
    with Image.open(io.BytesIO(shown["image/png"])) as sheet:
        assert sheet.size[0] > 300
    assert len(made.plane_sheet([plane[0].id, plane[5].id]).axes) == 2


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda s: s.plane([0, 1]), ValueError, "plane of 0, 1: expected three different"),
        (lambda s: s.plane([0, 1, 1]), ValueError, "expected three different"),
        (lambda s: s.plane([0, 1, 99]), IndexError, "no candidate 99"),
        (lambda s: s.plane([0, 1, 2], side=1), ValueError, "side=1"),
        (lambda s: s.plane([0, 1, 2], side=13), ValueError, "side=13"),
        (lambda s: s.plane([0, 1, 2], steps=0), ValueError, "steps=0"),
        (lambda s: s.plane_sheet(), ValueError, "no pictures between three"),
        (lambda s: s.plane_sheet([0]), ValueError, "candidate 0 is no mixture"),
    ],
)
def test_refused_in_one_line(made, call, kind, says):
    with pytest.raises(kind, match=says):
        call(made)
    assert len(made.history) == 1
    assert isinstance(made, Session)
