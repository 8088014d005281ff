"""The emoji world: deterministic scenes, honest masks, captions that say what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from training.world import art, captions, nouns
from training.world.paint import paint
from training.world.places import PLACES
from training.world.scene import FIRST_STAGE, Scene, Thing, World, make, rng_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORLD = World()
MANY = range(400)


def _thing(x: float, noun: str = "fox") -> Thing:
    return Thing(noun, None, None, x, 0.5, 0.4, 0.0)


def test_the_same_seed_and_index_make_the_same_scene_and_picture() -> None:
    for i in range(5):
        first, second = make(WORLD, 3, i), make(WORLD, 3, i)
        assert first == second
        assert np.array_equal(paint(first).image, paint(second).image)


def test_scenes_differ_between_indices_and_between_seeds() -> None:
    scenes = [make(WORLD, seed, i) for seed in (0, 1) for i in range(50)]
    assert len(set(scenes)) == len(scenes)


def test_pictures_are_square_uint8_at_any_side() -> None:
    for side in (32, 64, 96):
        picture = paint(make(WORLD, 0, 4), side)
        assert picture.image.shape == (side, side, 3)
        assert picture.image.dtype == np.uint8
        assert picture.masks.shape[1:] == (side, side)


def test_masks_fill_their_boxes_and_stand_where_the_scene_says() -> None:
    for i in range(60):
        scene = make(WORLD, 1, i)
        picture = paint(scene)
        for thing, mask, (left, top, right, bottom) in zip(
            scene.things, picture.masks, picture.boxes, strict=True
        ):
            assert 0 <= mask.min() <= mask.max() <= 1
            rows, columns = (np.flatnonzero((mask > 0.5).any(axis=axis)) / 64 for axis in (1, 0))
            assert (rows.min(), columns.min()) == (top, left)
            assert rows.max() + 1 / 64 == pytest.approx(bottom)
            assert columns.max() + 1 / 64 == pytest.approx(right)
            assert max(right - left, bottom - top) <= 1.45 * thing.width + 3 / 64  # rotated corners stick out
            assert left - 0.1 <= thing.x <= right + 0.1
            assert top - 0.1 <= thing.y <= bottom + 0.1


def test_an_object_in_front_hides_the_mask_of_the_one_behind() -> None:
    scene = Scene((_thing(0.45), _thing(0.55, "house")), None, "blue", "flat", None, 0)
    behind, front = paint(scene).masks
    alone = paint(Scene(scene.things[:1], None, "blue", "flat", None, 0)).masks[0]
    assert behind.sum() < 0.8 * alone.sum()
    assert ((behind + front) <= 1 + 1e-6).all()


def test_every_picture_of_a_thing_shows_it_facing_the_same_way() -> None:
    world = replace(
        WORLD, nouns=("duck",), art={"flat": 1.0}, count=(0, 1, 0, 0), tinted=0, styled=0, held_out=0
    )
    sprite = _outline(np.asarray(art.sprites()["flat/duck"].getchannel("A"), np.float32) / 255)
    for i in range(40):
        outline = _outline(paint(make(world, 8, i)).masks[0])
        as_drawn, turned = (np.abs(outline - of).mean() for of in (sprite, sprite[:, ::-1]))
        assert as_drawn < turned


def _outline(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a mask covers of its own box, (24, 24) in [0, 1]."""
    rows, columns = (np.flatnonzero((mask > 0.5).any(axis=axis)) for axis in (1, 0))
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(Image.fromarray(box).resize((24, 24), Image.Resampling.BILINEAR))


def test_relations_hold_in_the_picture() -> None:
    for i in MANY:
        scene = make(WORLD, 2, i)
        if scene.relation is None:
            continue
        a, b = scene.things
        holds = {"left": a.x < b.x, "right": a.x > b.x, "above": a.y < b.y, "below": a.y > b.y}
        assert holds[scene.relation]


def test_a_caption_says_nothing_that_the_scene_does_not_show() -> None:
    for i in MANY:
        scene = make(WORLD, 4, i)
        for stream in (1, 2):
            said = captions.read(captions.caption(scene, rng_of(4, i, stream)))
            shown = tuple((thing.noun, thing.colour, thing.size) for thing in scene.things)
            assert said.things in {(), shown}
            assert said.relation in {None, scene.relation}
            assert said.ground in {None, scene.ground}
            assert said.style == scene.style
            assert said.art in {None, scene.art}


def test_a_caption_may_name_one_of_several_things() -> None:
    for i in MANY:
        scene = make(WORLD, 4, i)
        if len(scene.things) < 2 or any(nouns.NOUNS[thing.noun].held_out for thing in scene.things):
            continue
        text = captions.caption(scene, rng_of(4, i, 1), partial=1.0)
        assert text.startswith("a picture with ")
        (named,) = captions.read(text).things
        assert named in {(thing.noun, thing.colour, thing.size) for thing in scene.things}


def test_most_captions_name_everything() -> None:
    named = [
        bool(captions.read(captions.caption(make(FIRST_STAGE, 0, i), rng_of(0, i, 1))).things) for i in MANY
    ]
    assert np.mean(named) > 0.85


@pytest.mark.parametrize(
    ("text", "things", "relation", "ground"),
    [
        ("an orange octopus under the sea", (("octopus", "orange", None),), "below", "sea"),
        (
            "a fox to the left of a big red house at night",
            (("fox", None, None), ("house", "red", "big")),
            "left",
            "night",
        ),
        ("some grapes on a blue background", (("grapes", None, None),), None, "blue"),
        ("a snowman in the snow", (("snowman", None, None),), None, "snow"),
        ("a bird in a blue sky", (), None, "sky"),
    ],
)
def test_captions_are_read(
    text: str,
    things: tuple[tuple[str, str | None, str | None], ...],
    relation: str | None,
    ground: str | None,
) -> None:
    said = captions.read(text)
    assert (said.things, said.relation, said.ground) == (things, relation, ground)


def test_articles_and_plurals() -> None:
    assert [nouns.article(word) for word in ("owl", "unicorn", "umbrella", "fox")] == ["an", "a", "an", "a"]
    grapes = Scene((_thing(0.5, "grapes"),), None, "sky", "flat", None, 0)
    texts = {captions.caption(grapes, rng_of(0, i)) for i in range(60)}
    assert not any(" a grapes" in f" {text}" for text in texts)
    assert any("some grapes" in text for text in texts)


def test_held_out_nouns_are_painted_but_never_named() -> None:
    assert len(nouns.HELD_OUT) == 8
    assert 60 <= len(nouns.NAMED) <= 100
    assert not set(nouns.HELD_OUT) & set(captions.words())
    painted = set[str]()
    for i in range(1500):
        scene = make(WORLD, 5, i)
        painted |= {thing.noun for thing in scene.things}
        assert not set(captions.caption(scene, rng_of(5, i, 1)).split()) & set(nouns.HELD_OUT)
    assert set(nouns.HELD_OUT) <= painted


def test_a_stage_paints_its_own_nouns_only() -> None:
    allowed = {*FIRST_STAGE.nouns, *nouns.HELD_OUT}
    assert all(thing.noun in allowed for i in MANY for thing in make(FIRST_STAGE, 0, i).things)
    assert all(make(FIRST_STAGE, 0, i).art == "flat" for i in MANY)


def test_every_place_looks_different_at_every_draw() -> None:
    for place in PLACES:
        one, two = (paint(Scene((), None, place, "flat", None, grain)).image for grain in (1, 2))
        assert np.abs(one.astype(int) - two).mean() > 1
