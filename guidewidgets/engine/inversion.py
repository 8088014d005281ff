"""From finished latents back to the pair of noises that paints them again: EDICT run backwards (Wallace et al. 2023).

Only EDICT does this for any picture. BDIA and O-BELM walk on two neighbouring states, and a picture is one: the other
would have to be guessed, and their first step forgets it again, so what came back would be another picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from guidewidgets.engine.genome_model import GenomeModel
from guidewidgets.genome import Genome

FORGETFUL = (
    "it walks on two neighbouring latents and a picture is one: the other would be a guess, which its first step "
    "forgets, so that another picture would come back"
)


def check_inverts(engine: GenomeModel) -> None:
    """Refuse a model whose pictures have no way back. ValueError: it seems to be distilled."""
    if sign := engine.distilled:
        message = (
            f"{engine.id} seems to be distilled to a few steps ({sign}): a picture is walked back to its noise in many "
            "small ones, where its answers do not hold; expected the model it was made of"
        )
        raise ValueError(message)


def retrace(engine: GenomeModel, genomes: Sequence[Genome], z: Tensor) -> Tensor:
    """The pairs that `retracing` ends with."""
    (pair,) = deque(retracing(engine, genomes, z), 1)
    return pair


def painted_again(engine: GenomeModel, genome: Genome, z: Tensor) -> Genome:
    """The genome of an EDICT pair that ends in the finished latent z (1, C, H, W). Raises as `retracing`."""
    edict = genome.replace(sampler="edict", sampler_parameters={})
    pair = retrace(engine, [edict], z)[:, 0].cpu()
    return edict.replace(latent=pair[0].clone(), pair=pair)


def retracing(engine: GenomeModel, genomes: Sequence[Genome], z: Tensor) -> Iterator[Tensor]:
    """Walk back, step by step: the last are the pairs (2, n, C, H, W), fp64 where the device has it, that end in z.

    Args:
        engine: of the genomes.
        genomes: n of them; all but their latents counts.
        z: finished latents (n, C, H, W).

    Raises:
        ValueError: their sampler is not EDICT, or cannot be undone accurately enough, or a lock is in the way.
    """
    name = genomes[0].sampler
    if name != "edict":
        why = FORGETFUL if name in ("bdia", "obelm") else "its steps cannot be undone"
        message = f"sampler={name!r}: {why}; expected 'edict', whose pairs any image can start"
        raise ValueError(message)
    check_inverts(engine)
    run = engine.walk(genomes, z)
    state = run.start("reversible")
    for k in reversed(range(len(run.sampler.schedule))):
        with run.lock, torch.no_grad():
            state = run.sampler.undo(state, k, run.predict)
        yield torch.stack(state)
