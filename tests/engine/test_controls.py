"""What a pipeline does beside painting a text, or lacks to paint one, is said when it is lent, in one line, by name."""

from __future__ import annotations

import warnings

import diffusers
import pytest
import tiny
from diffusers.models.embeddings import ImageProjection, MultiIPAdapterImageProjection
from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

from guidewidgets.engine import Engine


def parts(folder, *more):
    pipe = tiny.stable_diffusion(folder)
    found = ("vae", "text_encoder", "tokenizer", "unet", "scheduler", *more)
    return {name: getattr(pipe, name, None) for name in found}


def of_class(name, *more, **given):
    """A pipeline of one of diffusers' classes, of the tiny parts."""

    def make(folder):
        return getattr(diffusers, name)(**parts(folder, *more), **given)

    return make


CHECKED = ("safety_checker", "feature_extractor")


def controlnet(folder):
    found = parts(folder, *CHECKED)
    net = diffusers.ControlNetModel.from_unet(found["unet"], conditioning_embedding_out_channels=(16, 32))
    return diffusers.StableDiffusionControlNetPipeline(**found, controlnet=net)


def t2i_adapter(folder):
    net = diffusers.T2IAdapter(channels=[32, 64], num_res_blocks=1, downscale_factor=2)
    return diffusers.StableDiffusionAdapterPipeline(**parts(folder, *CHECKED), adapter=net)


def ip_adapter(folder):
    pipe = tiny.stable_diffusion(folder)
    pipe.unet.encoder_hid_proj = MultiIPAdapterImageProjection([ImageProjection(16, 32, 2)])
    return pipe


def altered(net, **changes):
    numbers = {name: value for name, value in net.config.items() if not name.startswith("_")}
    return type(net).from_config(numbers | changes)


def unet(**changes):
    """Stable Diffusion whose U-Net has another config."""

    def make(folder):
        pipe = tiny.stable_diffusion(folder)
        pipe.unet = altered(pipe.unet, **changes)
        return pipe

    return make


def depth(folder):
    found = parts(folder, *CHECKED)
    vae = altered(found["vae"], in_channels=6, out_channels=6)
    return diffusers.StableDiffusionLDM3DPipeline(**(found | {"vae": vae, "image_encoder": None}))


def depth_by_parts(folder):
    pipe = tiny.stable_diffusion(folder)
    pipe.vae = altered(pipe.vae, in_channels=6, out_channels=6)
    return pipe


def moving(folder):
    adapter = diffusers.MotionAdapter(
        block_out_channels=(32, 64), motion_layers_per_block=1, motion_num_attention_heads=2
    )
    return diffusers.AnimateDiffPipeline(**parts(folder), motion_adapter=adapter)


def video(folder):
    blocks = {"down_block_types": ("CrossAttnDownBlock3D", "DownBlock3D")}
    blocks["up_block_types"] = ("UpBlock3D", "CrossAttnUpBlock3D")
    numbers = {"block_out_channels": (32, 64), "layers_per_block": 1, "cross_attention_dim": 32}
    net = diffusers.UNet3DConditionModel(sample_size=8, attention_head_dim=8, **numbers, **blocks)
    return diffusers.TextToVideoSDPipeline(**(parts(folder) | {"unet": net}))


def sound(folder):
    found = parts(folder)
    numbers = SpeechT5HifiGanConfig(
        upsample_initial_channel=16, upsample_rates=[4], upsample_kernel_sizes=[8]
    )
    return diffusers.AudioLDMPipeline(**found, vocoder=SpeechT5HifiGan(numbers))


def without(family, name):
    def make(folder):
        pipe = family(folder)
        setattr(pipe, name, None)
        return pipe

    return make


sd, xl = tiny.stable_diffusion, tiny.stable_diffusion_xl
PAG = "perturbed-attention guidance"
REFUSED = {
    "ControlNet": (controlnet, "a ControlNet, which is not supported: take the plain"),
    "T2I-Adapter": (t2i_adapter, "a T2I-Adapter"),
    "IP-Adapter": (ip_adapter, r"an IP-Adapter \(pipe.unload_ip_adapter\(\) takes it out\)"),
    "PAG": (of_class("StableDiffusionPAGPipeline", *CHECKED, requires_safety_checker=False), PAG),
    "SAG": (of_class("StableDiffusionSAGPipeline", *CHECKED), "self-attention guidance"),
    "GLIGEN": (of_class("StableDiffusionGLIGENPipeline", *CHECKED), "GLIGEN"),
    "GLIGEN's U-Net": (unet(attention_type="gated"), "GLIGEN"),
    "Panorama": (of_class("StableDiffusionPanoramaPipeline", *CHECKED), "panorama"),
    "class embeddings": (unet(num_class_embeds=3), "its U-Net wants class embeddings"),
    "projected image": (
        unet(class_embed_type="projection", projection_class_embeddings_input_dim=8),
        "its U-Net wants class embeddings",
    ),
    "other states": (unet(encoder_hid_dim=16, encoder_hid_dim_type="text_proj"), "other states than CLIP's"),
    "LDM3D": (depth, "6 channels"),
    "LDM3D's VAE": (depth_by_parts, "6 channels"),
    "AnimateDiff": (moving, "a motion module"),
    "video": (video, "a UNet3DConditionModel, not a U-Net for single pictures"),
    "audio": (sound, "makes sound"),
    "text_encoder": (without(sd, "text_encoder"), r"has no text_encoder \(it is None\): load it again"),
    "text_encoder_2": (without(xl, "text_encoder_2"), "has no text_encoder_2"),
    "text_encoder of SDXL": (without(xl, "text_encoder"), "has no text_encoder "),
    "unet": (without(sd, "unet"), "has no unet"),
    "vae": (without(sd, "vae"), "has no vae"),
    "tokenizer": (without(sd, "tokenizer"), "has no tokenizer"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_control_is_refused_by_name(name, words):
    make, says = REFUSED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what diffusers says of a pipeline without a safety checker
        pipe = make(words)
    kept = {n: p.requires_grad for n, p in pipe.unet.named_parameters()} if pipe.unet else {}
    with pytest.raises(ValueError, match=says) as refusal:
        Engine.load(pipe)
    assert "\n" not in str(refusal.value)
    assert not pipe.unet or {n: p.requires_grad for n, p in pipe.unet.named_parameters()} == kept


def test_an_sdxl_refiner_is_told_from_a_pipeline_without_its_encoder(words):
    pipe = xl(words)
    pipe.text_encoder = None
    pipe.unet = altered(pipe.unet, cross_attention_dim=32)
    with pytest.raises(ValueError, match="SDXL refiner, which cannot start from noise"):
        Engine.load(pipe)
