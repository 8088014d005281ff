"""The crop rule, on maps whose right answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from guidewidgets.vision.saliency.boxes import Box, Cut, boxes, label, outline, random_boxes, share

PLAIN = Cut(blur=0, margin=0, least_side=0.05, square=False)


def planted(*rectangles, size=(40, 60)):
    """A map with rectangles (top, left, bottom, right, height)."""
    s = torch.zeros(size)
    for top, left, bottom, right, value in rectangles:
        s[top:bottom, left:right] = value
    return s[None]


def test_a_planted_rectangle_is_its_box():
    ((box,),) = boxes(planted((5, 10, 17, 33, 1.0)), PLAIN)
    assert (box.top, box.left, box.bottom, box.right) == (5, 10, 17, 33)
    assert box.mass == 1


def test_blur_and_margin_grow_it_a_little():
    ((box,),) = boxes(planted((10, 20, 22, 32, 1.0)))
    assert max(box.top - 10, box.left - 20, 22 - box.bottom, 32 - box.right) <= 0
    assert box.area <= 2.3 * 144


def test_two_blobs_are_two_boxes_by_mass():
    small, large = (3, 3, 9, 9, 1.0), (20, 30, 36, 50, 1.0)
    ((first, second),) = boxes(planted(small, large), PLAIN)
    assert (first.top, first.left) == (20, 30)
    assert (second.top, second.left) == (3, 3)
    assert first.mass == pytest.approx(320 / 356)


def test_crumbs_and_the_fourth_are_left_out():
    blobs = [(2, 2 + 14 * i, 12, 12 + 14 * i - i, 1.0) for i in range(4)]
    assert len(boxes(planted(*blobs), PLAIN)[0]) == 3
    assert len(boxes(planted((0, 0, 20, 20, 1.0), (30, 30, 31, 31, 1.0)), PLAIN)[0]) == 1


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_constant_map_is_the_whole_frame(value):
    ((box,),) = boxes(torch.full((1, 12, 20), value))
    assert (box.top, box.left, box.bottom, box.right) == (0, 0, 12, 20)


def test_least_side_and_the_frame_hold():
    ((box,),) = boxes(planted((39, 59, 40, 60, 1.0)), Cut(blur=0))
    assert (box.bottom, box.right) == (40, 60)
    assert box.bottom - box.top == box.right - box.left == 10  # a quarter of the shorter side
    ((wide,),) = boxes(planted((10, 0, 14, 60, 1.0)), Cut(blur=0))
    assert (wide.top, wide.bottom, wide.left, wide.right) == (
        0,
        40,
        0,
        60,
    )  # square, as far as the frame goes


@pytest.mark.parametrize(("scale", "shift"), [(3.0, 0.0), (1.0, 5.0), (0.01, -2.0)])
def test_shift_and_scale_of_the_map_do_not_matter(scale, shift):
    s = torch.rand(2, 30, 30, generator=torch.Generator().manual_seed(0)).double()
    for row, other in zip(boxes(s), boxes(scale * s + shift), strict=True):
        assert [(b.top, b.left, b.bottom, b.right) for b in row] == [
            (b.top, b.left, b.bottom, b.right) for b in other
        ]
        assert [b.mass for b in row] == pytest.approx([b.mass for b in other])


def test_flipping_the_map_flips_the_boxes():
    s = planted((4, 6, 12, 14, 1.0), (20, 33, 35, 52, 0.8))
    for box, flipped in zip(boxes(s, PLAIN)[0], boxes(s.flip(-1), PLAIN)[0], strict=True):
        assert (flipped.left, flipped.right) == (60 - box.right, 60 - box.left)
        assert (flipped.top, flipped.bottom) == (box.top, box.bottom)


def test_labels_join_across_rows_and_corners():
    mask = np.array(
        [[1, 0, 1, 0, 0], [1, 0, 1, 0, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [1, 0, 0, 0, 0]], bool
    )
    found = label(mask)
    assert (found > 0).tolist() == mask.tolist()
    assert found[0, 0] == found[0, 2] == found[3, 3]  # a U, and a corner
    assert len({found[0, 0], found[1, 4], found[4, 0]}) == 3
    assert set(np.unique(found)) == {0, 1, 2, 3}


def test_random_boxes_have_the_same_sizes_and_stay_inside():
    row = (Box(0, 0, 10, 20), Box(5, 5, 40, 15))
    for seed in range(20):
        (moved,) = random_boxes((row,), (40, 60), seed)
        for box, other in zip(row, moved, strict=True):
            assert (box.bottom - box.top, box.right - box.left) == (
                other.bottom - other.top,
                other.right - other.left,
            )
            assert min(other.top, other.left, 40 - other.bottom, 60 - other.right) >= 0
    assert random_boxes((row,), (40, 60), 1) == random_boxes((row,), (40, 60), 1)
    assert random_boxes((row,), (40, 60), 1) != random_boxes((row,), (40, 60), 2)


def test_share_and_outline():
    s = planted((5, 10, 15, 30, 1.0))
    row = (Box(5, 10, 15, 20), Box(0, 0, 5, 5))
    assert share(s, row, 0) == [0.5, 0.0]
    assert int(outline(row, (40, 60)).sum()) == 100 + 25


@pytest.mark.parametrize(
    "changes", [{"threshold": 0}, {"most": 0}, {"margin": -1}, {"least_side": 2}, {"blur": -1}]
)
def test_bad_rules(changes):
    with pytest.raises(ValueError, match="expected"):
        Cut(**changes)
