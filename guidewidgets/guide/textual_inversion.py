"""A word from a few pictures: textual inversion (Gal et al. 2022, arXiv 2208.01618).

The word becomes k vectors v* that the text encoder c_θ reads in its place, and everything else stays as it is:

    v* = argmin_v  E_{z ~ pictures, y ~ templates, ε, t}  | v̂_θ(α_t z + σ_t ε, t, c_θ(y, v)) - (α_t ε - σ_t z) |²

which is the model's own training loss (eq. 2 there, in v, so that all noise levels and kinds of model weigh the same),
by Adam. It takes 160 updates where published settings take thousands, since each sees several noise levels.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from guidewidgets.arguments import as_list, shown
from guidewidgets.concept import MAX_TOKENS, Concept, check_word
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.engine.model.spoken import tables
from guidewidgets.engine.samplers.base import to_prediction
from guidewidgets.guide.pictures import Reference, as_picture, fitted, to_tensor

TEMPLATES = ("{}", "a {}", "a picture with a {}", "a picture of a {}", "a photo of a {}")
"""What the pictures may be called; a small model is told those of whose words it knows all."""
BAND = (0.05, 0.8)
"""Noise levels, as shares of the schedule's steps from pure noise: the rest says little of what a thing looks like."""
GRID = 40  # steps of the schedule that the levels lie on
ROWS, LEVELS = 4, 2
"""Pictures at a time, and noise levels of an update: 8 rows of the network."""
TOKENS = 1
INIT = 0.4
"""Spread of the first vectors around the mean of the text encoder's own, in units of theirs: at the mean itself no word
acts, and some (with 0.1, an avocado) never got away from it."""
LR = 0.2  # in the same units
UPDATES = 160
MOST_PICTURES = 256


@dataclass(frozen=True, slots=True)
class Update:
    """How far the word is.

    Attributes:
        index: updates made, from 0.
        loss: of the update, mean squared error of v.
        concept: as it is now.
    """

    index: int
    loss: float
    concept: Concept


def learning(
    engine: Engine,
    word: str,
    latents: Tensor,
    steps: int = UPDATES,
    *,
    tokens: int = TOKENS,
    lr: float = LR,
    seed: int = 0,
    start: Mapping[str, Tensor] | None = None,
) -> Iterator[Update]:
    """Learn a word from the latents of pictures; yields `steps + 1` times, and makes nothing known by itself.

    Args:
        engine: whose model learns it; its weights stay as they are.
        word: that will stand for it in prompts.
        latents: of the pictures, (n, C, H, W), as `engine.encode` gives them.
        steps: updates, at least 1.
        tokens: k, 1 to 32.
        lr: of Adam, in units of the spread of the text encoder's own vectors.
        seed: of noise, order and templates.
        start: where its first vector begins, (1, D) by text encoder; None, and the other vectors: at random.

    Raises:
        ValueError, TypeError: an argument is out of range, or the model's text encoder gives no gradient.
    """
    check_word(word)
    updates, k = check_number("steps", steps, 1), check_number("tokens", tokens, 1, MAX_TOKENS)
    rate, seed = check_number("lr", lr, 0.0), check_number("seed", seed, 0)
    return _run(engine, word, latents.detach(), updates, k, rate, torch.Generator().manual_seed(seed), start)


def _run(
    engine: Engine,
    word: str,
    latents: Tensor,
    updates: int,
    k: int,
    lr: float,
    chance: torch.Generator,
    start: Mapping[str, Tensor] | None,
) -> Iterator[Update]:
    network = engine.network
    found = tables(network.family)
    spread = {name: _statistics(table) for name, table in found.items()}
    v: dict[str, Tensor] = {}
    for name, (mean, std) in spread.items():
        begun = mean + INIT * std * torch.randn(k, len(mean), generator=chance)
        if start is not None:
            begun[:1] = start[name]
        v[name] = begun.to(engine.device).requires_grad_()
    optimizer = torch.optim.Adam(
        [{"params": [v[name]], "lr": lr * float(std.mean())} for name, (_, std) in spread.items()]
    )
    templates = [t for t in TEMPLATES if not engine.unknown_words(t.format(""))]
    z = latents.to(engine.device, torch.float32)
    size = z.shape[-1] * engine.codec.factor, z.shape[-2] * engine.codec.factor
    schedule = engine.schedule(GRID, size)
    for index in range(updates + 1):
        concept = Concept(word, v)
        loss = torch.zeros((), device=engine.device)
        with network.lock, torch.enable_grad():
            said = {t: network.texts.learning(t.format(word), concept, v) for t in templates}
            if not all(e.states.requires_grad for e in said.values()):
                raise ValueError(f"the text encoder of {engine.id} gives no gradient: it cannot learn a word")
            for _ in range(LEVELS):
                low, high = (round(share * GRID) for share in BAND)
                stride = schedule.strides[int(torch.randint(low, high, (), generator=chance))]
                which = torch.randperm(len(z), generator=chance)[:ROWS]
                which = which if len(z) >= ROWS else torch.randint(len(z), (ROWS,), generator=chance)
                epsilon = torch.randn(len(which), *z.shape[1:], generator=chance).to(z)
                x = stride.now.alpha * z[which] + stride.now.sigma * epsilon
                texts = torch.randint(len(templates), (len(which),), generator=chance).tolist()
                embeddings = [said[templates[i]] for i in texts]
                output = network.predict(x, torch.arange(len(which)), embeddings, stride.t, size)
                guess = to_prediction(output, x, stride, schedule.prediction).denoised
                # An error of x̂_0 is σ times that of v, for ε, v and flow models alike.
                loss = loss + ((guess - z[which]) / stride.now.sigma).square().mean() / LEVELS
            gradients = torch.autograd.grad(loss, list(v.values()))
        if not all(bool(torch.isfinite(g).all()) for g in gradients):
            raise FloatingPointError(f"the gradient of {word!r} is not finite after {index} updates")
        yield Update(index, float(loss.detach()), concept)
        for vectors, gradient in zip(v.values(), gradients, strict=True):
            vectors.grad = gradient
        optimizer.step()


