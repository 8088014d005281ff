"""CC, SIM, KL, NSS and AUC: values computed elsewhere, and what must hold for any map."""

from __future__ import annotations

import numpy as np
import pytest

from guidewidgets.vision.saliency.metrics import auc, cc, iou, kl, nss, sim

rng = np.random.default_rng(0)
A, B = rng.random((48, 64)), rng.random((48, 64))
LOOKS = np.random.default_rng(1).random((48, 64)) > 0.97


def test_values_that_pysaliency_gives():
    """Computed once with pysaliency 0.2.22 on these arrays; it agreed to 1e-12."""
    assert cc(A, B) == pytest.approx(0.0170738164658182, abs=1e-9)
    assert sim(A, B) == pytest.approx(0.669187442293859, abs=1e-9)
    assert kl(A, B) == pytest.approx(0.499684338225490, abs=1e-9)


def test_identities():
    assert cc(A, A) == pytest.approx(1)
    assert cc(A, -A) == pytest.approx(-1)
    assert cc(A, np.ones_like(A)) == 0
    assert sim(A, A) == pytest.approx(1)
    assert abs(kl(A, A)) < 1e-12
    assert abs(nss(A, np.ones_like(A))) < 1e-12
    assert nss(3 * A + 7, LOOKS) == pytest.approx(nss(A, LOOKS))
    assert auc(np.exp(5 * A), LOOKS) == auc(A, LOOKS)
    assert auc(np.ones_like(A), LOOKS) == 0.5
    assert auc(LOOKS.astype(float), LOOKS) == 1
    assert auc(-LOOKS.astype(float), LOOKS) == 0


def test_auc_is_the_share_of_pairs_in_order():
    """Against all pairs counted one by one, with ties."""
    s = np.random.default_rng(2).integers(0, 5, (9, 9))
    looks = np.random.default_rng(3).random((9, 9)) > 0.7
    pairs = s[looks][:, None] - s[~looks][None]
    assert auc(s, looks) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean(), abs=1e-12)


def test_every_look_counts():
    twice = LOOKS.astype(int)
    twice[LOOKS] = 2
    assert nss(A, twice) == pytest.approx(nss(A, LOOKS))
    y, x = np.argwhere(LOOKS)[0]
    one = LOOKS.astype(int)
    one[y, x] = 100
    assert nss(A, one) != pytest.approx(nss(A, LOOKS))


def test_iou():
    a = np.zeros((4, 4), bool)
    a[:2] = True
    assert iou(a, a) == 1
    assert iou(a, a.T) == pytest.approx(4 / 12)
    assert iou(a, np.zeros_like(a)) == 0


@pytest.mark.parametrize(
    ("metric", "one", "two", "says"),
    [
        (cc, A, B[:4], "expected two of one shape"),
        (nss, A, np.zeros_like(A), "at least one"),
        (auc, A, np.ones_like(A), "some places"),
        (kl, A - 1, B, "negative or no saliency"),
        (sim, A * np.nan, B, "NaN or infinity"),
    ],
)
def test_bad_maps(metric, one, two, says):
    with pytest.raises(ValueError, match=says):
        metric(one, two)
