"""Classes and scores: their formulas, and encoders of other makes."""

from __future__ import annotations

import pytest
import tiny
import torch
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from guidewidgets.guide import Aesthetic, Classify, ClipText, Crops, Liked, Reward, doodl
from guidewidgets.vision import ClipEncoder
from guidewidgets.vision.scorer import AestheticHead, CosineScorer, Scorer

WHOLE = Crops(num=0)


def pictures(n=2, side=16, seed=0):
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(seed))


class Namer:
    """A linear classifier of mean colours."""

    names = ("ox", "fox", "owl")

    def __init__(self):
        self.w = torch.tensor([[3.0, -1, 0], [0, 2, 1], [-2, 0, 4]])

    def __call__(self, images):
        return images.mean((2, 3)) @ self.w.T.to(images)


# Classes


def test_cross_entropies():
    images, net = pictures(), Namer()
    logits = net(images)
    p = logits.log_softmax(1)[:, 1]
    assert torch.allclose(Classify("fox", net).bind(None)(images), -p)
    wanted = torch.tensor([0.0, 1.0, 0.0])
    by_hand = -(wanted * logits.sigmoid().log() + (1 - wanted) * (1 - logits.sigmoid()).log()).sum(1)
    assert torch.allclose(Classify("fox", net, loss="bce").bind(None)(images), by_hand, atol=1e-5)


def test_the_gradient_of_a_cross_entropy_sums_to_zero_over_the_classes():
    logits = torch.randn(2, 3, requires_grad=True)
    net = Namer()
    net.__class__ = type("Given", (Namer,), {"__call__": lambda self, images: logits})
    Classify("owl", net).bind(None)(pictures()).sum().backward()
    assert logits.grad.sum(1).abs().max() < 1e-6


# Scores


def test_a_clip_score_is_a_hundred_cosines(eye):
    images = pictures()
    found = CosineScorer(eye).score(images, ["a fox", "a cat"])
    texts = eye.texts(["a fox", "a cat"])
    expected = [
        100 * F.cosine_similarity(eye.images(images[i : i + 1]), texts[i : i + 1]).item() for i in range(2)
    ]
    assert found.tolist() == pytest.approx(expected, abs=1e-4)
    assert isinstance(CosineScorer(eye), Scorer)


def test_a_score_is_differentiable(eye):
    """Central differences of the score itself along a direction."""
    eye.model.double()
    try:
        scorer = CosineScorer(eye)
        x = pictures(1).double().requires_grad_()
        direction = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
        (g,) = torch.autograd.grad(scorer.score(x, ["a fox"]).sum(), x)
        h = 1e-5
        ends = [scorer.score(x.detach() + s * h * direction, ["a fox"]).item() for s in (1, -1)]
    finally:
        eye.model.float()
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx((g * direction).sum().item(), rel=1e-5)


def test_anything_that_scores_is_an_objective(seeing, eye):
    objective = Reward(CosineScorer(eye, 1.0), "a fox")
    images = pictures()
    assert torch.allclose(objective.bind(None)(images), -CosineScorer(eye, 1.0).score(images, ["a fox"] * 2))
    states = list(doodl(seeing, seeing.noise(1), "a cat", objective, 6, sampling_steps=2, lr=0.1))
    assert min(s.loss for s in states[1:]) < states[0].loss
    assert list(states[0].losses) == ["Reward(CosineScorer)"]


