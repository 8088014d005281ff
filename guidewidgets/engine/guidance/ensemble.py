"""Other models that a prompt's concepts may name: found among those that are loaded, checked to fit, asked together.

Combining models is the subject Composable Diffusion (Liu et al. 2022) began with: scores add up where all models paint
into one latent space, predict the same thing and share one noise schedule. A name alone never loads anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import final

import torch
from torch import Tensor

from guidewidgets import forks
from guidewidgets.engine.guidance.composition import Row
from guidewidgets.engine.model.loaded import find
from guidewidgets.engine.model.model import Model
from guidewidgets.engine.model.network import Network


@final
class Locks:
    """Several networks' locks as one, always taken in the same order, so that there is no deadlock."""

    def __init__(self, locks: Iterable[forks.Guard]) -> None:
        self._locks = sorted(locks, key=id)
        self._stacks: list[ExitStack] = []

    def __enter__(self) -> None:
        stack = ExitStack()
        for lock in self._locks:
            stack.enter_context(lock)
        self._stacks.append(stack)  # held by this thread now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stacks.pop().close()


@final
class Ensemble:
    """The networks of other models, by name."""

    def __init__(self, networks: Mapping[str, Network]) -> None:
        self._networks = dict(networks)

    def network(self, own: Network, name: str | None) -> Network:
        """The network of a name; None is the session's own."""
        return own if name is None else self._networks[name]

    def locks(self, own: Network) -> Locks:
        """All networks' locks as one."""
        return Locks({id(n.lock): n.lock for n in (own, *self._networks.values())}.values())

    def ask(
        self,
        own: Network,
        x: Tensor,
        images: Tensor,
        rows: Sequence[Row],
        t: float,
        size: tuple[int, int],
        offsets: Sequence[Tensor | None] | None = None,
        guidance: Sequence[float] | None = None,
    ) -> Tensor:
        """Predictions for rows of images, models and texts; see `Network.ask`. Offsets are of the session's own."""
        names = dict.fromkeys(row.model for row in rows)
        if names == {None: None} or not names:
            texts, empty = [row.text for row in rows], [row.empty for row in rows]
            return own.ask(x, images, texts, t, size, offsets, empty, guidance, [r.concepts for r in rows])
        places: list[int] = []
        answers: list[Tensor] = []
        for name in names:
            mine = [r for r, row in enumerate(rows) if row.model == name]
            network = self.network(own, name)
            moved = [offsets[r] for r in mine] if offsets is not None and name is None else None
            texts, empty = [rows[r].text for r in mine], [rows[r].empty for r in mine]
            told = [guidance[r] for r in mine] if guidance is not None else None
            words = [rows[r].concepts for r in mine] if name is None else None
            answer = network.ask(
                x.to(network.device), images[mine], texts, t, size, moved, empty, told, words
            )
            answers.append(answer.to(x))
            places += mine
        order = torch.tensor(sorted(range(len(places)), key=places.__getitem__), device=x.device)
        return torch.cat(answers)[order]


def find_ensemble(own: Model, names: Iterable[str]) -> Ensemble:
    """The models that prompts name, checked to fit.

    Raises:
        ValueError: one is not loaded, or does not share latent space, prediction and schedule; the message names it.
    """
    found: dict[str, Network] = {}
    for name in sorted(names):
        model: Model | None = find(name)
        if model is not None:
            model.refresh()
        if model is None or model.name != name:
            shown, _, revision = name.rpartition("#")
            message = (
                f"a concept is by the model {shown!r} (revision {revision}), which is not loaded: "
                "load it with gw.Engine.load(…) and keep it"
            )
            raise ValueError(message)
        if differences := _differences(own, model):
            message = f"{model.name} cannot be combined with {own.name}: {'; '.join(differences)}"
            raise ValueError(message)
        found[name] = model.network
    return Ensemble(found)


def _differences(own: Model, other: Model) -> list[str]:
    """Why the scores of two models do not add up; empty where they do."""
    found: list[str] = []
    if own.latent_shape[0] != other.latent_shape[0] or own.codec.factor != other.codec.factor:
        theirs, ours = (f"{m.latent_shape[0]} channels at 1/{m.codec.factor}" for m in (other, own))
        found.append(f"its latents have {theirs} of the picture's size, not {ours}")
    elif not own.codec.agrees(other.codec):
        found.append("its autoencoder is another, so its latents mean something else")
    ours, theirs = own.schedule(10), other.schedule(10)
    if ours.prediction != theirs.prediction:
        found.append(f"it predicts {theirs.prediction!r}, not {ours.prediction!r}")
    if ours.train_steps != theirs.train_steps:
        found.append(f"its noise schedule has {theirs.train_steps} timesteps, not {ours.train_steps}")
    elif any(
        abs(a.now.alpha - b.now.alpha) > 1e-6 for a, b in zip(ours.strides, theirs.strides, strict=True)
    ):
        found.append("its noise schedule has other noise levels")
    return found
