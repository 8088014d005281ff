"""Painted pools, what is true of them, and what the dual encoders are taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from torch.nn import functional as F  # noqa: N812

from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.evaluate import emoji_asks
from training import (
    codec,
    dual,
    facts,
    pool,
    train_appeal,
    train_dual,
    train_reader,
    train_saliency,
    true_renders,
)
from training.world import captions
from training.world.nouns import HELD_OUT
from training.world.scene import SECOND_STAGE, World, make, rng_of

N = 24


@pytest.fixture(scope="module")
def vae() -> AutoencoderTiny:
    return AutoencoderTiny.from_pretrained(EMBEDDED / "vae")


@pytest.fixture(scope="module")
def painted() -> pool.Pool:
    return pool.paint_parts(pool.Part(pool.TARGET, 5, N))


def test_a_pool_remembers_where_things_are(painted: pool.Pool) -> None:
    for scene, cover in zip(painted.scenes, painted.cover, strict=True):
        sums = (cover.astype(float) / 255).sum((1, 2))
        assert (sums[len(scene.things) :] == 0).all()
        for thing, cells in zip(scene.things, cover[: len(scene.things)], strict=True):
            y, x = np.unravel_index(cells.astype(float).argmax(), cells.shape)
            assert abs((x + 0.5) / pool.CELLS - thing.x) <= thing.width / 2 + 0.1
            assert abs((y + 0.5) / pool.CELLS - thing.y) <= thing.width / 2 + 0.1


def test_a_mirrored_scene_is_told_mirrored() -> None:
    scene = next(s for i in range(100) if (s := make(pool.TARGET, 6, i)).relation == "left")
    mirrored = pool.mirror(scene)
    assert mirrored.relation == "right"
    assert mirrored.things[0].x > mirrored.things[1].x
    assert pool.mirror(mirrored) == scene


def test_smearing_loses_detail_and_nothing_else(painted: pool.Pool, vae: AutoencoderTiny) -> None:
    images = painted.images.copy()
    pool.smear(images, vae, 0.3, torch.Generator().manual_seed(0))
    db = codec.psnr(codec.to_tensor(painted.images), codec.to_tensor(images))
    assert (images != painted.images).any()
    assert 16 < db.mean() < 30  # the codec alone has 29 dB


def test_a_scrambled_object_leaves_its_colours_and_no_labels(
    painted: pool.Pool, vae: AutoencoderTiny
) -> None:
    pick = next(i for i, s in enumerate(painted.scenes) if len(s.things) == 1 and s.style is None)
    mine = pool.Pool(list(painted.scenes), painted.images.copy(), painted.cover.copy())
    pool.scramble(mine, np.array([pick]), vae, np.random.default_rng(0))
    assert mine.scenes[pick].things == ()
    assert not mine.cover[pick].any()
    inside = painted.cover[pick, 0].repeat(2, 0).repeat(2, 1) > 200
    before, after = (p.images[pick][inside].astype(float) for p in (painted, mine))
    assert np.abs(before - after).mean() > 8  # it looks different
    assert np.abs(before.mean(0) - after.mean(0)).max() < 30  # of about the same colours
    others = np.arange(N) != pick
    assert (mine.images[others] == painted.images[others]).all()


def test_a_pool_painted_before_is_read_and_scrambled_scenes_stay_empty(
    tmp_path: Path, vae: AutoencoderTiny
) -> None:
    parts = (pool.Part(pool.TARGET, 7, 12),)
    first = pool.cached(tmp_path, "p", parts, vae, smeared=0.3, scrambled=0.4)
    again = pool.cached(tmp_path, "p", parts, vae, smeared=0.3, scrambled=0.4)
    assert (first.images == again.images).all()
    assert first.scenes == again.scenes
    assert any(not s.things for s in first.scenes)
    other = pool.cached(tmp_path, "p", (pool.Part(pool.TARGET, 8, 12),), vae)
    assert (other.images != first.images).any()


def test_whatever_a_caption_states_the_picture_shows() -> None:
    for i in range(300):
        scene = make(World(held_out=0.1), 9, i)
        stated = set(facts.of_text(captions.caption(scene, rng_of(9, i, 1))))
        assert stated <= set(facts.of_scene(scene)), i


def test_held_out_nouns_have_no_facts() -> None:
    assert not [fact for fact in facts.numbers() if fact.split()[0] in HELD_OUT]


def test_wrong_captions_are_wrong_and_almost_right() -> None:
    found = 0
    for i in range(200):
        scene = make(pool.TARGET, 10, i)
        wrong = train_dual.wrong_caption(scene, rng_of(10, i, 2))
        if wrong is None:
            continue
        found += 1
        told = captions.read(wrong)
        assert {noun for noun, _, _ in told.things} == {thing.noun for thing in scene.things}
        assert told.ground in {None, scene.ground}
        false = set(facts.of_text(wrong)) - set(facts.of_scene(scene))
        names = {name for name, k in facts.numbers().items() if k in false}
        assert names, wrong
        assert {name.split()[0] for name in names} <= {thing.noun for thing in scene.things}
    assert found > 20


def test_the_contrast_is_the_mean_of_two_cross_entropies() -> None:
    torch.manual_seed(0)
    images, texts = (F.normalize(torch.randn(3, 4), dim=1) for _ in range(2))
    wrong = F.normalize(torch.randn(2, 4), dim=1)
    same = torch.eye(3, dtype=torch.bool)
    same[0, 2] = same[2, 0] = True  # texts 0 and 2 say the same: neither is a counterexample to the other
    got = dual.contrast(images, texts, same, wrong, torch.tensor(5.0))
    scores, near = 5 * images @ texts.T, 5 * images @ wrong.T
    total = 0.0
    for i in range(3):
        allowed = [j for j in range(3) if j == i or not same[i, j]]
        total += torch.logsumexp(torch.cat([scores[i, allowed], near[i]]), 0) - scores[i, i]
        total += torch.logsumexp(scores[allowed, i], 0) - scores[i, i]
    assert got == pytest.approx((total / 6).item(), rel=1e-5)


def test_retrieval_counts_equal_captions_as_equal() -> None:
    images, texts = torch.eye(3), torch.eye(3)[[2, 1, 0]]
    assert dual.top_1(images, texts, ["a", "b", "c"]) == pytest.approx((1 / 3, 1 / 3))
    assert dual.top_1(images, texts, ["a", "b", "a"]) == (1.0, 1.0)


def test_the_readers_truth_is_the_masks(painted: pool.Pool) -> None:
    cover = torch.from_numpy(painted.cover).float() / 255
    true = train_reader.truth(painted.scenes, cover)
    assert torch.allclose(true.nouns.sum(1), torch.ones(N, 8, 8), atol=0.02)
    assert true.nouns[:, 1:].sum((1, 2, 3)) == pytest.approx(cover.sum((1, 2, 3)) / 16, rel=1e-4)
    for i, scene in enumerate(painted.scenes):
        named = {train_reader.WORDS["nouns"][k] for k in true.present[i].nonzero().flatten().tolist()}
        assert named <= {thing.noun for thing in scene.things}


def test_the_footprint_peaks_on_objects(painted: pool.Pool) -> None:
    cover = torch.from_numpy(painted.cover).float() / 255
    foot = train_saliency.footprint(cover)
    there = cover.sum((1, 2, 3)) > 0
    assert foot[there].amax((1, 2)) == pytest.approx(torch.ones(int(there.sum())))
    assert not foot[~there].any()


def test_appeal_prefers_colour_and_the_middle() -> None:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    middle, corner = (((x - c) ** 2 + (y - c) ** 2 < 15**2).float() for c in (32, 16))
    red, grey = torch.tensor([1.0, 0, 0]), torch.tensor([0.6, 0.6, 0.6])

    def value(mask: torch.Tensor, colour: torch.Tensor) -> float:
        image = mask * colour.view(3, 1, 1) + (1 - mask) * 0.5
        cover = F.avg_pool2d(mask[None, None], 2)
        return train_appeal.appeal(image[None], F.pad(cover, (0, 0, 0, 0, 0, 2)))[0].item()

    assert value(middle, red) > value(middle, grey)
    assert value(middle, red) > value(corner, red)


def test_true_renders_show_what_is_asked() -> None:
    asks = emoji_asks(EMBEDDED / "vocabulary.json", nouns=SECOND_STAGE.nouns)
    for ask in asks[::7]:
        scene = true_renders.scene_for(ask, 1)
        assert tuple(thing.noun for thing in scene.things) == ask.nouns
        assert scene.things[0].colour == ask.colour
        assert scene.style == ask.style
        assert ask.ground in {None, scene.ground}
        if ask.relation is not None:
            dx, dy = (scene.things[0].x - scene.things[1].x, scene.things[0].y - scene.things[1].y)
            sides = {"left": dx < 0, "right": dx > 0, "above": dy < 0, "below": dy > 0}
            assert sides[ask.relation]
    images = true_renders.paint_ask(asks[0], 2)
    assert images.shape == (2, 3, 64, 64)
    assert (images[0] != images[1]).any()
