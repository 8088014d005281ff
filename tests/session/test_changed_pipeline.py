"""What is done to a pipeline under a session is noticed at the next job: once, by name, and as another revision."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import tiny
import torch
from diffusers import EulerDiscreteScheduler
from peft import LoraConfig

import guidewidgets as gw
from guidewidgets.engine.model.finished import to_pixels

SECONDS = 120
PROMPT = "a toy"
CHANGED = "the pipeline has changed"


def lora(pipe, scale=1.0, name="fox", seed=0):
    torch.manual_seed(seed)
    config = LoraConfig(r=4, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_v"])
    pipe.unet.add_adapter(config, name)
    pipe.set_adapters([name], [scale])


def unloaded(pipe):
    pipe.unload_lora_weights()


def switched_off(pipe):
    pipe.disable_lora()


def rescaled(pipe):
    pipe.set_adapters(["fox"], [0.3])


def others(pipe):
    """Another LoRA of the same name and scale."""
    pipe.unload_lora_weights()
    lora(pipe, seed=1)


def scheduler(pipe):
    pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)


def numbers(pipe):
    pipe.scheduler.register_to_config(beta_end=0.02)


def vae(pipe):
    torch.manual_seed(9)
    pipe.vae = type(pipe.vae).from_config(pipe.vae.config).eval()


def trained(pipe):
    """One step, far from the first values of a weight."""
    with torch.no_grad():
        pipe.unet.conv_out.weight.view(-1)[100:].add_(0.2)


def word(pipe, start=-1.0):
    vector = torch.linspace(start, 1, 32)
    pipe.load_textual_inversion({"<toy>": vector}, token="<toy>")


def unlearned(pipe):
    pipe.unload_textual_inversion()


def other_vector(pipe):
    pipe.unload_textual_inversion()
    word(pipe, 0.0)


# What was there, what happens, what is said of it.
CHANGES = {
    "a LoRA": (None, lora, "it has the adapter 'fox' at 1"),
    "its scale": (lora, rescaled, "it has the adapter 'fox' at 0.3"),
    "another LoRA of that name": (lora, others, "it has the adapter 'fox' at 1"),
    "unloaded": (lora, unloaded, "no adapter acts on it any more"),
    "switched off": (lora, switched_off, "no adapter acts on it any more"),
    "a scheduler": (None, scheduler, "its scheduler is a EulerDiscreteScheduler"),
    "its numbers": (None, numbers, "its scheduler has another beta_end"),
    "a VAE": (None, vae, "its vae is another"),
    "a step of training": (None, trained, "the weights of its unet are others"),
    "a word": (None, word, "its text_encoder reads <toy> otherwise"),
    "no word": (word, unlearned, "its text_encoder reads <toy> otherwise"),
    "another vector": (word, other_vector, "its text_encoder reads <toy> otherwise"),
}


def quietly(call, pipe):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own
        if call is not None:
            call(pipe)


def said(session):
    return [(n.level, n.times) for n in session.view().notices if CHANGED in n.text]


@pytest.fixture
def pipe(words):
    return tiny.stable_diffusion(words)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed_at_the_next_job(pipe, name):
    before, change, says = CHANGES[name]
    quietly(before, pipe)
    session = gw.Session("a <toy>" if "oy" in str(says) else PROMPT, model=pipe, seed=3)
    session.set(steps=2, sampler="ddim")
    session.subscribe(lambda event: None)
    (old,) = session.sample(1, seed=5).wait(SECONDS)
    quietly(change, pipe)
    (new,) = session.sample(1, seed=5).wait(SECONDS)
    assert new.genome.revision != old.genome.revision
    assert new.hash != old.hash
    if change is not scheduler:  # whose noise levels are the same for DDIM
        assert (np.asarray(new.image) != np.asarray(old.image)).any()
    assert said(session) == [("warning", 1)]
    (notice,) = (n.text for n in session.view().notices if CHANGED in n.text)
    assert says in notice
    assert new.genome.revision in notice
    (same,) = session.sample(1, seed=5).wait(SECONDS)
    assert said(session) == []  # it goes with the job it was about
    assert (same.hash, np.asarray(same.image).tobytes()) == (new.hash, np.asarray(new.image).tobytes())
    with pytest.raises(ValueError, match=r"was made by .*, not by this session's") as refusal:
        session.mutate(old.id)
    assert {old.genome.revision, new.genome.revision} <= set(str(refusal.value).replace(")", "(").split("("))
    # What is made now is what somebody makes who loads the pipeline now.
    fresh = gw.Engine.load(pipe)
    settings = {"steps": 2, "guidance": session.guidance, "sampler": "ddim"}
    (again,) = to_pixels(fresh.render(new.genome.latent[None], session.prompt, **settings))
    assert (again == np.asarray(new.image)).all()
    session.close()


def test_what_is_taken_back_is_as_if_it_had_not_been(pipe):
    session = gw.Session(PROMPT, model=pipe)
    session.set(steps=2)
    session.subscribe(lambda event: None)
    (first,) = session.sample(1, seed=5).wait(SECONDS)
    lora(pipe, 0.2)
    (second,) = session.sample(1, seed=5).wait(SECONDS)
    assert second.genome.revision.startswith(f"{first.genome.revision}+fox=0.2/")
    pipe.unload_lora_weights()
    (third,) = session.sample(1, seed=5).wait(SECONDS)
    assert third.hash == first.hash
    session.mutate(first.id, n=1).wait(SECONDS)
    session.close()


def test_every_session_of_an_engine_is_told_once(pipe):
    engine = gw.Engine.load(pipe)
    sessions = [gw.Session(PROMPT, model=engine) for _ in range(2)]
    lora(pipe)
    for session in sessions:
        session.set(steps=1)
        session.subscribe(lambda event: None)
        session.sample(1).wait(SECONDS)
        assert said(session) == [("warning", 1)]
        session.sample(1).wait(SECONDS)
        assert said(session) == []
        session.close()


def test_one_that_cannot_be_used_any_more_says_why_at_the_call(pipe):
    session = gw.Session(PROMPT, model=pipe)
    session.set(steps=1)
    encoder, pipe.text_encoder = pipe.text_encoder, None
    with pytest.raises(ValueError, match="has no text_encoder"):
        session.sample(1)
    pipe.text_encoder = encoder
    assert len(session.sample(1).wait(SECONDS)) == 1
    session.close()


def test_files_and_prompts_take_a_revision_that_names_adapters(pipe, tmp_path):
    lora(pipe, 0.25, "a long name, with signs #(+)")
    session = gw.Session(PROMPT, model=pipe, store=tmp_path / "trip")
    session.set(steps=1)
    (made,) = session.sample(1).wait(SECONDS)
    session.close()
    opened = gw.Session.open(tmp_path / "trip", model=pipe)
    assert opened[made.id].genome.revision == made.genome.revision
    assert len(opened.mutate(made.id, n=1).wait(SECONDS)) == 1
    prompt = gw.Prompt("a fox", model=opened.engine)
    assert gw.Prompt.parse(str(prompt)) == prompt
    opened.close()
