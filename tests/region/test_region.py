"""Regions: which pixels they cover, and that nothing malformed becomes one."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidewidgets.region import Region

UNIT = st.floats(0, 1)
POINTS = st.tuples(UNIT, UNIT)
REGIONS = st.one_of(
    st.builds(Region.points, st.lists(POINTS, min_size=1, max_size=4), st.floats(1e-6, 2)),
    st.builds(
        lambda a, b: Region.box(*a, a[0] + b[0], a[1] + b[1]), *[st.tuples(*[st.floats(0.01, 0.5)] * 2)] * 2
    ),
    st.builds(Region.polygon, st.lists(POINTS, min_size=3, max_size=6)),
    st.builds(lambda bits: Region.bitmap(np.array([[1, *bits]])), st.lists(st.booleans(), max_size=20)),
)


@given(REGIONS, st.integers(1, 20), st.integers(1, 20))
def test_masks_fit_and_are_never_empty(region, height, width):
    mask = region.mask(height, width)
    assert mask.shape == (height, width)
    assert mask.dtype == np.bool_
    assert mask.any()


@given(REGIONS)
def test_json_round_trip(region):
    again = Region.from_json(json.loads(json.dumps(region.to_json())))
    assert again == region
    assert hash(again) == hash(region)


@given(REGIONS)
def test_it_is_written_as_the_call_that_makes_it(region):
    assert eval(repr(region), {"Region": Region}) == region  # noqa: S307 - our own text


def test_calls_that_people_can_read():
    assert repr(Region.points([(0.3, 0.5)], 0.15)) == "Region.points([(0.3, 0.5)], 0.15)"
    assert repr(Region.box(0, 0, 0.5, 1)) == "Region.box(0.0, 0.0, 0.5, 1.0)"
    assert repr(Region.polygon([(0, 0), (1, 0), (0, 1)])).startswith(
        "Region.polygon([(0.0, 0.0), (1.0, 0.0), "
    )


def test_a_disc_covers_the_pixels_within_its_radius_of_the_shorter_side():
    mask = Region.points([(0.5, 0.5)], 0.25).mask(16, 32)  # 4 pixels around (x, y) = (15.5, 7.5)
    y, x = np.mgrid[:16, :32]
    np.testing.assert_array_equal(mask, np.hypot(x - 15.5, y - 7.5) <= 4)


@pytest.mark.parametrize("point", [(0, 0), (1, 1), (0.5, 0.5), (0.999, 0.001)])
def test_a_point_always_has_its_own_pixel(point):
    mask = Region.points([point], 1e-9).mask(16, 16)
    assert mask.sum() == 1
    assert mask[min(int(point[1] * 16), 15), min(int(point[0] * 16), 15)]


def test_discs_are_united():
    both = Region.points([(0.25, 0.25), (0.75, 0.75)], 0.1).mask(64, 64)
    one, other = (Region.points([p], 0.1).mask(64, 64) for p in ((0.25, 0.25), (0.75, 0.75)))
    np.testing.assert_array_equal(both, one | other)


def test_boxes_that_share_an_edge_tile_the_image():
    left, right = Region.box(0, 0, 0.3, 1).mask(10, 10), Region.box(0.3, 0, 1, 1).mask(10, 10)
    assert not (left & right).any()
    assert (left | right).all()


def test_a_polygon_of_a_box_is_the_box():
    corners = [(0.125, 0.25), (0.75, 0.25), (0.75, 0.875), (0.125, 0.875)]
    expected = Region.box(0.125, 0.25, 0.75, 0.875).mask(16, 16)
    np.testing.assert_array_equal(Region.polygon(corners).mask(16, 16), expected)


def test_a_polygon_that_crosses_itself_is_even_odd():
    bow_tie = Region.polygon([(0, 0), (1, 1), (1, 0), (0, 1)]).mask(9, 9)
    assert bow_tie[4, 0]
    assert bow_tie[4, 8]
    assert not bow_tie[0, 4]
    assert not bow_tie[8, 4]


def test_a_bitmap_is_stretched_over_the_raster():
    painted = np.array([[1, 0], [0, 1]])
    np.testing.assert_array_equal(Region.bitmap(painted).mask(4, 4), np.kron(painted, np.ones((2, 2))) > 0)
    assert Region.bitmap(painted).mask(2, 2).tolist() == [[True, False], [False, True]]


def test_intersection():
    assert Region.box(0, 0, 0.5, 1) & Region.box(0.25, 0.5, 1, 1) == Region.box(0.25, 0.5, 0.5, 1)
    assert Region.box(0, 0, 0.5, 1) & Region.box(0.5, 0, 1, 1) is None
    disc = Region.points([(0.5, 0.5)], 0.25)
    half = disc & Region.box(0, 0, 0.5, 1)
    np.testing.assert_array_equal(half.mask(256, 256), disc.mask(256, 256) & (np.arange(256) < 128))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({}, "unknown kind"),
        ({"kind": ["box"]}, "unknown kind"),
        ({"kind": "circle"}, "unknown kind"),
        ({"kind": "box"}, "has"),
        ({"kind": "box", "box": [0, 0, 1, 1], "extra": 1}, "has"),
        ({"kind": "box", "box": [0, 0, 1]}, "4 numbers"),
        ({"kind": "box", "box": "0011"}, "4 numbers"),
        ({"kind": "box", "box": [0, 0, 1, "1"]}, "a number"),
        ({"kind": "box", "box": [0, 0, 1, True]}, "a number"),
        ({"kind": "box", "box": [0, 0, 1, float("nan")]}, "outside"),
        ({"kind": "box", "box": [0, 0, 1, 1.5]}, "outside"),
        ({"kind": "box", "box": [0.5, 0, 0.5, 1]}, "left < right"),
        ({"kind": "points", "points": [], "radius": 0.1}, "1 to"),
        ({"kind": "points", "points": [[0.5, 0.5]], "radius": 0}, "above 0"),
        ({"kind": "points", "points": [[0.5, 0.5]], "radius": float("inf")}, "outside"),
        ({"kind": "points", "points": {"0": 1}, "radius": 0.1}, "list"),
        ({"kind": "points", "points": [[0.5]], "radius": 0.1}, "2 numbers"),
        ({"kind": "points", "points": [[0.5, 0.5]] * 4097, "radius": 0.1}, "4096"),
        ({"kind": "polygon", "points": [[0, 0], [1, 1]]}, "3 to"),
        ({"kind": "bitmap", "width": 10**9, "height": 10**9, "bits": ""}, "1024"),
        ({"kind": "bitmap", "width": 8.0, "height": 8, "bits": ""}, "int"),
        ({"kind": "bitmap", "width": 8, "height": 1, "bits": "!"}, "base64"),
        ({"kind": "bitmap", "width": 8, "height": 1, "bits": "AAAA"}, "1 bytes"),
        ({"kind": "bitmap", "width": 8, "height": 1, "bits": "AA=="}, "empty"),
        ({"kind": "bitmap", "width": 8, "height": 1, "bits": "A" * 10**6}, "at most"),
    ],
)
def test_malformed_data_is_refused(data, says):
    with pytest.raises((ValueError, TypeError), match=says):
        Region.from_json(data)


def test_masks_have_pixels():
    with pytest.raises(ValueError, match="at least one pixel"):
        Region.box(0, 0, 1, 1).mask(0, 4)
