"""`Engine.load(…, fit=…)`: the same model, read once, straight to where it works; in turn where memory is short."""

from __future__ import annotations

import re
import warnings

import diffusers
import pytest
import shapes
import tiny
import tiny_transformers
import torch
from shapes import allocated

from guidewidgets.engine import Engine
from guidewidgets.engine.families.detect import family_of
from guidewidgets.engine.model import load
from guidewidgets.engine.model.fit import GIB, USED, Memory
from guidewidgets.engine.model.fitted import pick_variant
from guidewidgets.engine.model.needs import needs_of
from guidewidgets.engine.model.skeleton import skeleton

BUILDS = {"SDXL": tiny.stable_diffusion_xl, "Z-Image": lambda _: tiny_transformers.z_image()}
SIZE = (16, 16)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    found = {}
    for name, build in BUILDS.items():
        found[name] = tmp_path_factory.mktemp("model") / "small"
        build(tmp_path_factory.mktemp("words")).save_pretrained(found[name])
    return found


def fitted(folder, fit="auto", says="", **given):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UserWarning)
        engine = Engine.load(folder, fit=fit, **given)
    assert re.search(says, engine.fit)
    costs = any(word in engine.fit for word in ("turns", "stream", "bits"))
    assert [str(one.message) for one in heard if " for " in str(one.message)] == [engine.fit] * costs
    return engine


def painted(engine, prompt="a fox"):
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a folder does not say that its transformer is tiny
        return engine.render(engine.noise(1, size=SIZE), prompt, steps=2)


def rationed(monkeypatch, device, host=GIB):
    """An accelerator with so many bytes that can be used, whose place the CPU takes."""
    memory = Memory(int(device / USED) + 1, host, "cuda")
    monkeypatch.setattr(load, "memory_of", lambda *_: memory)


def needed(folder):
    return needs_of(family_of(skeleton(folder)), torch.float32)


@pytest.mark.parametrize("name", BUILDS)
def test_it_is_the_same_model(folders, name):
    plain, engine = Engine.load(folders[name]), fitted(folders[name], says="float32; at most 0")
    assert (engine.id, engine.revision, engine.dtype) == (plain.id, plain.revision, torch.float32)
    assert torch.equal(painted(engine), painted(plain))
    assert engine.fit.startswith("small for ")
    assert engine.fit not in engine.notices  # it costs nothing
    assert not any(p.requires_grad for p in engine.network.module.parameters())
    assert plain.fit == ""


@pytest.mark.parametrize("name", BUILDS)
def test_other_precision_is_the_same_model_still(folders, name):
    engine = fitted(folders[name], 4, "for 4 GiB of RAM: bfloat16", dtype="bfloat16")
    assert engine.dtype == torch.bfloat16
    assert engine.revision == Engine.load(folders[name]).revision
    assert (painted(engine) - painted(Engine.load(folders[name]))).abs().mean() < 0.02


def test_the_variant_of_the_dtype_is_read(folders, words, tmp_path):
    pipe = tiny.stable_diffusion_xl(words)
    pipe.to(torch.float16).save_pretrained(tmp_path / "half", variant="fp16")
    engine = fitted(tmp_path / "half", says="its fp16 files, float32")
    half = Engine.load(pipe, dtype="float32")
    assert torch.equal(painted(engine), painted(half))
    # Where there are both, those of the dtype; the model is the one of the plain files.
    both = tmp_path / "both"
    diffusers.DiffusionPipeline.from_pretrained(folders["SDXL"], dtype=torch.bfloat16).save_pretrained(
        both, variant="bf16"
    )
    tiny.stable_diffusion_xl(words).save_pretrained(both)
    engine = fitted(both, says="its bf16 files, bfloat16", dtype="bfloat16")
    assert engine.revision == Engine.load(both).revision


@pytest.mark.parametrize(
    ("names", "dtype", "variant"),
    [
        (["unet/a.safetensors", "unet/a.fp16.safetensors"], torch.float16, "fp16"),
        (["unet/a.safetensors", "unet/a.fp16.safetensors"], torch.bfloat16, None),
        (["unet/a.safetensors", "unet/a.fp16.safetensors"], torch.float32, None),
        (["unet/a.fp16-00001-of-00002.safetensors", "vae/a.fp16.safetensors"], torch.bfloat16, "fp16"),
        (["unet/a.safetensors", "a.fp16.safetensors"], torch.float16, None),
        ([], torch.float16, None),
    ],
)
def test_which_variant(names, dtype, variant):
    assert pick_variant(names, dtype) == variant


class Moves:
    """What accelerate moves: its device is "cpu:0" here, networks rest on "cpu"."""

    def __init__(self, pipeline, monkeypatch):
        self.seen = []
        for name, part in pipeline.components.items():
            if isinstance(part, torch.nn.Module):
                monkeypatch.setattr(part, "to", self.spy(name, part.to))

    def spy(self, name, to):
        def moved(device):
            self.seen.append((name, "rests" if str(device) == "cpu" else "comes"))
            return to(device)

        return moved

    def comes(self):
        return list(dict.fromkeys(name for name, what in self.seen if what == "comes"))


