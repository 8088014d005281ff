"""One DOODL step, ours against the released code's way of computing it: same model, same steps, same loss.

Ours: DDIM, cached trajectory, frozen weights, guidance pair in one batch. Theirs: EDICT with the inputs of each step
kept and the step made again on the way back, gradients for all weights of the denoiser, text and no text in two calls,
the loss summed over both pictures. Budget: ≤ 0.45 × the time.

Two samplers have two gradients, so what is compared is each with the same by another road, in the same run: theirs of
the first picture alone with ours through EDICT (the same function, in fp64), and ours through DDIM with plain autograd
(bit for bit). Calls of the denoiser are counted.

    python -m benchmarks.doodl_step [pairs] [steps]
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from benchmarks.timing import pairs, write
from guidewidgets.engine import Engine
from guidewidgets.engine.samplers.schedule import Stride

PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
STEPS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
PROMPT, GUIDANCE, P = "a fox on a beach", 7.5, 0.93
TOLERANCE = 1e-9  # of fp64 gradients


def loss_of(images: Tensor) -> Tensor:
    """Cheap, so that what is compared is the chain."""
    return (images - 0.5).square().mean((1, 2, 3)).sum()


def ours(engine: Engine, x: Tensor, how: str = "cached", sampler: str = "ddim") -> Tensor:
    """Gradient of one step at the noise."""
    leaf = x.clone().requires_grad_()
    images = engine.render(leaf, PROMPT, STEPS, GUIDANCE, sampler, gradient=how)
    return torch.autograd.grad(loss_of(images), leaf)[0]


def published(engine: Engine) -> tuple[torch.nn.Module, Callable[..., Tensor]]:
    """The same by the released way, and its denoiser: a copy whose weights get gradients."""
    unet = copy.deepcopy(engine.pipeline.unet).requires_grad_(True)  # noqa: FBT003 - torch's own signature
    family = engine.network.family
    texts = [family.encode(text).states[None] for text in ("", PROMPT)]
    schedule = engine.schedule(STEPS)
    strides = schedule.strides

    def noise(x: Tensor, stride: Stride) -> Tensor:
        time = torch.tensor(stride.t)
        empty, said = (unet(x, time, encoder_hidden_states=text, return_dict=False)[0] for text in texts)
        guided = empty + GUIDANCE * (said - empty)
        if (
            schedule.prediction == "v_prediction"
        ):  # theirs knows ε alone; the embedded model says v = α ε - σ x_0
            return stride.now.alpha * guided + stride.now.sigma * x
        return guided

    def layer(first: Tensor, second: Tensor, k: int) -> tuple[Tensor, Tensor]:
        stride = strides[k]
        a = stride.then.alpha / stride.now.alpha
        b = stride.then.sigma - a * stride.now.sigma
        one = a * first + b * noise(second, stride)
        return one, a * second + b * noise(one, stride)

    def gradient(x: Tensor, shown: int = 2) -> Tensor:
        unet.zero_grad()  # else they would add up, which costs the same
        leaf = x.clone().requires_grad_()
        pair = (leaf, leaf)
        for k in range(len(strides)):
            i = k % 2
            made = checkpoint(layer, pair[i], pair[1 - i], k, use_reentrant=False)
            pair = made if i == 0 else (made[1], made[0])
            mixed = P * pair[0] + (1 - P) * pair[1]
            pair = mixed, (1 - P) * mixed + P * pair[1]
        images = [engine.decode(z) for z in pair[:shown]]
        sum(map(loss_of, images)).backward()
        assert leaf.grad is not None
        return leaf.grad

    return unet, gradient


def calls(unet: torch.nn.Module, work: Callable[[], object]) -> dict[str, int]:
    """Forward calls of a denoiser, those made again on the way back among them, and the rows in them."""
    seen: list[int] = []
    hook = unet.register_forward_pre_hook(lambda _, args: seen.append(len(args[0])))
    work()
    hook.remove()
    return {"calls": len(seen), "rows": sum(seen)}


def relative(one: Tensor, other: Tensor) -> float:
    """‖one - other‖ / ‖other‖."""
    return float(f"{((one - other).norm() / other.norm()).item():.2e}")


def main() -> None:
    """Check that both compute what they say, measure, and keep."""
    torch.manual_seed(0)
    engine = Engine.load()
    x = engine.noise(1, seed=0)
    double = Engine.load(dtype="float64")
    same = relative(published(double)[1](x.double(), 1), ours(double, x.double(), "cached", "edict"))
    unet, theirs = published(engine)
    exact = torch.equal(ours(engine, x), ours(engine, x, "full"))
    if same > TOLERANCE or not exact:
        message = f"their gradient is not that of our EDICT ({same:.1e}), or ours not autograd's ({exact})"
        raise SystemExit(message)
    figures = pairs(lambda: ours(engine, x), lambda: theirs(x), PAIRS)
    figures |= {
        "ours": calls(engine.pipeline.unet, lambda: ours(engine, x)),
        "theirs": calls(unet, lambda: theirs(x)),
        "their_gradient_from_our_edicts": same,
        "tolerance": TOLERANCE,
        "ours_is_plain_autograd_bit_for_bit": exact,
        "steps": STEPS,
        "budget": 0.45,
        "within": figures["ratio_median"] <= 0.45,
    }
    write("doodl_step", figures)


if __name__ == "__main__":
    main()
