"""Search at a stated cost: the honest baseline of everything that follows a gradient.

Whatever scores pictures can be searched for by drawing more of them. Four ways, after Ma et al. 2025 ("Inference-time
scaling for diffusion models beyond scaling denoising steps", arXiv 2501.09732) and Singhal et al. 2025 (Feynman-Kac
steering, arXiv 2501.06848), each at a number of network evaluations (NFE) that is stated. One is one step of one
picture, with ∅ and all concepts, or one look at what a picture holds by the model's own account (`guide.lift`).

    "random"      best of N: N noises, all painted, the one that loses least
    "zero_order"  around a pivot: WIDTH noises at the angle ANGLE from it, the best is the next pivot if it is better
    "paths"       search over paths, on the guess x̂_0; see `guide.paths`
    "particles"   Feynman-Kac steering, on the guess x̂_0; see `guide.particles`

The first two find a noise x_T, the others a finished latent that no noise of a plain walk leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.mutate import rotate
from guidewidgets.genome import Genome
from guidewidgets.guide import particles, paths
from guidewidgets.guide.verifier import Looked, Verifier, verifier, wanted
from guidewidgets.prompt import Prompt
from guidewidgets.settings import RenderSettings
from guidewidgets.vision.objective import Objective

METHODS = {"random": None, "zero_order": None, "paths": "ddim", "particles": "ddpm"}
"""Name → the sampler it goes by; None: the model's own."""
WIDTH, ANGLE = 4, 0.4
"""Noises of one round of "zero_order", and radians from the pivot: cosine 0.92."""
MOST_EVALUATIONS = 1_000_000

Paint = Callable[[Tensor], Generator[None, None, Tensor]]
"""Noises x_T (n, C, H, W) → finished latents (n, C, H, W); yields between the steps."""


@dataclass(frozen=True, slots=True)
class Found:
    """How far a search is.

    Attributes:
        spent: network evaluations so far.
        loss: the least so far; of "paths" and "particles" that of this look.
        finished: the latent that has it, (C, H, W), on the engine's device; there, before the last look, a guess.
        latent: the noise x_T that it is painted from, (C, H, W); None where no plain walk leads to it.
    """

    spent: int
    loss: float
    finished: Tensor
    latent: Tensor | None = None


Search = Generator[Found | None, None, None]
"""Yields every look at pictures, and None where it may be left in between."""


def search(
    engine: Engine,
    prompt: str | Prompt,
    objective: Objective | list[str] | None = None,
    evaluations: int = 200,
    method: str = "random",
    *,
    latent: Tensor | None = None,
    seed: int = 0,
    sampling_steps: int | None = None,
    guidance: float | None = None,
) -> Iterator[Found]:
    """Search for a picture that loses less, with no gradient and at a stated number of network evaluations.

        *_, found = gw.guide.search(e, "a fox", gw.ClipText("a red fox"), 200)
        picture = e.decode(found.finished[None])

    Args:
        engine: paints.
        prompt: the pictures are of.
        objective: what is lost; texts: they are looked for, by the model's own account; None: the prompt's concepts.
        evaluations: of the network, at most; with N steps a picture takes N. See the module for what counts.
        method: "random", "zero_order", "paths" or "particles".
        latent: noise (C, H, W) that "zero_order" begins at, and the first of "random"; None: of the seed.
        seed: of all that is drawn; non-negative int.
        sampling_steps: None is the model's default.
        guidance: guidance scale; None likewise.

    Yields:
        How far it is, after each look; the last is what was found.

    Raises:
        ValueError, TypeError: an argument is out of range, or the evaluations are too few for one picture.
    """
    followed = wanted(objective)
    x = engine.noise(1, check_number("seed", seed, 0)) if latent is None else latent.detach()[None]
    (genome,) = engine.genomes(x, prompt, sampling_steps, guidance, METHODS[check_method(method)], seed=seed)
    look = verifier(engine, followed, genome.prompt, seed + 1)
    check_budget(genome, look, evaluations, method)
    walk = searched(engine, genome, look, evaluations, method, seed)
    return (found for found in walk if found is not None)


