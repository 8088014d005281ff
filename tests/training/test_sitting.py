"""One more sitting by the clock: from the shipped weights, then from its own checkpoints."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from fresh import Interpreters
from miniature import train
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import CLIPTokenizer

from guidewidgets.engine.model.load import EMBEDDED
from training import ahead, codec, resume, run_all
from training import tokenizer as words
from training.flat import Flat
from training.train_codec import paint_many
from training.train_unet import same_gradient
from training.world import captions
from training.world.scene import SECOND_STAGE, make, rng_of

ROOT = Path(__file__).parents[2]


def _vector(state: dict[str, Tensor]) -> Tensor:
    return torch.cat([state[name].flatten().float() for name in sorted(state)])


@pytest.fixture(scope="module")
def first() -> dict[str, Tensor]:
    """What is shipped, named as a state names it, without this package's own code."""
    pipe = StableDiffusionPipeline.from_pretrained(EMBEDDED)
    return {
        f"{key}.{name}": parameter.detach()
        for key, module in (("unet", pipe.unet), ("text", pipe.text_encoder))
        for name, parameter in module.named_parameters()
    }


def test_what_is_shipped_becomes_a_state(tmp_path: Path, first: dict[str, Tensor]) -> None:
    resume.shipped(tmp_path)
    state = load_file(tmp_path / "state.safetensors")
    assert state.keys() == first.keys()
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert torch.equal(_vector(state), _vector(first))


@pytest.mark.slow
def test_sittings_go_on_from_the_shipped_weights_and_then_from_each_other(
    tmp_path: Path, first: dict[str, Tensor]
) -> None:
    train(tmp_path, "--device", "cpu", "--seconds", "4", "--resume")
    once = load_file(tmp_path / "state.safetensors")
    train(tmp_path, "--device", "cpu", "--seconds", "4", "--resume")
    twice = load_file(tmp_path / "state.safetensors")
    start, one, two = (_vector(state) for state in (first, once, twice))
    # A few dozen steps of at most 8e-4 move weights of size .05 a little, and never back.
    assert 0 < (one - start).norm() < 0.2 * start.norm()
    assert (two - one).norm() < (two - start).norm()
    assert len(set(json.loads((tmp_path / "sittings.json").read_text()))) == 2
    model = tmp_path / "models" / "emoji"
    assert json.loads((model / "vocabulary.json").read_text())["nouns"] == sorted(SECOND_STAGE.nouns)
    pipe = StableDiffusionPipeline.from_pretrained(model)
    exported = torch.cat([p.detach().flatten() for _, p in sorted(pipe.unet.named_parameters())])
    trained = _vector({name: value for name, value in twice.items() if name.startswith("unet.")})
    assert torch.allclose(exported, trained, atol=1e-7, rtol=1e-3)  # fp16


@pytest.mark.slow
def test_a_sitting_that_was_cut_off_leaves_a_checkpoint(
    tmp_path: Path, first: dict[str, Tensor], fresh: Interpreters
) -> None:
    options = ["--smoke", "--work", tmp_path, "--device", "cpu", "--seconds", "12", "--resume"]
    script = "from training.run_all import main; main()"
    with Path(os.devnull).open("r+b") as nothing:
        sitting = fresh.start(script, *options, files=[nothing.fileno(), 2, 2], folder=ROOT)
    try:
        for _ in range(1200):
            if (tmp_path / "average.safetensors").exists():
                break
            time.sleep(0.1)
    finally:
        os.killpg(sitting.pid, signal.SIGKILL)
        assert sitting.wait() == -signal.SIGKILL, "it was over before it was cut off"
    state = load_file(tmp_path / "state.safetensors")
    assert not torch.equal(_vector(state), _vector(first))
    assert not (tmp_path / "sittings.json").exists()  # it is not a finished one


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--resume"], "expected more than 0 seconds"),
        (["--resume", "--seconds", "0"], "expected more than 0 seconds"),
        (["--seconds", "10"], "expected --resume"),
        (["--device", "cuda"], "expected --resume"),
    ],
)
def test_options_that_make_no_sitting_are_refused(
    tmp_path: Path,
    options: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["run_all", "--work", str(tmp_path), *options])
    with pytest.raises(SystemExit, match="2"):
        run_all.main()
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_scenes_painted_ahead_are_those_of_the_order() -> None:
    order = ahead.Order(replace(SECOND_STAGE, held_out=0.0), 9, 100, ahead.CHUNK + 30, 0.2)
    vae = AutoencoderTiny.from_pretrained(EMBEDDED / "vae")
    tokenizer = CLIPTokenizer.from_pretrained(EMBEDDED / "tokenizer")
    with ahead.Scenes(order, 2, vae, tokenizer) as scenes:
        assert scenes.ready == 0
        assert scenes.take(wait=True)
        assert scenes.ready == ahead.CHUNK  # a step may draw from these while the others are painted
        assert scenes.take(wait=True)
        assert not scenes.take(wait=True)
        assert scenes.ready == order.count
        latents, ids = scenes.batch(400, 0.25, torch.Generator().manual_seed(0))
    images = codec.to_tensor(paint_many(order.world, 9, range(100, 100 + order.count)))
    with torch.no_grad():
        true = vae.encoder(images) * vae.config["scaling_factor"]
    away = torch.cdist(latents.flatten(1), true.flatten(1))
    picks = away.argmin(1)
    assert away.min(1).values.max() < 0.05  # fp16, of a norm of about 30
    assert len(set(picks.tolist())) > 150
    silent = 0
    for pick, row in zip(picks.tolist(), ids.tolist(), strict=True):
        scene = make(order.world, 9, 100 + pick)
        told = [captions.caption(scene, rng_of(9, 100 + pick, 1 + k), 0.2) for k in range(ahead.TELLINGS)]
        silent += row == words.encode(tokenizer, [""])[0]
        assert row in words.encode(tokenizer, [*told, ""])
    assert 60 < silent < 140  # 100 expected, standard deviation 9


class _Forgetful(nn.Module):
    """A network whose norm gets no gradient, as `torch.compile` once made of ours."""

    def __init__(self, whole: nn.Sequential) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, x: Tensor) -> Tensor:
        first, norm, last = self.whole
        held = F.layer_norm(first(x), (8,), norm.weight.detach(), norm.bias.detach())
        return last(held)


def test_a_compiled_network_that_loses_gradients_is_noticed() -> None:
    torch.manual_seed(0)
    eager = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 4))
    flat = Flat({"net": eager}, 0.9, torch.float32)
    x = torch.randn(16, 4)

    def loss(module: nn.Module) -> Tensor:
        return module(x).pow(2).sum()

    assert same_gradient(flat, loss, eager, eager)
    assert not same_gradient(flat, loss, eager, _Forgetful(eager))
    assert not flat.gradient.any()
