"""Metrics on tiny models of the real classes, against their formulas written out with other means."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import tiny
import torch
from PIL import Image
from tiny_transformers import shaken, spelling
from torch import nn
from transformers import BlipConfig, BlipForImageTextRetrieval, CLIPProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from guidewidgets.evaluate import AestheticScore, ClipScore, Hps, ImageReward, Metric, PickScore
from guidewidgets.evaluate.metric import as_pictures
from guidewidgets.vision import AestheticHead, ClipEncoder, embedded

PROMPTS = ["a red fox", "an owl", "a red fox", "a cat on a very long wall of many letters"]
SIDE = 16


@pytest.fixture(scope="module")
def clip(words):
    """Of transformers: model, processor."""
    encoder = tiny.clip(words)
    images = CLIPImageProcessorPil(size={"shortest_edge": encoder.size}, crop_size=encoder.size)
    return shaken(encoder.model, 3, 1.0), CLIPProcessor(images, encoder.tokenizer)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    small = [Image.fromarray(rng.integers(60, 196, (5, 7, 3), dtype=np.uint8)) for _ in PROMPTS]
    return np.stack([np.asarray(one.resize((40, 24), Image.Resampling.BICUBIC)) for one in small])


def cosines(clip, pictures, prompts=PROMPTS):
    """By the model's own forward, one pair at a time."""
    model, processor = clip
    found = []
    for picture, prompt in zip(pictures, prompts, strict=True):
        given = processor(
            text=[prompt],
            images=Image.fromarray(picture),
            truncation=True,
            max_length=24,
            return_tensors="pt",
        )
        with torch.no_grad():
            said = model(**given)
        a, b = said.image_embeds[0].double().numpy(), said.text_embeds[0].double().numpy()
        found.append(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    return np.array(found)


def layers(sizes, seed=3):
    source = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(b, a, generator=source) / a**0.5, torch.randn(b, generator=source))
        for a, b in itertools.pairwise(sizes)
    ]


def through(some, x):
    for weight, bias in some:
        x = x @ weight.double().numpy().T + bias.double().numpy()
    return x[:, 0]


def test_clip_score_is_the_cosine_and_never_negative(clip, pictures):
    expected = cosines(clip, pictures)
    assert expected.min() < 0 < expected.max()
    found = ClipScore(*clip).score(pictures, PROMPTS)
    assert found == pytest.approx(100 * expected.clip(0), abs=1e-3)  # float32
    assert ClipScore(*clip, scale=2.5).score(pictures, PROMPTS) == pytest.approx(found / 40, abs=1e-5)
    assert ClipScore(*clip).range == (0, 100)


def test_pick_score_has_the_models_own_scale(clip, pictures):
    scale = math.exp(float(clip[0].logit_scale))
    found = PickScore(*clip)
    assert found.score(pictures, PROMPTS) == pytest.approx(scale * cosines(clip, pictures), abs=1e-4 * scale)
    assert found.range == pytest.approx((-scale, scale))


def test_hps_is_the_bare_cosine_of_a_picture_set_on_a_black_square(clip, pictures):
    square = np.zeros((len(pictures), 40, 40, 3), np.uint8)
    square[:, 8:32] = pictures
    expected = cosines(clip, square)
    assert np.abs(expected - cosines(clip, pictures)).max() > 0.01
    for given in (pictures, pictures.transpose(0, 2, 1, 3).copy()):
        turned = given is not pictures
        want = cosines(clip, square.transpose(0, 2, 1, 3).copy()) if turned else expected
        assert Hps(*clip).score(given, PROMPTS) == pytest.approx(want, abs=1e-5)


def test_an_encoder_says_what_its_model_and_processor_say(clip, pictures):
    """But for the roundings of pictures to 8 bits on the way."""
    short = ["a red fox", "an owl", "a cat", "a dog"]
    encoder = ClipEncoder(clip[0], clip[1].tokenizer)
    for kind in (ClipScore, PickScore):
        theirs, ours = kind(*clip), kind(encoder)
        width = theirs.range[1]
        assert ours.score(pictures, short) == pytest.approx(theirs.score(pictures, short), abs=0.03 * width)
        assert ours.range == theirs.range


def test_an_aesthetic_head_reads_vectors_of_length_one(clip, pictures):
    model, processor = clip
    some = layers((model.config.projection_dim, 8, 4, 1))
    given = processor(images=[Image.fromarray(p) for p in pictures], return_tensors="pt")
    with torch.no_grad():
        seen = model.get_image_features(**given)
    seen = (seen if isinstance(seen, torch.Tensor) else seen.pooler_output).double().numpy()
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    metric = AestheticScore(AestheticHead(some), model, processor)
    assert metric.score(pictures, PROMPTS) == pytest.approx(through(some, seen), abs=1e-4)
    with pytest.raises(ValueError, match="a head for vectors of 9 numbers on an encoder that gives"):
        AestheticScore(AestheticHead(layers((9, 1))), model, processor)


