"""What a model can read: the words of a small one, and those that it has learned from pictures."""

from __future__ import annotations

from guidewidgets.concept import Concept
from guidewidgets.engine.model import known
from guidewidgets.engine.model.defaults import Vocabulary
from guidewidgets.engine.model.network import Network
from guidewidgets.engine.model.spoken import check_fits
from guidewidgets.prompt import Literal, Prompt


class Language:
    """The part of a model that has to do with words.

    Attributes:
        id: of the model.
        revision: fingerprint of its weights.
        network: it renders with.
        vocabulary: words it was made with.
    """

    id: str
    revision: str
    network: Network
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """What prompts call it by, its id and revision."""
        return f"{self.id}#{self.revision}"

    @property
    def words(self) -> dict[str, list[str]] | None:
        """Words that a small model knows by kind, such as "nouns" and "places"; None for models that read any text."""
        read = self.vocabulary
        return None if read.words is None else {kind: list(words) for kind, words in read.kinds.items()}

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Words that it has learned from pictures, by word; see `gw.learn`."""
        return known.known(self.name)

    def add_concept(self, concept: Concept, *, replace: bool = True) -> None:
        """Make a learned word known: prompts that say it mean this from now on.

        Args:
            concept: made by `gw.learn` or `gw.Concept.load`.
            replace: whether a word that means something already gets this meaning.

        Raises:
            ValueError: the model's text encoders cannot read its vectors.
        """
        check_fits(self.network.family, concept)
        known.add(self.name, concept, replace=replace)

    def unknown_words(self, prompt: str | Prompt) -> list[str]:
        """Words of the prompt that a small model has never read; empty for models that read any text."""
        parsed = Prompt.parse(prompt) if isinstance(prompt, str) else prompt
        text = " ".join(n.text for n in parsed.walk() if isinstance(n, Literal) and n.model is None)
        for concept in self.concepts:
            text = concept.pattern().sub(" ", text)
        return self.vocabulary.unknown(text)