def _statistics(table: torch.nn.Module) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of a text encoder's own vectors, (D,)."""
    inside: Any = table
    count = int(getattr(inside, "num_embeddings", 0) or len(inside.weight))
    chosen = torch.linspace(0, count - 1, min(count, 8192)).long()
    with torch.no_grad():
        vectors = table(chosen[None].to(inside.weight.device))[0].float().cpu()
    return vectors.mean(0), vectors.std(0)


def learn(
    word: str,
    pictures: Sequence[Reference] | Tensor,
    model: Any = None,
    steps: int = UPDATES,
    *,
    tokens: int = TOKENS,
    lr: float = LR,
    seed: int = 0,
) -> Concept:
    """Teach a model a word by a few pictures; prompts may say it from then on, in whatever composition.

        avocado = gw.learn("avocado", ["1.png", "2.png", "3.png"])
        gw.Session("an avocado on a beach")
        avocado.save("avocado.safetensors")

    Args:
        word: one word, new or known.
        pictures: some 3 to 30 that show it: files, PIL images, or tensors (3, H, W) or (n, 3, H, W) in [0, 1]; their
            middle is taken.
        model: an `Engine`, or what `Engine.load` takes; None is the embedded model.
        steps: updates; 160 take a minute or so of one core with the embedded model.
        tokens: how many vectors the word becomes.
        lr: of Adam, in units of the spread of the text encoder's own vectors.
        seed: of noise, order and templates.

    Returns:
        The concept, known to all engines of this model in this process; elsewhere `Engine.add_concept` makes it known.

    Raises:
        ValueError, TypeError: an argument is out of range, a picture cannot be read, or no gradient comes through the
            model's text encoder.
    """
    check_word(word)
    engine = model if isinstance(model, Engine) else Engine.load(model)
    latents = encoded(engine, pictures)
    concept: Concept | None = None
    run = learning(engine, word, latents, steps, tokens=tokens, lr=lr, seed=seed)
    for update in _shown(run, steps, word):
        concept = update.concept
    assert concept is not None  # noqa: S101 - there is at least one
    engine.add_concept(concept)
    return concept


def encoded(engine: Engine, pictures: Sequence[Reference] | Tensor) -> Tensor:
    """Latents (n, C, H, W) of pictures at the model's own size. Raises ValueError, TypeError: they cannot be read."""
    given = list(pictures) if isinstance(pictures, Tensor) and pictures.ndim == 4 else as_list(pictures)
    if given is None:
        raise TypeError(f"pictures={shown(pictures)}: expected several, as in ['1.png', '2.png']")
    if not 1 <= len(given) <= MOST_PICTURES:
        raise ValueError(f"{len(given)} pictures: expected 1 to {MOST_PICTURES}")
    images = torch.stack([to_tensor(fitted(as_picture(one), engine.size)) for one in given])
    return torch.cat([engine.encode(part) for part in images.split(8)])


def _shown(updates: Iterator[Update], steps: int, word: str) -> Generator[Update]:
    """The same, with a line that tells how far it is."""
    from tqdm.auto import tqdm

    with tqdm(updates, f"learning {word!r}", steps + 1, leave=False, unit="update") as line:
        for update in line:
            line.set_postfix_str(f"loss {update.loss:.4f}", refresh=False)
            yield update
