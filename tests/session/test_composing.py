"""A session composes: chips and prompts, negation and corrector in genome, store and code."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from guidewidgets.prompt import Prompt
from guidewidgets.prompt.chips import Chip, chips_of, prompt_of
from guidewidgets.region import Region
from guidewidgets.session import Session


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a fox",
        "a fox ::1.2 AND NOT fog @left %0-0.5",
        "{a fox OR a cat} AND NOT {a AND b} ::0.5",
        "NOT NOT a AND {{a ::2} ::3} AND a ::-1",
        '"a AND b" AND NOT "" AND c ::1',
        "a OR b",
        "a fox @model:x#1 ::2 AND b",
    ],
)
def test_chips_and_prompts_are_the_same_thing(text):
    prompt = Prompt.parse(text)
    chips = chips_of(prompt)
    assert prompt_of(chips) == prompt or prompt_of(chips).concepts() == prompt.concepts()


def test_mute_and_solo_are_heard():
    chips = [Chip("a"), Chip("b", 0.5, negated=True), Chip("c", muted=True)]
    assert str(prompt_of(chips)) == "a AND NOT b ::0.5"
    assert str(prompt_of([chips[0], Chip("b", solo=True), Chip("c", muted=True, solo=True)])) == "b"
    assert prompt_of([Chip("a", muted=True)]) == Prompt("")
    region = Region.box(0, 0, 1, 0.5)
    (chip,) = chips_of(prompt_of([Chip("a", 2.0, True, region, (0.0, 0.5))]))
    assert chip == Chip("a", 2.0, True, region, (0.0, 0.5))
    with pytest.raises(ValueError, match="never closed"):
        prompt_of([Chip("{a", muted=True)])


@given(
    st.lists(
        st.builds(Chip, st.sampled_from(["a", "a b", "{a OR b}", "NOT c"]), st.floats(-5, 5), st.booleans())
    )
)
def test_any_arrangement_prints_back(chips):
    prompt = prompt_of(chips)
    assert prompt_of(chips_of(prompt)) == prompt


SETTINGS = {"negation": "dynamic", "corrector": {"steps": 2, "size": 0.05}, "sampler": "ddpm"}


def test_settings_reach_the_genome_and_everybody_after_it(composed, tmp_path):
    composed.set(**SETTINGS)
    (one,) = composed.sample(1).wait()
    assert one.genome.negation == "dynamic"
    assert one.genome.corrector == {"steps": 2, "size": 0.05, "start": 0.0, "stop": 1.0}
    assert one.genome.noise_seed != 0
    (child,) = composed.mutate(one.id, n=1).wait()
    assert (child.genome.negation, child.genome.corrector) == ("dynamic", one.genome.corrector)
    (crossed,) = composed.cross([one.id, child.id], n=1).wait()
    assert crossed.genome.corrector == one.genome.corrector
    (again,) = composed.render([one.id], corrector=None, negation="perp").wait()
    assert (again.genome.corrector, again.genome.negation) == ({}, "perp")
    composed.undo()
    composed.save(tmp_path / "composed.gw")
    reopened = Session.open(tmp_path / "composed.gw", model=composed.engine)
    assert reopened[one.id].hash == one.hash
    assert reopened[one.id].genome.settings() == one.genome.settings()
    (same,) = composed.render(
        [one.id], negation="dynamic", **{k: SETTINGS[k] for k in ("corrector", "sampler")}
    ).wait()
    assert same.image.tobytes() == one.image.tobytes()


def test_code_says_it_all(composed):
    composed.set(**SETTINGS)
    composed.sample(1).wait()
    code = composed.code()
    scope: dict = {}
    source = code.replace("model=model", "model=engine")
    exec(source, {"engine": composed.engine, "gw": __import__("guidewidgets")} | scope, scope)  # noqa: S102 - ours
    assert scope["s"].history[0][0].hash == composed.history[0][0].hash


def test_setting_them_is_one_undoable_event(composed):
    composed.set(**SETTINGS)
    assert composed.undo()
    assert composed.view().settings.corrector == {}
    assert composed.view().settings.negation == "linear"
    for bad in ({"negation": "fuzzy"}, {"corrector": {"steps": -1}}):
        with pytest.raises(ValueError, match=r"negation|corrector"):
            composed.set(**bad)


def test_doubts_are_noticed(engine):
    with pytest.warns(UserWarning, match="NOT outweighs"):
        session = Session("a cat AND NOT a dog ::3", model=engine)
    assert any("NOT outweighs" in notice.text for notice in session.view().notices)
    assert session.doubts()


def test_arrows_add_up_to_their_sum(engine):
    from guidewidgets.engine.guidance.attribution import Listener

    listener = Listener()
    genomes = engine.genomes(engine.noise(1, seed=3), "a cat AND a hat ::0.5 AND NOT a dog", 4, 5.0)
    heard = []
    for _ in engine.sample(
        genomes,
        probe=lambda k: (
            lambda i, term, added, total: (heard.append((k, term, added)), listener(k)(i, term, added, total))
        ),
    ):
        pass
    influence = listener.influence()
    assert influence.arrows.shape == (4, 3, 2)
    for k in range(4):
        total = torch.stack([added for step, _, added in heard if step == k]).sum(0)
        assert influence.arrows[k, :, 0].sum() == pytest.approx(float(total.norm()), rel=1e-4)
        assert influence.arrows[k, :, 1].sum() == pytest.approx(0, abs=1e-3)
    assert (influence.flat > 0.5).all()


def test_concepts_of_other_models_are_named_in_code_and_refused_without_them(
    engine, tmp_path, tmp_path_factory
):
    import gc

    import tiny

    from guidewidgets.engine import Engine

    pipeline = tiny.stable_diffusion(tmp_path_factory.mktemp("words"))
    with torch.no_grad():
        pipeline.unet.conv_in.weight.mul_(1.1)
    pipeline.register_to_config(_name_or_path="second")
    other = Engine.load(pipeline)
    name = other.name
    session = Session(f"a cat AND a hat @model:{name}", model=engine, seed=2)
    session.set(steps=2)
    (one,) = session.sample(1).wait()
    assert one.genome.prompt.models == (name,)
    assert f"# prompts name the model {name}" in session.code()
    one.save(tmp_path / "one.png")
    del other, pipeline
    gc.collect()
    with pytest.raises(ValueError, match=r"by the model 'second' .* not loaded"):
        session.render([one.id])
    from guidewidgets.session import Candidate

    kept = Candidate.load(tmp_path / "one.png")  # to look at, no model is needed
    assert kept.hash == one.hash
    assert kept.genome.prompt == one.genome.prompt
