"""LoRA files under a live session: noticed when loaded, scaled or taken out, and stored by name and scale."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import tiny
import tiny_transformers
import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from stored import SECONDS

import guidewidgets as gw
from guidewidgets.engine.model.finished import to_pixels

PROMPT, FILE = "a toy", "fox.safetensors"


def write(pipeline, folder):
    """A LoRA of random weights for a pipeline's network, in a file as people have them."""
    part = "unet" if "unet" in pipeline.components else "transformer"
    network = getattr(pipeline, part)
    torch.manual_seed(0)
    network.add_adapter(LoraConfig(r=4, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    layers = {f"{part}_lora_layers": get_peft_model_state_dict(network)}
    pipeline.save_lora_weights(folder, weight_name=FILE, **layers)


def load(pipeline, folder):
    pipeline.load_lora_weights(folder, weight_name=FILE, adapter_name="fox")


# What is done, what is said of it, and how the revision ends.
ACTS = [
    (lambda _pipeline, _folder: None, "", ""),
    (load, "it has the adapter 'fox' at 1", "+fox=1/"),
    (
        lambda pipeline, _: pipeline.set_adapters(["fox"], [0.3]),
        "it has the adapter 'fox' at 0.3",
        "+fox=0.3/",
    ),
    (lambda pipeline, _: pipeline.unload_lora_weights(), "no adapter acts on it any more", ""),
]


@pytest.mark.parametrize(
    "build", [tiny.stable_diffusion_xl, tiny_transformers.stable_diffusion_3], ids=["SDXL", "SD3"]
)
@pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning"
)  # peft's and diffusers' own
def test_a_lora_under_a_live_session(words, tmp_path, build):
    write(build(words), tmp_path)
    pipeline = build(words)
    pipeline.set_progress_bar_config(disable=True)
    session = gw.Session(PROMPT, model=pipeline, store=tmp_path / "trip")
    session.set(steps=2, guidance=2.0, size=(16, 16))
    session.subscribe(lambda event: None)
    made = []
    for act, says, revision in ACTS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of loading over a known name
            act(pipeline, tmp_path)
        (candidate,) = session.sample(1, seed=5).wait(SECONDS)
        told = [n.text for n in session.view().notices if "the pipeline has changed" in n.text]
        assert [says in text for text in told] == [True] * bool(says)
        assert candidate.genome.revision.partition("+")[2].startswith(revision[1:])
        (theirs,) = to_pixels(
            pipeline(
                PROMPT,
                latents=candidate.genome.latent[None],
                num_inference_steps=2,
                guidance_scale=2.0,
                width=16,
                height=16,
                output_type="pt",
            ).images
        )
        assert np.abs(theirs.astype(int) - np.asarray(candidate.image)).max() <= 1  # one 8-bit level
        made.append(candidate)
    session.close()
    plain, full, weak, again = (np.asarray(c.image).astype(int) for c in made)
    assert min(np.abs(full - plain).max(), np.abs(weak - full).max()) > 1
    assert made[3].hash == made[0].hash
    assert (again == plain).all()
    # Somebody opens it with the LoRA loaded anew: the same revision, and the same picture.
    load(pipeline, tmp_path)
    opened = gw.Session.open(tmp_path / "trip", model=pipeline)
    stored = opened[made[1].id].genome
    assert stored.revision == opened.engine.revision
    *_, last = opened.engine.sample([stored])
    assert (opened.engine.finish(last.x).pixels[0] == full).all()
    opened.close()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("melted", [False, True], ids=["loaded into it", "melted in"])
def test_a_lora_with_a_model_that_was_fitted(words, tmp_path, melted):
    pipeline = tiny.stable_diffusion_xl(words)
    write(tiny.stable_diffusion_xl(words), tmp_path)
    pipeline.save_pretrained(tmp_path / "plain")
    lent = gw.Engine.load(pipeline)
    x = lent.noise(1, seed=5, size=(16, 16))
    plain = lent.render(x, PROMPT, steps=2, guidance=2.0)
    load(pipeline, tmp_path)
    expected = gw.Engine.load(pipeline).render(x, PROMPT, steps=2, guidance=2.0)
    if melted:
        pipeline.fuse_lora()
        pipeline.unload_lora_weights()
        pipeline.save_pretrained(tmp_path / "melted")
    engine = gw.Engine.load(tmp_path / ("melted" if melted else "plain"), fit="auto")
    if not melted:
        load(engine.pipeline, tmp_path)
    ours = engine.render(x, PROMPT, steps=2, guidance=2.0)
    assert (ours - expected).abs().max() < 1e-4  # float32, its sums in another order
    assert (ours - plain).abs().max() > 1e-2
