"""Models that cannot be used: one line that names them and what was expected, before any of their weights is read."""

from __future__ import annotations

import json
import shutil
import warnings

import diffusers
import pytest
import tiny
import tiny_transformers as transformer
import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig, UMT5Config, UMT5EncoderModel

from guidewidgets.engine import Engine


def umt5():
    return UMT5EncoderModel(UMT5Config(vocab_size=32, d_model=32, d_kv=8, d_ff=37, num_layers=1, num_heads=4))


def video(_):
    net = diffusers.WanTransformer3DModel(
        num_attention_heads=2, attention_head_dim=12, text_dim=32, freq_dim=16, ffn_dim=32, num_layers=1
    )
    autoencoder = diffusers.AutoencoderKLWan(base_dim=3, dim_mult=[1, 1, 1, 1], num_res_blocks=1)
    parts = {"vae": autoencoder, "transformer": net, "scheduler": transformer.FlowMatch()}
    return diffusers.WanPipeline(tokenizer=transformer.spelling(), text_encoder=umt5(), **parts)


def audio(folder):
    pipe = tiny.stable_diffusion(folder)
    numbers = SpeechT5HifiGanConfig(
        upsample_initial_channel=16, upsample_rates=[4], upsample_kernel_sizes=[8]
    )
    parts = {name: getattr(pipe, name) for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler")}
    return diffusers.AudioLDMPipeline(**parts, vocoder=SpeechT5HifiGan(numbers))


def audio_by_transformer(_):
    net = diffusers.LongCatAudioDiTTransformer(
        dit_dim=16, dit_depth=1, dit_heads=2, dit_text_dim=32, latent_dim=4
    )
    autoencoder = diffusers.LongCatAudioDiTVae(
        channels=4, c_mults=[1, 2], strides=[2], latent_dim=4, encoder_latent_dim=8
    )
    parts = {"vae": autoencoder, "transformer": net, "scheduler": transformer.FlowMatch()}
    return diffusers.LongCatAudioDiTPipeline(tokenizer=transformer.spelling(), text_encoder=umt5(), **parts)


def unknown(_):
    net = diffusers.DiTTransformer2DModel(
        sample_size=8, num_layers=1, attention_head_dim=8, num_attention_heads=2, num_embeds_ada_norm=10
    )
    return diffusers.DiTPipeline(transformer=net, vae=transformer.vae(4), scheduler=tiny.scheduler())


def mute(build):
    def make(folder):
        pipe = build(folder)
        pipe.register_modules(text_encoder=None)
        return pipe

    return make


REFUSED = {
    "video": (
        video,
        "WanPipeline paints with a WanTransformer3DModel, which is not supported: expected Stable",
    ),
    "audio": (audio, "AudioLDMPipeline paints with a vocoder, and makes sound, not pictures"),
    "audio by a transformer": (
        audio_by_transformer,
        "paints with a LongCatAudioDiTTransformer, which is not",
    ),
    "unknown": (unknown, "DiTPipeline paints with a DiTTransformer2DModel, which is not supported: expected"),
    "SD without its encoder": (
        mute(tiny.stable_diffusion),
        r"has no text_encoder \(it is None\): load it again",
    ),
    "Z-Image without its encoder": (
        mute(lambda _: transformer.z_image()),
        r"ZImagePipeline has no text_encoder \(it is None\): load it again",
    ),
}


def made(name, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what diffusers says of pipelines it no longer cares for
        return REFUSED[name][0](folder)


def told(model, says, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=says) as refusal:
            Engine.load(model, **given)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_name(name, words, tmp_path):
    pipe = made(name, words)
    kept = {part: id(module) for part, module in pipe.components.items()}
    for fit in (None, "auto"):
        told(pipe, REFUSED[name][1], fit=fit)
    assert kept == {part: id(module) for part, module in pipe.components.items()}
    if "without" in name:  # as when a download broke off
        check_folders(name, words, tmp_path)
        return
    pipe.save_pretrained(tmp_path / "model")
    if not (tmp_path / "model" / "scheduler").exists():
        pipe.scheduler.save_pretrained(tmp_path / "model" / "scheduler")
    told(tmp_path / "model", REFUSED[name][1])
    for weights in (tmp_path / "model").rglob("*.safetensors"):
        weights.unlink()
    told(tmp_path / "model", REFUSED[name][1], fit="auto")  # and needs no weights to know


def check_folders(name, words, tmp_path):
    whole = tiny.stable_diffusion(words) if name.startswith("SD") else transformer.z_image()
    folder = tmp_path / "whole"
    whole.save_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"text_encoder": [None, None]}))
    told(folder, "cannot be opened .*expected .*text_encoder")
    told(folder, REFUSED[name][1], fit="auto")
    (folder / "model_index.json").write_text(json.dumps(index))
    shutil.rmtree(folder / "text_encoder")
    told(
        folder,
        "cannot be opened .*it has no folder 'text_encoder', which its model_index.json names",
        fit="auto",
    )


@pytest.mark.parametrize("entry", [["os", "system"], ["diffusers", "Nope"], ["mymodule", "MyNet"], [3, 4]])
def test_nothing_but_the_two_libraries_is_imported(entry, words, tmp_path):
    folder = tmp_path / "model"
    tiny.stable_diffusion(words).save_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"unet": entry}))
    told(
        folder,
        "cannot be opened .*its unet is a .*, which diffusers and transformers do not have",
        fit="auto",
    )
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "NopePipeline"}))
    told(folder, "its pipeline is a 'NopePipeline' of 'diffusers'", fit="auto")


def lora_of(pipe, part, folder):
    network = getattr(pipe, part)
    network.add_adapter(LoraConfig(r=4, init_lora_weights=False, target_modules=["to_q", "to_v"]), "x")
    given = {f"{part}_lora_layers": get_peft_model_state_dict(network, adapter_name="x")}
    type(pipe).save_lora_weights(folder, **given)
    return folder


@pytest.mark.parametrize("theirs", ["SDXL", "Z-Image"])
def test_a_lora_for_another_family_leaves_no_trace(theirs, words, tmp_path, caplog):
    """diffusers names it, by an error where shapes differ and a warning where no key fits; nothing acts after it."""
    if theirs == "SDXL":
        file = lora_of(tiny.stable_diffusion_xl(words), "unet", tmp_path)
    else:
        file = lora_of(transformer.z_image(), "transformer", tmp_path)
    pipe = tiny.stable_diffusion(words)
    engine = Engine.load(pipe)
    x = engine.noise(1)
    before, revision = engine.render(x, "a fox", steps=2), engine.revision
    diffusers.utils.logging.enable_propagation()
    try:
        if theirs == "SDXL":
            with pytest.raises(RuntimeError, match="size mismatch"):
                pipe.load_lora_weights(file, adapter_name="fox")
        else:
            pipe.load_lora_weights(file, adapter_name="fox")
            assert "No LoRA keys associated to UNet2DConditionModel" in caplog.text
    finally:
        diffusers.utils.logging.disable_propagation()
    engine.refresh()
    assert (engine.revision, Engine.load(pipe).revision) == (revision, revision)
    assert not any("adapter" in notice for notice in engine.notices)
    assert torch.equal(engine.render(x, "a fox", steps=2), before)
