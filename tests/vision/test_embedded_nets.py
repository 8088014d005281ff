"""The nets that come with the package, with their real weights, on freshly painted scenes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import torch

import guidewidgets as gw
from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.vision import embedded
from guidewidgets.vision.eyes import encoder_of

pool = pytest.importorskip("training.pool", reason="the training programs are in the repository only")

from guidewidgets.evaluate import emoji_asks  # noqa: E402
from guidewidgets.evaluate.scores import ReaderScorer, Truth  # noqa: E402
from training import dual, true_renders  # noqa: E402
from training.train_classifier import NAMES  # noqa: E402
from training.train_saliency import measure  # noqa: E402
from training.world import captions  # noqa: E402
from training.world.nouns import HELD_OUT  # noqa: E402
from training.world.scene import SECOND_STAGE, rng_of  # noqa: E402

MODELS = EMBEDDED.parent
NETS = ("guide", "judge", "reader", "classifier", "saliency_net", "aesthetic_head")


def pictures(world, count, seed=12000):
    drawn = pool.paint_parts(pool.Part(world, seed, count))
    return drawn, torch.from_numpy(drawn.images).permute(0, 3, 1, 2).float() / 255


@pytest.fixture(scope="module")
def pairs():
    drawn, images = pictures(SECOND_STAGE, 256)
    return images, [captions.caption(scene, rng_of(12000, i, 1)) for i, scene in enumerate(drawn.scenes)]


@pytest.mark.parametrize("name", ["guide", "judge"])
def test_encoders_find_the_right_of_256_captions(name, pairs):
    images, texts = pairs
    encoder = getattr(embedded, name)()
    with torch.no_grad():
        right = dual.top_1(encoder.images(images), encoder.texts(texts), texts)
    # The goal is 0.8; one sample of 256 has a standard error of 0.025.
    assert min(right) > 0.74


def test_guide_and_judge_are_different_nets():
    a, b = (getattr(embedded, name)().model.config for name in ("guide", "judge"))
    assert a.vision_config.num_hidden_layers != b.vision_config.num_hidden_layers
    assert a.vision_config.hidden_size != b.vision_config.hidden_size
    assert a.projection_dim != b.projection_dim


def test_the_embedded_engine_brings_guide_and_others_bring_nothing():
    engine = gw.Engine.load()
    assert engine.encoder is embedded.guide()
    engine.encoder = None
    assert engine.encoder is None
    assert encoder_of(engine) is None
    with pytest.raises(ValueError, match="needs an image encoder"):
        gw.ClipText("a fox").bind(encoder_of(engine))
    assert (
        gw.Engine.load(EMBEDDED).encoder is None
    )  # a folder somebody names: only its owner knows what fits it


def test_which_encoder_an_engine_has_hangs_on_no_import(fresh):
    """Nothing but the engine is imported, so nobody can have told it."""
    script = """