def check_method(method: object) -> str:
    """Refuse what is no method. ValueError: it is named."""
    if method not in METHODS:
        raise ValueError(f"method={method!r:.60}: expected one of {', '.join(map(repr, METHODS))}")
    return str(method)


def check_budget(genome: Genome, look: Verifier, evaluations: int, method: str) -> int:
    """Refuse a number of evaluations that no picture can be made with. ValueError, TypeError: it is named."""
    steps, each = genome.steps, look.cost
    least = {"paths": paths.cost(steps, each), "particles": 2 * particles.cost(steps, each)}.get(
        method, steps + each
    )
    given = check_number("evaluations", evaluations, 1, MOST_EVALUATIONS)
    if given < least:
        about = f"{genome.steps} steps by {method!r}"
        raise ValueError(f"evaluations={given}: {about} takes at least {least}")
    return given


def searched(
    engine: Engine, genome: Genome, look: Verifier, evaluations: int, method: str, seed: int
) -> Search:
    """Search from the genome on, of the sampler that the method goes by; see `search`."""
    if METHODS[method] is None:

        def paint(x: Tensor) -> Generator[None, None, Tensor]:
            made = yield from engine.renderer.latents(_like(engine, genome, x, seed))
            return made.to(engine.device)

        if method == "zero_order":
            return zero_order(paint, genome.latent, look, evaluations, genome.steps, seed)

        def fresh(first: int, n: int) -> Tensor:
            x = engine.noise(first + n, seed, genome.size)[first:]
            return x if first else torch.cat([genome.latent[None].to(x), x[1:]])

        return random(paint, fresh, look, evaluations, genome.steps)
    cost, walk = (paths.cost, paths.walk) if method == "paths" else (particles.cost, particles.steer)
    x = engine.noise(evaluations // cost(genome.steps, look.cost), seed, genome.size)
    run = engine.walk(_like(engine, genome, x, seed))
    (x,) = run.start()
    return _told(walk(run.sampler, run.predict, x, look, seed, run.lock))


def random(
    paint: Paint, fresh: Callable[[int, int], Tensor], look: Verifier, evaluations: int, steps: int
) -> Search:
    """Best of N; `fresh` gives the noises from a place on, so many."""
    each = steps + look.cost
    best: Found | None = None
    for first in range(0, total := evaluations // each, WIDTH):
        x = fresh(first, min(WIDTH, total - first))
        best = yield from _better(paint, x, look, best, (first + len(x)) * each)
        yield best


def zero_order(
    paint: Paint, pivot: Tensor, look: Verifier, evaluations: int, steps: int, seed: int
) -> Search:
    """From the pivot (C, H, W) to its best neighbour, as long as there is a better one; then to others of it."""
    each = steps + look.cost
    best = yield from _better(paint, pivot[None], look, None, each)
    yield best
    while n := min(WIDTH, (evaluations - best.spent) // each):
        round_ = int(np.random.SeedSequence((seed, best.spent)).generate_state(1)[0])
        assert best.latent is not None  # noqa: S101 - it is a noise that was painted
        x = rotate(best.latent, [ANGLE] * n, round_)
        best = yield from _better(paint, x, look, best, best.spent + n * each)
        yield best


def _better(
    paint: Paint, x: Tensor, look: Verifier, best: Found | None, spent: int
) -> Generator[None, None, Found]:
    """What is best when these noises are painted, too."""
    z = yield from paint(x)
    losses = look.losses(z)
    i = int(losses.argmin())
    if best is not None and not float(losses[i]) < best.loss:
        return Found(spent, best.loss, best.finished, best.latent)
    return Found(spent, float(losses[i]), z[i], x[i])


def _told(walk: Iterator[Looked | None]) -> Search:
    """The best of every look, of which only the last ones are finished."""
    for said in walk:
        i = 0 if said is None else int(said.losses.argmin())
        yield said and Found(said.spent, float(said.losses[i]), said.z[i])


def _like(engine: Engine, genome: Genome, x: Tensor, seed: int) -> list[Genome]:
    """The genome with other noises (n, C, H, W), each with noise of its own on the way."""
    made = engine.genomes_under(RenderSettings.of(genome), x, seed)
    own = {"embedding_offset": genome.embedding_offset, "anchor": genome.anchor}
    return [one.replace(**own) for one in made]
