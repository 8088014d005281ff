"""Learning: a word from candidates, and pictures that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from guidewidgets.arguments import as_int
from guidewidgets.concept import Concept, check_word
from guidewidgets.engine import Engine
from guidewidgets.engine.check import check_number
from guidewidgets.guide.textual_inversion import LR, TOKENS, UPDATES, Update, encoded, learning
from guidewidgets.limits import LIMIT
from guidewidgets.prompt import Prompt
from guidewidgets.session.job import Job
from guidewidgets.session.offspring import Bred, OffspringSteps
from guidewidgets.session.operators.base import Operator, Parents
from guidewidgets.session.operators.context import Context
from guidewidgets.settings import Overrides, RenderSettings

MOST_UPDATES = 100_000


@dataclass(frozen=True, slots=True)
class Learn(Operator):
    """A word learned from the parents' pictures, and fresh noise under a prompt that says it."""

    name = "learn"
    colour = "#1e7a8c"
    title = "{images} of a word being learned"
    made = ("image", "images", "of a word learned from")

    word: str
    parents: Parents
    n: int
    updates: int
    tokens: int
    lr: float

    def check(self, engine: Engine) -> None:
        """See `Operator.check`."""
        self.parents.check(engine)

    def breed(self, engine: Engine, settings: RenderSettings, seed: int) -> OffspringSteps:
        """See `Operator.breed`: the engine knows the word when it is learned."""
        latents = encoded(engine, [parent.image for parent in self.parents])
        yield
        learned: Concept | None = None
        losses: list[float] = []
        run = learning(engine, self.word, latents, self.updates, tokens=self.tokens, lr=self.lr, seed=seed)
        for update in run:
            learned = update.concept
            losses.append(update.loss)
            yield self._said(update, losses, settings.steps)
        assert learned is not None  # noqa: S101 - there is at least one
        engine.add_concept(learned)
        noise = engine.noise(self.n, seed, settings.size)
        parameters = {"word": self.word, "updates": self.updates, "loss": round(_mean(losses), 5)}
        return self.offspring(engine, settings, seed, noise, [parameters] * self.n, self.parents)

    def _said(self, update: Update, losses: Sequence[float], steps: int) -> Bred:
        told = f"learning {self.word!r}: update {update.index} of {self.updates}, loss {_mean(losses):.4f}"
        return Bred(update.index, self.updates + steps, told)


def _mean(losses: Sequence[float]) -> float:
    """Of the latest: a single one says little, since noise levels differ."""
    return sum(losses[-20:]) / len(losses[-20:])


def learn(
    context: Context,
    word: str,
    candidates: Sequence[int] | None = None,
    n: int = 4,
    *,
    updates: int = UPDATES,
    tokens: int = TOKENS,
    lr: float = LR,
    seed: int | None = None,
    limit: int | None = LIMIT,
    **overrides: Unpack[Overrides],
) -> Job:
    """Teach the model a word by candidates; see `gw.learn`. Every prompt may say it from then on.

    Args:
        context: the session.
        word: one word, new or known.
        candidates: numbers of some that show it; None: the starred ones.
        n: pictures of the word that are made when it is learned, 1 to `limit`.
        updates: of the learning.
        tokens: how many vectors the word becomes.
        lr: of Adam, in units of the spread of the text encoder's own vectors.
        seed: see `sample`.
        limit: see `sample`.
        **overrides: settings for this job only; the prompt is "a" and the word.

    Raises:
        ValueError, TypeError, IndexError: an argument is out of range; the message names it.
    """
    check_word(word)
    parents = context.candidates(candidates)
    updates = as_int("updates", updates, 1, MOST_UPDATES)
    rate = check_number("lr", lr, 0.0)
    own = {name: value for name, value in overrides.items() if name != "prompt"}
    said = overrides.get("prompt", f"a {word}")
    prompt = Prompt.parse(said) if isinstance(said, str) else said
    settings = context.settings(own).replace(prompt=prompt)
    made = Learn(word, parents, n, updates, as_int("tokens", tokens, 1, 32), rate)
    return context.start(made, n, settings, seed, limit)