@pytest.mark.parametrize("name", BUILDS)
def test_text_encoders_leave_and_come_back_for_a_new_prompt(folders, name, monkeypatch):
    plain = Engine.load(folders[name])
    rationed(monkeypatch, needed(folders[name]).in_turn())
    engine = fitted(folders[name], says="networks take turns on the device")
    denoiser = engine.network.family.part
    encoders = [part for part in engine.pipeline.components if part.startswith("text_encoder")]
    moves = Moves(engine.pipeline, monkeypatch)
    pictures = painted(engine)
    assert (pictures - painted(plain)).abs().max() <= 1e-5
    assert moves.comes() == [*encoders, denoiser, "vae"]
    moves.seen.clear()
    assert torch.equal(painted(engine), pictures)
    assert moves.comes() == [denoiser, "vae"]  # the text is known, its encoders stay where they rest
    assert {part for part, what in moves.seen[-len(encoders) - 2 :] if what == "rests"} == {
        *encoders,
        denoiser,
        "vae",
    }
    next(engine.sample(engine.genomes(engine.noise(1, size=SIZE), "a fox", steps=2)))
    moves.seen.clear()  # that job is cancelled, and has left the denoiser where it was
    painted(engine, "a dog")
    assert moves.comes() == [*encoders, denoiser, "vae"]
    assert moves.seen.index((denoiser, "rests")) < moves.seen.index((encoders[0], "comes"))


def test_layers_stream_where_not_even_the_denoiser_fits(folders, monkeypatch):
    rationed(monkeypatch, needed(folders["SDXL"]).streamed())
    engine = fitted(folders["SDXL"], says="its layers stream through the device one by one")
    plain = Engine.load(folders["SDXL"])
    assert (painted(engine) - painted(plain)).abs().max() <= 1e-5
    assert engine.revision == plain.revision


@pytest.mark.parametrize("fit", ["big", "16GB", 0, -3, float("nan"), float("inf"), True, [16]])
def test_a_fit_that_is_none_is_refused(folders, fit):
    with pytest.raises(ValueError, match=r"fit=.*: expected None, 'auto' or a number of GiB above 0"):
        Engine.load(folders["SDXL"], fit=fit)


def test_16_gib_asked_of_a_40_gb_model(words, tmp_path, monkeypatch):
    with torch.device("meta"):
        pipe = shapes.z_image(words, small=True)
        pipe.transformer = diffusers.ZImageTransformer2DModel(n_layers=108)
    size = sum(p.numel() for p in pipe.transformer.parameters()) * 2 / 1e9
    assert size == pytest.approx(40, abs=1)
    folder = shapes.described(pipe, tmp_path / "large")
    with pytest.raises(
        ValueError, match=r"large' needs [\d.]+ GiB at the least \(bfloat16\), beyond .* 16 GiB of RAM"
    ) as told:
        Engine.load(folder, fit=16)
    assert "\n" not in str(told.value)
    assert "take a smaller model, or install" in str(told.value)
    rationed(monkeypatch, USED * 16 * GIB, 24 * GIB)
    with pytest.raises(
        ValueError, match=r"of RAM\), beyond nine tenths of 16 GiB and of 24 GiB of RAM"
    ) as told:
        Engine.load(folder, fit=16)
    assert "\n" not in str(told.value)
    with pytest.raises(
        ValueError, match=r"fit=16: the weights of this ZImagePipeline are [\d.]+ GiB, and a live"
    ):
        Engine.load(pipe, fit=16)


def test_a_live_pipeline_is_taken_as_it_is(words):
    pipe = tiny.stable_diffusion_xl(words)
    held = {name: id(part) for name, part in pipe.components.items()}
    engine = fitted(pipe, 16, "this StableDiffusionXLPipeline is taken as it was lent: 0.0 GiB of weights")
    assert engine.pipeline is pipe
    assert held == {name: id(part) for name, part in pipe.components.items()}
    pipe.enable_model_cpu_offload(device="cpu")
    fitted(pipe, 0.0001, "as it was lent: offloaded")


def test_weights_are_read_once(tmp_path, words):
    """Never two copies: torch's allocator, which counts mapped files too, holds no more than the weights."""
    pipe = shapes.zeros("SDXL", words)
    parts = (pipe.unet, pipe.vae, pipe.text_encoder, pipe.text_encoder_2)
    weights = sum(p.nbytes for part in parts for p in part.parameters())
    pipe.save_pretrained(tmp_path / "model")
    # Beside what is cast to another dtype, one file is mapped at a time.
    peak = allocated(lambda: fitted(tmp_path / "model", dtype="bfloat16"), tmp_path / "trace.json")
    largest = max(path.stat().st_size for path in (tmp_path / "model").rglob("*.safetensors"))
    assert peak <= 1.05 * (weights / 2 + largest)
