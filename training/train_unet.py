"""Train UNet and text encoder together on the latents of painted scenes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from diffusers import AutoencoderTiny
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTokenizer

from training import codec
from training import tokenizer as words
from training.flat import Flat, Team, count, load, run
from training.schedule import Schedule
from training.text import TextRun, make_encoder, warm
from training.train_codec import paint_many
from training.unet import make_scheduler, make_unet, v_loss
from training.world import captions
from training.world.scene import FIRST_STAGE, World, make, rng_of

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class UnetRun:
    """One sitting of training: `scenes` per worker, drawn with `seed` from `world`; `text` is taught before.

    Not compiled: with torch 2.13 on CPUs `torch.compile` gave the transformer blocks' norms no gradient at all (bf16;
    the whole gradient's cosine to that of fp32 was 0.73, eagerly it is 1.00), though the loss looked right.
    """

    minutes: float
    seed: int
    world: World = field(default_factory=lambda: FIRST_STAGE)
    scenes: int = 30000
    batch: int = 16
    lr: float = 8e-4
    ema: float = 0.995
    warmup: float = 0.02
    decay: float = 0.35
    dropout: float = 0.1
    floor: float = 0.0
    partial: float = 0.0
    workers: int = 2
    text: TextRun | None = None
    save_minutes: float = 10.0


@torch.no_grad()
def encode_scenes(vae: AutoencoderTiny, world: World, seed: int, indices: range) -> Tensor:
    """Return the scaled latents of scenes, (n, 4, 16, 16) fp16."""
    chunks = [range(i, min(i + 100, indices.stop)) for i in range(indices.start, indices.stop, 100)]
    return torch.cat(
        [
            (
                vae.encoder(codec.to_tensor(paint_many(world, seed, chunk))) * vae.config["scaling_factor"]
            ).half()
            for chunk in chunks
        ]
    )


def save(path: Path, weights: dict[str, Tensor]) -> None:
    """Write a checkpoint so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _worker(team: Team, config: UnetRun, folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(2)  # equal starts where there is nothing to resume from
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    modules = {"unet": make_unet(), "text": make_encoder(tokenizer)}
    load(modules, load_file(folder / "state.safetensors"))
    vae = AutoencoderTiny.from_pretrained(folder / "codec")
    first = team.rank * config.scenes
    latents = encode_scenes(vae, config.world, config.seed, range(first, first + config.scenes))
    print(f"worker {team.rank}: {len(latents)} scenes", flush=True)
    flat = Flat(modules, config.ema)
    alphas = make_scheduler().alphas_cumprod
    generator = torch.Generator().manual_seed(1000 * config.seed + team.rank)
    team.barrier.wait()
    schedule = Schedule(config.minutes, config.lr, config.warmup, config.decay)
    spent, error, saved = time.process_time(), 0.0, time.monotonic()
    for step in range(10**9):
        picks = torch.randint(config.scenes, (config.batch,), generator=generator)
        dropped = torch.rand(config.batch, generator=generator) < config.dropout
        texts = [
            ""
            if drop
            else captions.caption(
                make(config.world, config.seed, i), rng_of(config.seed, i, step + 1), config.partial
            )
            for i, drop in zip((picks + first).tolist(), dropped.tolist(), strict=True)
        ]
        states = modules["text"](torch.tensor(words.encode(tokenizer, texts))).last_hidden_state
        loss, v_error = v_loss(
            modules["unet"], alphas, latents[picks].float(), states, generator, config.floor
        )
        loss.backward()
        flat.step(schedule.rate())
        error += v_error.item()
        if step % 20 != 19:
            continue
        flat.meet(team)
        if team.rank == 0 and step % 100 == 99:
            cpu, lr = (time.process_time() - spent) / (step + 1), schedule.rate()
            line = {"step": step + 1, "v": round(error / 100, 4), "cpu": round(cpu, 3), "lr": round(lr, 6)}
            line["progress"] = round(schedule.progress(), 3)
            print(json.dumps(line), flush=True)
            error = 0.0
        over = team.finished(schedule.progress() >= 1)
        if team.rank == 0 and (over or time.monotonic() - saved > 60 * config.save_minutes):
            save(folder / "state.safetensors", flat.weights(averaged=over))
            save(folder / "average.safetensors", flat.weights(averaged=True))
            saved = time.monotonic()
        if over:
            break


def _teach(tokenizer: CLIPTokenizer, config: TextRun, file: Path) -> None:
    """Warm up the text encoder of a state once more."""
    state = load_file(file)
    encoder = make_encoder(tokenizer)
    load({"text": encoder}, {name: value for name, value in state.items() if name.startswith("text.")})
    warm(encoder, tokenizer, config)
    save(file, state | {f"text.{name}": p.detach().clone() for name, p in encoder.named_parameters()})


def train(config: UnetRun, folder: Path) -> None:
    """Train from `folder`/state.safetensors and save there; tokenizer and codec must be in the folder too."""
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    if config.text is not None:
        _teach(tokenizer, config.text, folder / "state.safetensors")
    run(
        _worker, config.workers, count({"unet": make_unet(), "text": make_encoder(tokenizer)}), config, folder
    )
