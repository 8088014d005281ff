"""Two settings measured picture by picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib import pyplot as plt

from guidewidgets.evaluate import paired_table


class Bright:
    """Mean brightness in [0, 1]."""

    name, range, higher_is_better = "brightness", (0.0, 1.0), True

    def score(self, pictures, prompts):
        return pictures.mean((1, 2, 3)) / 255


class Noise:
    """Deviation of the pixels; less is better."""

    name, range, higher_is_better = "noise <b>", (0.0, float("inf")), False

    def score(self, pictures, prompts):
        return pictures.std((1, 2, 3))


def grey(levels):
    return np.stack([np.full((4, 6, 3), level, np.uint8) for level in levels])


PROMPTS = ["a", "b", "a", "c"]
FIRST, SECOND = grey([10, 20, 30, 40]), grey([61, 20, 132, 40])


def table(**changes):
    given = {"first": FIRST, "second": SECOND, "prompts": PROMPTS, "metrics": [Bright(), Noise()]}
    return paired_table(**(given | {"names": ("plain", "ours")} | changes))


def test_differences_are_of_pairs_and_prompts():
    row = table()["brightness"]
    assert row.means == pytest.approx((25 / 255, 63.25 / 255))
    assert row.differences == pytest.approx({"a": 0.3, "b": 0, "c": 0})
    assert row.difference.mean == pytest.approx(0.15)
    assert row.wins == pytest.approx(2 / 3)  # one wins, two are ties
    assert row.first["a"] == pytest.approx((10 / 255, 30 / 255))


def test_the_interval_is_over_prompts():
    """Pictures of one prompt that agree with each other are worth one prompt."""
    rng = np.random.default_rng(0)
    levels = rng.integers(60, 200, 30)
    shift = rng.integers(-20, 60, 30)
    first, second = grey(np.repeat(levels, 4)), grey(np.repeat(levels + shift, 4))
    many = [f"prompt {k}" for k in np.repeat(np.arange(30), 4)]
    apart = [f"prompt {k}" for k in range(120)]
    by_prompt = paired_table(first, second, many, [Bright()]).rows[0].difference
    by_picture = paired_table(first, second, apart, [Bright()]).rows[0].difference
    error = (shift / 255).std() / 30**0.5
    assert by_prompt.mean == by_picture.mean == pytest.approx(shift.mean() / 255)
    assert by_prompt.high - by_prompt.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert by_prompt.high - by_prompt.low > 1.7 * (by_picture.high - by_picture.low)


def test_no_difference_is_not_told_as_certain():
    row = table(second=FIRST)["brightness"]
    assert row.difference.mean == 0
    assert row.difference.high == -row.difference.low > 0.6  # three prompts say little
    assert row.wins == 0.5
    assert table(second=FIRST)["noise <b>"].difference.high == float("inf")


def test_it_prints_shows_and_is_drawn():
    found = table(first=FIRST + np.arange(4, dtype=np.uint8)[None, :, None, None] * 9)
    head, bright, noise, foot = str(found).splitlines()
    assert head.split() == [
        "metric",
        "plain",
        "ours",
        "ours",
        "-",
        "plain",
        "95",
        "%",
        "interval",
        "ours",
        "better",
    ]
    assert bright.startswith("brightness")
    assert "noise <b> (lower is better)" in noise
    assert noise.endswith("100% of prompts")  # the second has none
    assert foot == "3 prompts, 4 pictures of each"
    assert "noise &lt;b&gt;" in found._repr_html_()
    assert "<b>" not in found._repr_html_()
    before = plt.get_fignums()
    for kind in ("box", "bar"):
        figure = found.figure(kind)
        assert [axes.get_ylabel() for axes in figure.axes[::2]] == [
            "brightness",
            "noise <b> (lower is better)",
        ]
        assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["plain", "ours"]
    assert [bar.get_height() for bar in figure.axes[0].patches] == pytest.approx(found.rows[0].means)
    assert plt.get_fignums() == before
    with pytest.raises(ValueError, match="kind='pie': expected 'box' or 'bar'"):
        found.figure("pie")


def test_boxes_show_the_prompts_means():
    rng = np.random.default_rng(2)
    first, second = grey(rng.integers(0, 256, 40)), grey(rng.integers(0, 256, 40))
    found = paired_table(first, second, [str(k) for k in range(40)], [Bright()])
    both, gap = found.figure().axes
    flat = [line.get_ydata() for line in both.lines if len(line.get_xdata()) == 2]
    medians = [y[0] for y in flat if y[0] == y[1]]
    for one in (found.rows[0].first, found.rows[0].second):
        assert np.median([*one.values()]) in [pytest.approx(m) for m in medians]
    differences = [*found.rows[0].differences.values()]
    assert any(line.get_ydata()[0] == pytest.approx(np.median(differences)) for line in gap.lines)


def test_all_scores_go_to_json():
    data = json.loads(table().to_json())
    assert data["names"] == ["plain", "ours"]
    assert data["rows"][0]["second"]["a"] == pytest.approx([61 / 255, 132 / 255])
    assert data["rows"][1]["range"] == [0, None]


def test_what_does_not_pair_is_refused():
    class Odd(Bright):
        def score(self, pictures, prompts):
            return np.full(len(pictures), np.nan)

    for changes, said in [
        ({"second": SECOND[:3]}, "4 and 3 pictures, 4 prompts: expected the same number"),
        ({"prompts": ["a"]}, "4 and 4 pictures, 1 prompts"),
        ({"metrics": []}, "metrics: expected at least one"),
        (
            {"metrics": [Odd()]},
            "brightness: scores of shape .4,. for 4 pictures: expected a finite number each",
        ),
    ]:
        with pytest.raises(ValueError, match=said):
            table(**changes)
    with pytest.raises(KeyError, match="expected one of brightness, noise"):
        table()["HPS"]