@pytest.fixture(scope="module")
def blip():
    small = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = BlipConfig(
        text_config=small
        | {"vocab_size": 32, "encoder_hidden_size": 32, "max_position_embeddings": 40, "pad_token_id": 0}
        | {"bos_token_id": 3, "eos_token_id": 1, "sep_token_id": 1},
        vision_config=small | {"image_size": SIDE, "patch_size": 8},
        image_text_hidden_size=16,
    )
    made = shaken(BlipForImageTextRetrieval(config), 1)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if name.endswith("LayerNorm.weight"):
                weight.add_(1.0)
    return made


def test_image_reward_is_the_head_of_what_the_text_saw(blip, pictures, monkeypatch):
    some, words = layers((32, 24, 16, 8, 4, 1)), spelling()
    pictures = pictures[:, :SIDE, :SIDE]  # nothing to resize, so that nothing is rounded
    found = ImageReward(blip, words, AestheticHead(some)).score(pictures, PROMPTS)
    # By the whole model, whose own head of two numbers is left out, and CLIP's own processor of pictures.
    monkeypatch.setattr(blip, "itm_head", nn.Identity())
    images = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=SIDE)
    expected = []
    for picture, prompt in zip(pictures, PROMPTS, strict=True):
        text = words(prompt, padding="max_length", truncation=True, max_length=35, return_tensors="pt")
        seen = images(Image.fromarray(picture), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            said = blip(input_ids=text.input_ids, attention_mask=text.attention_mask, pixel_values=seen)
        expected.append(said.itm_score.double().numpy())
    expected = (through(some, np.concatenate(expected)) - 0.16717362830052426) / 1.0333394966054072
    assert found == pytest.approx(expected, abs=1e-4)
    # It reads the prompt, and looks at the picture.
    for other in ((pictures, PROMPTS[::-1]), (pictures[::-1], PROMPTS)):
        assert np.abs(ImageReward(blip, words, AestheticHead(some)).score(*other) - found).max() > 1e-2


def test_all_are_metrics_and_no_model_is_changed(clip, blip, pictures):
    before = {k: v.clone() for k, v in clip[0].state_dict().items()}
    head = AestheticHead(layers((clip[0].config.projection_dim, 1)))
    reward = ImageReward(blip, spelling(), AestheticHead(layers((32, 1))))
    some = [ClipScore(*clip), PickScore(*clip), Hps(*clip), AestheticScore(head, *clip), reward]
    for metric in some:
        assert isinstance(metric, Metric)
        assert metric.higher_is_better
        found = metric.score(pictures, PROMPTS)
        assert (found.shape, found.dtype) == ((4,), np.float64)
        assert (found >= metric.range[0]).all()
        assert (found <= metric.range[1]).all()
        assert metric.score(pictures[:0], []).shape == (0,)
        many = metric.score(np.concatenate([pictures] * 5), PROMPTS * 5)  # more than go at once
        assert many == pytest.approx(np.tile(found, 5), abs=1e-4)
    assert all(torch.equal(v, before[k]) for k, v in clip[0].state_dict().items())
    assert len({metric.name for metric in some}) == len(some)


def test_embedded_encoders_will_do(pictures):
    found = ClipScore(embedded.judge()).score(pictures[:1], ["a fox"])
    assert 0 <= found[0] <= 100


class Trained(nn.Linear):
    """A head that is being trained."""


def test_what_cannot_be_measured_is_refused_in_one_line(clip, blip, pictures):
    class WithoutScale(nn.Module):
        def get_image_features(self):
            """Nothing."""

    for call, said in [
        (lambda: ClipScore(clip[0]), "CLIP score: expected a CLIPModel and its processor, or a ClipEncoder alone"),
        (lambda: ClipScore(*clip, scale=0), "scale=0: expected a positive number"),
        (lambda: Hps(blip, clip[1]), "HPS: BlipForImageTextRetrieval has no get_image_features"),
        (lambda: PickScore(WithoutScale().eval(), clip[1]), "PickScore: WithoutScale has no logit_scale"),
        (lambda: AestheticScore(Trained(32, 1), *clip), r"aesthetic: a network is in training mode.*model.eval\(\)"),
        (lambda: ImageReward(clip[0], None, len), "ImageReward: CLIPModel is no BlipFor.* image-reward score them"),
        (lambda: ImageReward(blip, None, len, std=0), "std=0: expected a positive number"),
        (lambda: Hps(*clip).score(pictures, ["a fox"]), "1 prompts for 4 pictures: expected one each"),
        (lambda: Hps(*clip).score(pictures / 255, PROMPTS), "pictures: float64 .*expected uint8"),
        (lambda: as_pictures(torch.ones(1, 3, 4, 4) * 2), r"pictures: expected numbers in \[0, 1\]"),
        (lambda: as_pictures(pictures / 255), r"pictures: \(4, 24, 40, 3\): expected uint8 \(n, H, W, 3\)"),
        (lambda: as_pictures([]), "pictures: 0 images: expected uint8"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=said) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_pictures_come_as_arrays_tensors_and_images(pictures):
    images = [Image.fromarray(p) for p in pictures]
    tensor = torch.tensor(pictures).permute(0, 3, 1, 2) / 255
    for given in (pictures, images, tensor):
        assert np.array_equal(as_pictures(given), pictures)
