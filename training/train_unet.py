"""Train UNet and text encoder together on the latents of painted scenes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import AutoencoderTiny
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import CLIPTokenizer

from training.ahead import Order, Scenes
from training.flat import Flat, Team, count, load, run
from training.schedule import Schedule
from training.text import TextRun, make_encoder, warm
from training.unet import make_scheduler, make_unet, v_loss
from training.world.scene import FIRST_STAGE, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class UnetRun:
    """One sitting of training: `scenes` per worker, drawn with `seed` from `world`; `text` is taught before.

    Not `compiled` on CPUs: with torch 2.13 `torch.compile` gave the transformer blocks' norms no gradient at all (bf16;
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
    painters: int = 1  # per worker
    device: str = "cpu"
    compiled: bool = False
    text: TextRun | None = None
    save_minutes: float = 10.0


def save(path: Path, weights: dict[str, Tensor]) -> None:
    """Write a checkpoint so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def same_gradient(
    flat: Flat, loss_of: Callable[[nn.Module], Tensor], eager: nn.Module, compiled: nn.Module
) -> bool:
    """Return whether a compiled module gives the gradient of the eager one, and leave no gradient behind.

    Args:
        flat: holds the parameters of both.
        loss_of: a loss with a graph, the same for the same module.
        eager: as written.
        compiled: as compiled. In bf16 a right one had a cosine of .99999 to it, the wrong one of `UnetRun` .73.
    """
    gradients: list[Tensor] = []
    for module in (eager, compiled):
        loss_of(module).backward()
        gradients.append(flat.gradient.float().clone())
        flat.gradient.zero_()
    return bool(F.cosine_similarity(*gradients, dim=0) > 0.999)


def _worker(team: Team, config: UnetRun, folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(2)  # equal starts where there is nothing to resume from
    order = Order(config.world, config.seed, team.rank * config.scenes, config.scenes, config.partial)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    vae = AutoencoderTiny.from_pretrained(folder / "codec")
    with Scenes(order, config.painters, vae, tokenizer, config.device) as scenes:
        _sit(team, config, folder, scenes)


def _sit(team: Team, config: UnetRun, folder: Path, scenes: Scenes) -> None:
    modules = {"unet": make_unet(), "text": make_encoder(scenes.tokenizer)}
    load(modules, load_file(folder / "state.safetensors"))
    for module in modules.values():
        module.to(config.device)
    flat = Flat(modules, config.ema)
    alphas = make_scheduler().alphas_cumprod.to(config.device)

    def losses(unet: nn.Module, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        latents, ids = scenes.batch(config.batch, config.dropout, generator)
        states = modules["text"](ids).last_hidden_state
        return v_loss(unet, alphas, latents, states, generator, config.floor)

    def check(unet: nn.Module) -> Tensor:
        return losses(unet, torch.Generator(config.device).manual_seed(0))[0]

    scenes.take(wait=True)
    unet = modules["unet"]
    if config.compiled:
        compiled: Any = torch.compile(unet)
        right = same_gradient(flat, check, unet, compiled)
        print(f"compiled; gradient that of the eager network: {right}", flush=True)
        unet = compiled if right else unet
    generator = torch.Generator(config.device).manual_seed(1000 * config.seed + team.rank)
    team.barrier.wait()
    schedule = Schedule(config.minutes, config.lr, config.warmup, config.decay)
    spent, error, saved = time.process_time(), 0.0, time.monotonic()
    for step in range(10**9):
        scenes.take()
        loss, v_error = losses(unet, generator)
        loss.backward()
        flat.step(schedule.rate())
        error += v_error.item()
        if step % 20 != 19:
            continue
        flat.meet(team)
        if team.rank == 0 and step % 100 == 99:
            cpu, lr = (time.process_time() - spent) / (step + 1), schedule.rate()
            line = {"step": step + 1, "v": round(error / 100, 4), "cpu": round(cpu, 3), "lr": round(lr, 6)}
            line |= {"scenes": scenes.ready, "progress": round(schedule.progress(), 3)}
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
