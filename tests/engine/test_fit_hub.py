"""`fit` for an id on the hub: read from its cache, and what that lacks in one line."""

from __future__ import annotations

import re
import shutil

import huggingface_hub
import pytest
import tiny
import torch
from test_fit_loading import fitted

from guidewidgets.engine import Engine


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's cache on this machine, which cannot reach the hub: `keep(id, pipeline)` puts a model there."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))

    def keep(name, pipeline, **how):
        model, commit = tmp_path / f"models--{name.replace('/', '--')}", "a" * 40
        (model / "refs").mkdir(parents=True)
        (model / "refs" / "main").write_text(commit)
        pipeline.save_pretrained(model / "snapshots" / commit, **how)
        return model / "snapshots" / commit

    return keep


def test_an_id_is_read_from_the_hubs_cache(hub, words):
    pipeline = tiny.stable_diffusion(words)
    folder = hub("someone/plain", pipeline)
    engine = fitted("someone/plain", says="^someone/plain for .* of RAM: float32; at most")
    assert (engine.id, engine.dtype) == ("someone/plain", torch.float32)
    assert engine.revision == Engine.load(folder).revision
    hub("someone/half", pipeline.to(torch.float16), variant="fp16")
    engine = fitted("someone/half", says="its fp16 files, float16", dtype="float16")
    assert engine.pipeline.unet.dtype == torch.float16
    fitted("someone/half", 4, "its fp16 files, float32", dtype="float32")  # there are no others


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        ("unet/diffusion_pytorch_model.safetensors", "no file named diffusion_pytorch_model.safetensors"),
        ("unet/config.json", "no file named config.json"),
        ("model_index.json", "model_index.json"),
        ("vae", "it has no folder 'vae', which its model_index.json names"),
        (None, "cached snapshot"),
    ],
    ids=["weights", "config", "index", "folder", "all of it"],
)
def test_what_the_cache_lacks_is_one_clear_line(hub, words, lacks, says):
    if lacks:
        gone = hub("someone/torn", tiny.stable_diffusion(words)) / lacks
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(
        ValueError, match="^model='someone/torn' cannot be opened .*" + re.escape(says)
    ) as told:
        Engine.load("someone/torn", fit="auto")
    assert str(told.value).isprintable()
