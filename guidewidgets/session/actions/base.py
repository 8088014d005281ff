"""The actions of a session: each checks its arguments, queues a job and returns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from guidewidgets.engine import Engine
from guidewidgets.engine.advice import doubts
from guidewidgets.engine.check import check_number
from guidewidgets.evolve.mutate import check_share
from guidewidgets.prompt import Prompt
from guidewidgets.region import Region
from guidewidgets.session.actions import operators
from guidewidgets.session.candidate import Candidate
from guidewidgets.session.engine_ref import Model
from guidewidgets.session.job import Job
from guidewidgets.session.recording.calls import recorded
from guidewidgets.session.selection import as_numbers, clicked, favourites, times_varied
from guidewidgets.session.settings import Overrides, Settings
from guidewidgets.session.state import State
from guidewidgets.session.worker.launcher import LIMIT, Launcher


class Actions:
    """What makes candidates, over a state and an engine; see `Session`."""

    def __init__(self, model: Model, state: State, seed: int) -> None:
        self.seed = seed
        self._model = model
        self._state = state
        self._launch = Launcher(model, state, seed)

    @property
    def engine(self) -> Engine:
        """The engine; a session that was opened loads it now. Raises ValueError where nobody said where it is."""
        return self._model()

    def resolve(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments that a call leaves to the marks and the history of now, for `gestures.gesture`.

        Args:
            method: that is called.
            arguments: it was given, by name; default parents among them.
        """
        if method == "cross" and not {"sites", "cells"} & set(arguments):
            found = clicked(self._parents(arguments["parents"]))
            return {"sites": found} if found else {}
        if method == "mutate" and not {"at", "strength", "picked"} & set(arguments):
            picked = times_varied(self._state.generations())
            return {"picked": picked} if picked else {}
        return {}

    @recorded
    def sample(
        self,
        n: int = 12,
        *,
        spread: bool = False,
        embedding: float = 0.0,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Fresh random candidates.

        Args:
            n: how many, 1 to `limit`.
            spread: pick noise that differs in its layout out of many draws; see `evolve.spread`.
            embedding: noise on the prompt's embedding too, as a share of its spread; it then takes part in every
                operator. For models that noise alone hardly moves; `leverage` tells.
            seed: non-negative int; None draws one from the session's seed and the event's number.
            limit: refuse more than this; None for no limit.
            **overrides: settings for this job only.

        Raises:
            ValueError, TypeError: an argument is out of range; the message names it.
        """
        settings = self._settings(overrides)
        strength = check_number("embedding", embedding, 0.0)
        return self._launch(
            "sample",
            n,
            settings,
            seed,
            limit,
            lambda s: operators.sample(self.engine, settings, n, s, spread=spread, embedding=strength),
        )

    @recorded
    def mutate(
        self,
        candidate: int,
        at: Sequence[tuple[float, float]] | Region | None = None,
        radius: float = 0.15,
        n: int = 8,
        lock: bool = False,  # noqa: FBT001, FBT002 - named in the public contract
        *,
        strength: float | None = None,
        picked: int = 0,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """Variations of one candidate, with its own settings.

        Args:
            candidate: its number.
            at: spots (x, y) in [0, 1] to change, or a region; None varies the whole picture, child by child more.
            radius: of the spots, above 0 and at most 1, as a fraction of the picture's shorter side.
            n: how many children, 1 to `limit`.
            lock: keep the picture outside the spots. Without it, it changes a little everywhere.
            strength: in (0, 1], how much of the noise is new; None is all at the spots, and a ladder without spots.
            picked: how many times in a row one favourite was varied before; the ladder shrinks by 0.7 each time. Left
                out, it is counted from the history.
            seed: see `sample`.
            limit: see `sample`.
            **overrides: settings for this job only.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        parent = self._state.find(candidate)
        region = (
            at if at is None or isinstance(at, Region) else Region.points(at, check_share("radius", radius))
        )
        if strength is not None:
            check_share("strength", strength)
        settings = Settings.of(parent.genome).changed(self.engine, **overrides | {"size": parent.genome.size})
        if lock and (
            region is None
            or (settings.steps, settings.sampler, settings.corrector or {})
            != (parent.genome.steps, parent.genome.sampler, parent.genome.corrector)
        ):
            own = "the parent's own steps, sampler and corrector"
            message = f"lock=True: expected spots to change (at={at!r}) and {own}"
            raise ValueError(message)
        mutation = operators.Mutation(region, strength, lock, check_number("picked", picked, 0))
        return self._launch(
            "mutate",
            n,
            settings,
            seed,
            limit,
            lambda s: operators.mutate(self.engine, settings, parent, mutation, n, s),
        )

    @recorded
    def render(
        self,
        candidates: Sequence[int],
        *,
        seed: int | None = None,
        limit: int | None = LIMIT,
        **overrides: Unpack[Overrides],
    ) -> Job:
        """The same latents with the session's settings, or those given: what another prompt makes of this noise.

        Args:
            candidates: their numbers.
            seed: of the branches of an OR; see `sample`, as for `limit`.
            limit: see `sample`.
            **overrides: settings for this job only; the size is the candidates'.

        Raises:
            ValueError, TypeError, IndexError: an argument is out of range; the message names it.
        """
        elders, settings = self._family(candidates, overrides)
        return self._launch(
            "render",
            len(elders),
            settings,
            seed,
            limit,
            lambda s: operators.render(self.engine, settings, elders, s),
        )

    def _settings(self, overrides: Any) -> Settings:
        settings = self._state.settings.changed(self.engine, **overrides)
        if "prompt" in overrides:
            self._warn_of_words(settings.prompt)
        return settings

    def _family(self, numbers: Sequence[int] | None, overrides: Any) -> tuple[list[Candidate], Settings]:
        """Parents by their numbers, and settings for their children, which are as large as the first of them."""
        parents = self._parents(numbers)
        return parents, self._settings(overrides | {"size": parents[0].genome.size})

    def _parents(self, numbers: Sequence[int] | None) -> list[Candidate]:
        return (
            favourites(self._state.generations())
            if numbers is None
            else [self._state.find(i) for i in as_numbers(numbers)]
        )

    def doubts(self) -> list[str]:
        """What the settings will probably not do as expected, one line each: a NOT too heavy, a model without ∅."""
        s = self._state.settings
        return doubts(self.engine, s.prompt, s.guidance, s.negative, s.negation)

    def _warn_of_words(self, prompt: Prompt) -> None:
        unknown, s = self.engine.unknown_words(prompt), self._state.settings
        texts = [f"{self.engine.id} has never read: {', '.join(unknown)}; it will guess"] if unknown else []
        for text in (*texts, *doubts(self.engine, prompt, s.guidance, s.negative, s.negation)):
            self._state.notice("warning", text)
            if not self._state.watched:
                warnings.warn(text, stacklevel=3)