import sys
from guidewidgets.engine import Engine
engine = Engine.load()
print("guidewidgets.vision" in sys.modules, type(engine.encoder).__name__)
"""
    assert fresh(script).stdout.split() == ["False", "ClipEncoder"]


@pytest.mark.parametrize("name", NETS)
def test_nets_are_loaded_once_and_frozen(name):
    net = getattr(embedded, name)()
    assert getattr(embedded, name)() is net
    module = net if isinstance(net, torch.nn.Module) else getattr(net, "model", None) or net.net
    assert not module.training
    assert {(p.requires_grad, p.dtype) for p in module.parameters()} == {(False, torch.float32)}


def test_the_reader_reads_what_the_score_sheet_asks_for():
    scorer, marks = ReaderScorer(), {}
    for ask in emoji_asks(EMBEDDED / "vocabulary.json", count=24, nouns=SECOND_STAGE.nouns):
        marks.setdefault(ask.category, []).extend(scorer(true_renders.paint_ask(ask, 1), ask))
    shares = {category: sum(m) / len(m) for category, m in marks.items()}
    ceilings = Truth.embedded().ceilings
    # The shipped figures, less three standard errors of these few pictures.
    for category, share in shares.items():
        p = min(0.98, ceilings[category])
        assert share >= p - 3 * (p * (1 - p) / len(marks[category])) ** 0.5, category


def test_the_reader_sees_nothing_in_empty_places_and_noise():
    _, empty = pictures(replace(SECOND_STAGE, count=(1, 0, 0, 0), held_out=0.0), 32)
    assert sum(bool(seen.present) for seen in embedded.reader().read(empty)) <= 2
    noise = torch.rand(16, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert sum(bool(seen.present) for seen in embedded.reader().read(noise)) <= 1


def test_the_reader_takes_other_sizes_and_refuses_what_is_no_picture():
    _, images = pictures(replace(SECOND_STAGE, count=(0, 1, 0, 0)), 4)
    large = torch.nn.functional.interpolate(images, size=(256, 256), mode="bilinear")
    assert [s.present for s in embedded.reader().read(large)] == [
        s.present for s in embedded.reader().read(images)
    ]
    with pytest.raises(ValueError, match=r"expected \(n, 3, H, W\)"):
        embedded.reader().read(torch.zeros(3, 8, 8))


def test_the_classifier_knows_the_held_out_nouns():
    world = replace(SECOND_STAGE, nouns=HELD_OUT, count=(0, 1, 0, 0), tinted=0.0, styled=0.0, held_out=0.0)
    drawn, images = pictures(world, 120)
    net = embedded.classifier()
    assert net.names == NAMES
    assert net.held_out == HELD_OUT
    found = [net.names[k] for k in net(images).argmax(1).tolist()]
    right = sum(a == s.things[0].noun for a, s in zip(found, drawn.scenes, strict=True))
    assert right >= 0.9 * 120  # 0.95 is the goal; three standard errors of 120 pictures are 0.06


def test_no_text_model_has_read_a_held_out_noun():
    vocabulary = json.loads((EMBEDDED / "vocabulary.json").read_text())
    assert not set(HELD_OUT) & set(vocabulary["words"])
    for name in ("guide", "judge"):
        tokens = embedded.__dict__[name]().tokenizer.tokenize("hedgehog")
        assert len(tokens) > 2  # spelled, not known


def test_saliency_peaks_on_objects():
    world = replace(SECOND_STAGE, count=(0, 0.6, 0.4, 0), held_out=0.0)
    drawn, _ = pictures(world, 100)
    found = measure(embedded.saliency_net(), drawn)
    assert found["cc"] >= 0.8
    assert found["peak"] >= 0.95


@pytest.mark.parametrize("name", ["guide", "classifier", "saliency_net"])
def test_gradients_reach_every_picture(name):
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    net = getattr(embedded, name)()
    out = net.images(images) if name == "guide" else net(images)
    out.float().square().sum().backward()
    assert images.grad is not None
    assert (images.grad.flatten(1).norm(dim=1) > 0).all()


def test_the_aesthetic_head_reads_guides_vectors():
    _, images = pictures(SECOND_STAGE, 4)
    appeal = embedded.aesthetic_head()(embedded.guide().images(images))
    assert appeal.shape == (4,)
    assert (appeal.abs() < 6).all()


def test_damaged_and_missing_nets_say_so_in_one_line(tmp_path):
    for name in ("reader", "classifier"):
        shutil.copytree(MODELS / name, tmp_path / name)
    words = json.loads((tmp_path / "reader" / "config.json").read_text())
    (tmp_path / "reader" / "config.json").write_text(json.dumps(words | {"nouns": words["nouns"][1:]}))
    (tmp_path / "classifier" / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      junk")
    with embedded.at(tmp_path):
        with pytest.raises(ValueError, match="the embedded reader does not fit its network: nouns"):
            embedded.reader()
        with pytest.raises(
            ValueError, match=r"model.safetensors (holds no weights|: expected named tensors)"
        ):
            embedded.classifier()
        with pytest.raises(ValueError, match="the embedded guide is not there"):
            embedded.guide()
        with pytest.raises(ValueError, match="the embedded aesthetic is not there"):
            embedded.aesthetic_head()
    assert embedded.reader().nouns == tuple(words["nouns"])


def test_the_whole_set_is_small_enough_to_ship():
    folders = [path for path in MODELS.iterdir() if (path / "NOTICE").is_file()]
    assert {path.name for path in folders} >= {
        *("emoji", "guide", "judge", "reader", "classifier", "saliency", "aesthetic")
    }
    assert {file.parents[0].name for file in MODELS.glob("*/*.safetensors")} <= {
        path.name for path in folders
    }
    assert sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file()) <= 40e6
