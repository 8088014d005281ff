"""The UNet, its noise schedule and its loss."""

from __future__ import annotations

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from training.text import WIDTH


def make_unet() -> UNet2DConditionModel:
    """Return an untrained UNet for latents of 4×16×16; attention at 8×8 and 4×4 only."""
    unet = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(64, 128, 128),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )
    unet.set_attn_processor(AttnProcessor())  # plain attention: the fused kernel's backward is slow on CPU
    return unet


def make_scheduler() -> DDIMScheduler:
    """Return the schedule the model is trained for and sampled with."""
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        num_train_timesteps=1000,
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction",
        timestep_spacing="leading",
    )


def v_loss(
    unet: nn.Module,
    alphas: Tensor,
    x: Tensor,
    states: Tensor,
    generator: torch.Generator,
    floor: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Return the loss to train on and the plain squared error of v to report.

    v = √ᾱ ε − √(1−ᾱ) x₀ (Salimans and Ho 2022), weighted by min(SNR, 5) / (SNR + 1) (Hang et al. 2023). That
    weight goes to 0 with the SNR, but where things stand is decided there: `floor` bounds it for SNR < 1.

    Args:
        unet: predicts v.
        alphas: (1000,) float32, ᾱ.
        x: (n, 4, 16, 16) float32, scaled latents.
        states: (n, tokens, WIDTH), what the text encoder says.
        generator: draws timesteps and noise, on the device of `x`.
        floor: least weight where SNR < 1, in [0, 0.5] (0.5 is the weight at SNR = 1).
    """
    # One timestep from each of n equal strata: less noise in the loss than independent draws.
    n = len(x)
    stratum = torch.arange(n, device=x.device)
    t = ((stratum + torch.rand(n, generator=generator, device=x.device)) * (len(alphas) / n)).long()
    a = alphas[t].view(-1, 1, 1, 1)
    noise = torch.randn(x.shape, generator=generator, device=x.device)
    noisy, v = a.sqrt() * x + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * x
    predicted = unet(noisy.to(states.dtype), t, states, return_dict=False)[0].float()
    error = (predicted - v).pow(2).mean((1, 2, 3))
    snr = alphas[t] / (1 - alphas[t])
    weight = snr.clamp(max=5) / (snr + 1)
    weight = torch.where(snr < 1, weight.clamp(min=floor), weight)
    return (error * weight).mean(), error.mean().detach()
