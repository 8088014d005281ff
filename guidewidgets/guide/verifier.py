"""What a search goes by: the loss of latents that are finished, or of the network's guess of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.generators import returned
from guidewidgets.guide.lift import lifts
from guidewidgets.prompt import And, Prompt
from guidewidgets.vision.eyes import encoder_of
from guidewidgets.vision.objective import Objective

LEVELS = (0.6,)  # where on the schedule lift is asked, as when pictures are picked
TOGETHER = 16  # pictures that are looked at


@dataclass(frozen=True, slots=True)
class Verifier:
    """Judges pictures.

    Attributes:
        losses: latents (n, C, H, W) → what each loses, (n,), on the CPU in fp64; infinite where it is no number.
        cost: network evaluations that looking at one picture takes.
    """

    losses: Callable[[Tensor], Tensor]
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen at one look.

    Attributes:
        spent: network evaluations so far.
        z: finished latents, or the guess of them, (n, C, H, W).
        losses: of each, (n,).
    """

    spent: int
    z: Tensor
    losses: Tensor


def verifier(engine: Engine, objective: Objective | Prompt | None, prompt: Prompt, seed: int) -> Verifier:
    """By an objective, or by how little a picture holds the concept that it holds least.

    Args:
        engine: of the pictures.
        objective: the loss; a prompt: the concepts that are looked for; None: those of the pictures' own prompt.
        prompt: of the pictures.
        seed: of the noise that lift is asked with.

    Raises:
        ValueError: the objective needs an encoder and there is none, or no concept is asked for.
    """
    if isinstance(objective, Objective):
        loss = objective.bind(encoder_of(engine))

        def judged(z: Tensor) -> Tensor:
            with torch.no_grad():
                return torch.cat([loss(engine.decode(some)) for some in z.split(TOGETHER)])

        return Verifier(lambda z: _finite(judged(z)))
    wanted = prompt if objective is None else objective
    engine.check_prompt(wanted)
    if not any(concept.shown for concept in wanted.concepts()):
        raise ValueError(f"{str(wanted)!r} asks for nothing to look for: expected an objective, or texts")

    def lacking(z: Tensor) -> Tensor:
        found = returned(lifts(engine, z, [wanted] * len(z), seed, LEVELS))
        return torch.tensor([-min(held.values()) for held in found])

    return Verifier(lambda z: _finite(lacking(z)), len(LEVELS))


def wanted(objective: object) -> Objective | Prompt | None:
    """What a search goes by, as it was asked for: texts become a prompt. ValueError, TypeError: it is none of these."""
    found = looked_for(objective) if isinstance(objective, (list, tuple)) else objective
    if isinstance(found, Objective | Prompt):
        return found
    if objective is None:
        return None
    message = f"objective={objective!r:.60}: expected None, texts or an objective"
    raise ValueError(message) if isinstance(objective, (list, tuple)) else TypeError(message)


def looked_for(texts: object) -> Prompt | None:
    """Texts as the prompt that asks for all of them; None: they are no such list."""
    if not isinstance(texts, (list, tuple)) or not texts or not all(isinstance(t, str) and t for t in texts):
        return None
    parts = [Prompt(text) for text in texts]
    return And(*parts) if len(parts) > 1 else parts[0]


def _finite(losses: Tensor) -> Tensor:
    return torch.nan_to_num(losses.detach().double().cpu(), nan=torch.inf)