def test_a_learned_taste(eye, seeing):
    """Its mean is what `predict` says, its slope what differences say, and it can be followed."""
    from guidewidgets.preference.gp import Batch, fit

    rng = torch.Generator().manual_seed(4)
    vectors = F.normalize(torch.randn(24, 16, generator=rng, dtype=torch.float64), dim=1)
    names = [str(i) for i in range(24)]
    grades = tuple(int(v[0] > 0.1) - int(v[0] < -0.2) for v in vectors)
    taste = fit(dict(zip(names, vectors.numpy(), strict=True)), [Batch(tuple(names), grades)])
    expected = taste.predict(vectors.numpy())[0]
    assert torch.allclose(taste.mean(vectors), torch.from_numpy(expected), atol=1e-9)
    x = vectors[:1].clone().requires_grad_()
    (g,) = torch.autograd.grad(taste.mean(x).sum(), x)
    step = 1e-6 * torch.eye(16, dtype=torch.float64)
    slope = (taste.mean(vectors[:1] + step) - taste.mean(vectors[:1] - step)) / 2e-6
    assert torch.allclose(g[0], slope, atol=1e-6)
    images = pictures()
    assert torch.allclose(Liked(taste).bind(eye)(images), -taste.mean(eye.images(images)))
    other = fit(dict(zip(names, vectors[:, :9].numpy(), strict=True)), [Batch(tuple(names), grades)])
    with pytest.raises(ValueError, match="of 9 numbers, on an encoder that gives 16"):
        Liked(other).bind(eye)


class Wrong:
    def score(self, images, prompts):
        return images.mean()


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (
            lambda eye: Classify("cow", Namer()).bind(None),
            ValueError,
            "label='cow': expected one of the classifier's 3",
        ),
        (lambda eye: Classify("fox", Namer(), loss="l2"), ValueError, "loss='l2'"),
        (
            lambda eye: Aesthetic(AestheticHead([(torch.zeros(1, 9), torch.zeros(1))])).bind(eye),
            ValueError,
            "9 numbers",
        ),
        (lambda eye: Aesthetic().bind(eye), ValueError, "needs a head made for this encoder"),
        (lambda eye: Aesthetic().bind(None), ValueError, "needs an image encoder"),
        (lambda eye: Aesthetic("x.pth"), TypeError, "head='x.pth': expected a function"),
        (lambda eye: Aesthetic(target=float("nan")), ValueError, "target=nan"),
        (lambda eye: Classify(3), TypeError, "label=3: expected a text"),
        (lambda eye: Classify("fox", 3), TypeError, "classifier=3"),
        (lambda eye: ClipText(3), TypeError, "text=3: expected a text"),
        (lambda eye: ClipText("a", 8), TypeError, r"crops=8: expected gw\.Crops"),
        (lambda eye: Reward(42), TypeError, r"expected something with score\(images, prompts\)"),
        (lambda eye: Reward(Wrong()).bind(None)(pictures()), ValueError, "expected one number each"),
        (lambda eye: CosineScorer(eye).score(pictures(), ["a"]), ValueError, "1 prompts for 2 images"),
        (lambda eye: ClipText("a fox", distance="l1"), ValueError, "distance='l1'"),
    ],
)
def test_refusals(eye, make, kind, says):
    with pytest.raises(kind, match=says):
        make(eye)


# Encoders of other makes


def test_siglip(tmp_path):
    """SigLIP pads its texts and has statistics of its own; the rest is the same."""
    from transformers import SiglipConfig, SiglipModel

    torch.manual_seed(0)
    config = SiglipConfig(
        text_config={"vocab_size": 54, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 1,
                     "num_attention_heads": 2, "max_position_embeddings": 24, "projection_size": 16,
                     "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1},
        vision_config={"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 2,
                       "image_size": 16, "patch_size": 4},
    )  # fmt: skip
    model = SiglipModel(config).eval()
    encoder = ClipEncoder(model, tiny.tokenizer(tmp_path))
    images = pictures()
    with torch.no_grad():
        theirs = model(
            input_ids=encoder.tokenizer(["a fox"], padding="max_length", return_tensors="pt").input_ids,
            pixel_values=(images - 0.5) / 0.5,
        )
    cosines = encoder.images(images) @ encoder.texts(["a fox"]).T
    expected = (
        theirs.logits_per_image * (-model.logit_scale).exp() - model.logit_bias * (-model.logit_scale).exp()
    )
    assert torch.allclose(cosines, expected, atol=1e-5)
