"""What the recorder of `tests/fixtures` and the tests that read it share: a model that is the same in any year."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import zlib
from importlib.metadata import version
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import guidewidgets as gw
from guidewidgets.vision import ClipEncoder

FOLDER = Path(__file__).parent / "fixtures" / "2520711"  # the commit whose code wrote them
WORDS = 54
LETTERS = 16
USUAL = (None, {}, 0, "linear", "float32")  # settings that are recorded by their absence
DIGITS = 20
LONGEST = 100  # characters of a recipe's text that are recorded as they are


def tokenizer(folder: Path) -> CLIPTokenizer:
    """One that spells words letter by letter."""
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokens = [start, end, *ascii_lowercase, *(letter + "</w>" for letter in ascii_lowercase)]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    special = {"unk_token": end, "bos_token": start, "eos_token": end, "pad_token": end}
    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    return CLIPTokenizer(*files, model_max_length=LETTERS, **special)


def text_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=LETTERS,
        projection_dim=16,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def fill(module: torch.nn.Module, label: str) -> None:
    """Weights from numpy's frozen generator, in exact arithmetic: neither torch's version nor the CPU changes a bit."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim < 2:  # biases, and the scales of norms
                parameter.fill_(1.0 if name.endswith("weight") and parameter.ndim == 1 else 0.0)
                continue
            draw = np.random.RandomState(zlib.crc32(f"{label}.{name}".encode()))  # whose draws never change
            whole = draw.randint(-127, 128, size=tuple(parameter.shape))
            scale = np.sqrt(3.0 / parameter[0].numel()) / 128
            parameter.copy_(torch.from_numpy((whole * scale).astype(np.float32)))


def pipeline(folder: Path) -> StableDiffusionPipeline:
    """Stable Diffusion's classes with an 8 × 8 latent, 16 × 16 pictures and a tokenizer that spells by letters."""
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=8,
    )
    vae = AutoencoderKL(
        block_out_channels=(32, 64),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        sample_size=16,
    )
    text = CLIPTextModel(text_config())
    for label, part in (("unet", unet), ("vae", vae), ("text", text)):
        fill(part.eval(), label)
    with torch.no_grad():
        vae.decoder.conv_out.weight /= 8  # pale pictures make small files
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer(folder),
        unet=unet,
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def engine(folder: Path) -> gw.Engine:
    """The pipeline's engine, with a CLIP of both towers that looks at 16 × 16 pixels."""
    vision = {
        "hidden_size": 32,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 16,
        "patch_size": 4,
    }
    config = CLIPConfig(text_config=text_config().to_dict(), vision_config=vision, projection_dim=16)
    clip = CLIPModel(config).eval()
    fill(clip, "clip")
    made = gw.Engine.load(pipeline(folder))
    made.encoder = ClipEncoder(clip, tokenizer(folder))
    return made


def machine() -> dict[str, str]:
    """What may change the last bits of floats."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return {
        "machine": platform.machine(),
        "cpu": cpu or platform.processor(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        **{name: version(name) for name in ("torch", "diffusers", "transformers", "numpy")},
    }


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGITS]


def short(value: object) -> object:
    """JSON data with long texts (films, photographs) replaced by their digests."""
    if isinstance(value, dict):
        return {name: short(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [short(inner) for inner in value]
    return f"sha256:{sha(value.encode())}" if isinstance(value, str) and len(value) > LONGEST else value


def told(candidate: gw.Candidate) -> dict[str, object]:
    """All there is to know of a candidate, as JSON data; tensors, pixels and long texts by their digests."""
    genome, recipe, marks = candidate.genome, candidate.recipe, candidate.marks
    tensors = {name: getattr(genome, name) for name in ("latent", "pair", "embedding_offset")}
    settings = genome.settings()
    del settings["model"], settings["revision"]  # the same for all, and part of the hash
    data = {
        "id": candidate.id,
        "hash": candidate.hash,
        "operator": recipe.operator,
        "parameters": short(dict(recipe.parameters)),
        "seed": recipe.seed,
        "parents": [parent[:DIGITS] for parent in recipe.parents],
        "parent_ids": recipe.parent_ids,
        "marks": [name for name in ("starred", "rejected") if getattr(candidate, name)],
        "points": marks.points,
        "filtered": candidate.filtered,
        "settings": {name: value for name, value in short(settings).items() if value not in USUAL},
        "tensors": {
            name: [str(tensor.dtype), tensor.shape, sha(tensor.contiguous().numpy().tobytes())]
            for name, tensor in tensors.items()
            if tensor is not None
        },
        "image": [*candidate.image.size, sha(candidate.image.convert("RGB").tobytes())],
        "film": candidate.film is not None,
    }
    data = {name: value for name, value in data.items() if value or name == "id"}
    return json.loads(json.dumps(data))  # as it comes back from a file


def outline(session: gw.Session) -> dict[str, object]:
    """All there is to know of a session but its candidates, as JSON data."""
    data = {
        "seed": session.seed,
        "prompt": str(session.prompt),
        "steps": session.steps,
        "guidance": session.guidance,
        "sampler": session.sampler,
        "size": list(session.size),
        "history": [[g.index, g.operator, [c.id for c in g]] for g in session.history],
        "unfinished": [len(job.slots) for job in session.unfinished],
    }
    return json.loads(json.dumps(data))


def copied(folder: Path) -> Path:
    """A copy of all recorded files, since opening writes."""
    return Path(shutil.copytree(FOLDER, folder / "recorded"))
