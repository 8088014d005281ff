"""Train the codec on all nouns, sets and styles."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor

from training import codec
from training.flat import Flat, Team, count, load, run
from training.schedule import Schedule
from training.world.paint import paint
from training.world.scene import World, make

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class CodecRun:
    """How the codec is trained: `scenes` per worker, `warm` steps of following the linear code at first."""

    minutes: float = 19.0
    scenes: int = 9000
    batch: int = 16
    lr: float = 1.4e-3
    noise: float = 0.06
    warm: int = 500
    seed: int = 100
    workers: int = 2


def paint_many(world: World, seed: int, indices: range) -> NDArray[np.uint8]:
    """Paint scenes, (n, 64, 64, 3) uint8."""
    return np.stack([paint(make(world, seed, i)).image for i in indices])


def _pool(seed: int, n: int) -> NDArray[np.uint8]:
    """Paint n scenes of the world, (n, 64, 64, 4) uint8: RGB and how much an object covers the pixel."""
    pictures = [paint(make(World(), seed, i)) for i in range(n)]
    return np.stack(
        [np.dstack([p.image, (255 * p.masks.sum(0).clip(0, 1)).astype(np.uint8)]) for p in pictures]
    )


def _batch(rows: NDArray[np.uint8], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return images and pixel weights; batches are mirrored, or their channels exchanged, now and then.

    A codec must not know that foxes are orange.
    """
    images, weight = (
        codec.to_tensor(rows[..., :3]),
        0.75 + torch.from_numpy(rows[..., 3:]).permute(0, 3, 1, 2) / 255,
    )
    if torch.rand((), generator=generator) < 0.5:
        images, weight = images.flip(3), weight.flip(3)
    if torch.rand((), generator=generator) < 0.3:
        images = images[:, torch.randperm(3, generator=generator)]
    return images, weight


def _worker(team: Team, config: CodecRun, folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)  # equal starts; the data differ
    resumed = (folder / "config.json").exists()
    model = AutoencoderTiny.from_pretrained(folder) if resumed else codec.make()
    model.to(memory_format=torch.channels_last)
    pool = _pool(config.seed + team.rank, config.scenes)
    weight, bias = codec.pca(codec.to_tensor(paint_many(World(), 99, range(min(1500, config.scenes)))))
    flat = Flat({"codec": model}, ema=0.995)
    team.barrier.wait()
    schedule = Schedule(config.minutes, config.lr)
    generator = torch.Generator().manual_seed(team.rank)
    spent = time.process_time()
    total = 0.0
    for step in range(10**9):
        batch = torch.randint(len(pool), (config.batch,), generator=generator).numpy()
        images, importance = _batch(pool[batch], generator)
        x = images.to(flat.live.dtype).contiguous(memory_format=torch.channels_last)
        latents = model.encoder(x)
        decoded = model.decoder(latents + config.noise * torch.randn_like(latents))
        loss = codec.losses(images, decoded.float(), latents, importance)
        if step < config.warm and not resumed:
            goal = torch.conv2d(images, weight, bias, stride=codec.FACTOR)
            loss = loss + 0.5 * (latents.float() - goal).pow(2).mean()
        loss.backward()
        flat.step(schedule.rate())
        total += loss.item()
        if step % 20 == 19:
            flat.meet(team)
            if step % 100 == 99 and team.rank == 0:
                cpu = time.process_time() - spent
                print(
                    f"codec {step + 1} loss {total / 100:.4f} {cpu / (step + 1):.3f} CPU-s/step", flush=True
                )
                total = 0.0
            if team.finished(schedule.progress() >= 1):
                break
    if team.rank == 0:
        load({"codec": model.float()}, flat.weights(averaged=True))
        finish(model, folder)


@torch.no_grad()
def finish(model: AutoencoderTiny, folder: Path, n: int = 400) -> None:
    """Measure the trained codec on unseen scenes, set its scaling factor, save it with `report.json`."""
    model.eval()
    images = codec.to_tensor(paint_many(World(), 7, range(n)))
    latents = model.encoder(images)
    model.register_to_config(scaling_factor=float(1 / latents.std()))
    db = codec.psnr(images, model.decoder(latents))
    report = {
        "psnr_mean": db.mean().item(),
        "psnr_median": db.median().item(),
        "latent_std": latents.std().item(),
        "latent_channel_std": latents.std((0, 2, 3)).tolist(),
        "latent_channel_mean": latents.mean((0, 2, 3)).tolist(),
    }
    model.save_pretrained(folder)
    (folder / "report.json").write_text(json.dumps(report, indent=1))
    print("codec", report, flush=True)


def train(config: CodecRun, folder: Path) -> None:
    """Train the codec and save it, with its measurements, into `folder`."""
    run(_worker, config.workers, count({"codec": codec.make()}), config, folder)
