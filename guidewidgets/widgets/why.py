"""Why a picture is as it is: what made its noise, and what its words did to the score, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from guidewidgets.engine.workers.renderer import Order
from guidewidgets.session.lineage import words
from guidewidgets.session.lineage.owner_map import parents
from guidewidgets.widgets.compare import change_map
from guidewidgets.widgets.damaged import picture_of

if TYPE_CHECKING:
    from guidewidgets.session import Candidate, Session
    from guidewidgets.widgets.handlers import Answer

STEPS = 6
"""Of the short walk that measures the arrows."""
MEANS = "Noise decides what the words leave open, as a whole: a child can look most like the parent with less of it."
# Operator: what became of {parents}, for everybody.
PLAIN: Mapping[str, str] = {
    "sample": "Painted from new noise.",
    "cross": "A mosaic of {parents}.",
    "recombine": "Put together from the parts that you marked in {parents}.",
    "blend": "Something between {parents}.",
    "mutate": "A variation of {parents}",
    "render": "{parents} once more, with other words or settings.",
    "optimize": "{parents}, pulled little by little towards what was asked.",
    "edit": "Your photo, pulled little by little towards what was asked.",
    "repair": "A variation of {parents} that holds what was missing.",
    "search": "The one of many that lost least.",
    "learn": "Painted from new noise, with the word learned from {parents}.",
    "suggest": "A child of your stars that you may like.",
    "mix": "A mixture of {parents}.",
    "restore": "It came from a file.",
}
# Operator: what it did to the noise, and the equation.
NOISE: Mapping[str, tuple[str, str]] = {
    "sample": ("New noise was drawn, every number on its own.", "x_T ∼ N(0, I)"),
    "cross": (
        "The plane was cut into cells around sites, drawn or clicked; each is one parent's noise, whole, or new.",
        "x(u) = x_k(u),  k = owner of the site nearest to u",
    ),
    "recombine": (
        "Every spot has the noise of the picture that was marked nearest to it.",
        "x(u) = x_k(u),  k = owner of the mark nearest to u",
    ),
    "blend": (
        "The noise lies between its parents' on the sphere. Their plain mean would be too weak: fog.",
        "x = sin((1−t)Ω)/sin Ω · x₁ + sin(tΩ)/sin Ω · x₂   (of more: Σ wᵢxᵢ, at its parents' length)",
    ),
    "mutate": (
        "The noise was turned towards new noise, so that it stays as strong.",
        "x′ = cos t · x + sin t · n,  n ∼ N(0, I)",
    ),
    "render": ("The noise is its parent's; the words or the settings are others.", "x′ = x"),
    "optimize": (
        "A loss ℓ on the picture pulled at the noise, back through all steps of denoising.",
        "x_T ← x_T − λ ∇ℓ(Φ(x_T, c))",
    ),
    "edit": (
        "A photograph was walked back to the noise that paints it exactly; then a loss pulled at that.",
        "x_T = Φ⁻¹(photo);  x_T ← x_T − λ ∇ℓ(Φ(x_T, c))",
    ),
    "repair": (
        "The concept held least was looked for in variations of the noise; one counts if it holds all.",
        "lift(c) = mean of ‖v̂(∅) − v‖² − ‖v̂(c) − v‖²",
    ),
    "search": (
        "Many pictures were painted, or begun, and the one that lost least was kept: no gradient.",
        "x_T = argmin ℓ(Φ(x_T, c)) over what was tried",
    ),
    "learn": (
        "New noise, and a word: vectors v that the text encoder reads in its place, found on your pictures.",
        "v* = argmin E ‖v̂(x_t, c(v)) − v_t‖²",
    ),
    "suggest": (
        "Of many sketched children of your stars this is one that you will probably star, or one drawn blindly.",
        "p(star | picture), learned from your marks",
    ),
    "mix": (
        "A weighted sum of its parents' noise, brought back to their length.",
        "x = r · Σ wᵢxᵢ / ‖Σ wᵢxᵢ‖",
    ),
    "restore": ("It came from a file, with its noise or its seed.", ""),
}
SCORE = "ε* = ε(∅) + s Σ wᵢ (ε(cᵢ) − ε(∅))"


def why(session: Session, slot: int) -> Answer:
    """What is to be told of one candidate: in plain words, in numbers, in formulas; each one text of several lines.

    Raises:
        IndexError: there is no such candidate. SessionFileError: its noise or its recipe was lost.
    """
    candidate = session[slot]
    recipe = candidate.recipe
    how, equation = NOISE.get(recipe.operator, (f"Made by {recipe.operator}.", ""))
    family = _family(session, candidate)
    told = [
        _plain(session, candidate, family),
        _words(candidate),
    ]
    numbers = [
        f"Seed {recipe.seed}.",
        *_numbers(candidate),
        *_relation(candidate, family),
        *_weights(session, candidate),
    ]
    placed = any(c.region is not None for c in candidate.genome.prompt.concepts())
    formulas = [
        how,
        equation,
        f"At every step δ leads from no words to a concept's; s = {candidate.genome.guidance:g} makes it longer.",
        SCORE.replace("(ε(cᵢ)", "Mᵢ(ε(cᵢ)") if placed else SCORE,
    ]
    return ["\n".join(filter(None, lines)) for lines in (told, numbers, formulas)], []


def _plain(session: Session, child: Candidate, family: Mapping[int, Candidate]) -> str:
    """What was done, and what that did to this picture."""
    recipe = child.recipe
    said = PLAIN.get(recipe.operator, f"Made by {recipe.operator}.")
    named = " and ".join(map(str, family)) or "its parents"
    said = said.format(parents=f"image {named}" if len(family) == 1 else named)
    if recipe.operator == "mutate":
        rest = "; the rest was held." if recipe.parameters.get("lock") else "."
        said += f" in the marked part only{rest}" if "region" in recipe.parameters else "."
    said = said[0].upper() + said[1:]
    if len(family) == 1:
        ((number, parent),) = family.items()
        with suppress(ValueError):  # they differ in size
            far = change_map(picture_of(child), picture_of(parent)).mean()
            said += f" Its pixels are {far:.1f} of 255 levels from those of {number}, on average."
    elif noise := words.noise(child, session.__getitem__):
        said += f" {noise} {MEANS}"
    return said


def _words(candidate: Candidate) -> str:
    """Where its words drew it."""
    concepts = candidate.genome.prompt.concepts()
    towards = [c.text for c in concepts if c.weight > 0 and c.text]
    away = [c.text for c in concepts if c.weight < 0]
    parts = [
        f"{how} {' and '.join(f'“{text}”' for text in texts)}"
        for how, texts in (("towards", towards), ("away from", away))
        if texts
    ]
    return f"Its words drew it {', '.join(parts)}." if parts else ""


def _family(session: Session, child: Candidate) -> dict[int, Candidate]:
    """Its parents by number, where they are here."""
    try:
        return {parent.id: parent for parent in parents(child, session.__getitem__)}
    except (ValueError, IndexError):  # they are in another session
        return {}


def _numbers(candidate: Candidate) -> Iterator[str]:
    """What its recipe noted; a file may have anything in it."""
    noted: Mapping[str, Any] = candidate.recipe.parameters
    losses, weights = _floats(noted.get("losses")), _floats(noted.get("weights"))
    if losses:
        updates = len(losses) - 1
        yield f"{noted.get('method')}, {updates} updates: ℓ from {losses[0]:.3f} to {losses[-1]:.3f}."
    if weights:
        yield "Weights: " + ", ".join(f"{w:.2f}" for w in weights)
    if "word" in noted:
        yield f"“{noted['word']}” after {noted.get('updates')} updates: mean loss {noted.get('loss')}."
    if isinstance(noted.get("before"), Mapping):
        yield f"Lacking before: {noted.get('concept') or 'nothing'}."
    if candidate.holds:
        lifts = ", ".join(f"{name} {lift:+.3f}" for name, lift in candidate.holds.items())
        yield f"Lift (above 0: rather there than not): {lifts}"
    if "region" in noted:
        rest = ": the rest is held to its parent's x_t." if noted.get("lock") else "."
        yield f"Only in the region marked{rest}"


def _floats(value: object) -> list[float]:
    given = cast("list[object]", value) if isinstance(value, list) else []
    return [float(x) for x in given if isinstance(x, int | float)]


def _relation(child: Candidate, family: Mapping[int, Candidate]) -> Iterator[str]:
    """How near its noise is to each parent's."""
    x = _flat(child)
    alike = {i: p for i, parent in family.items() if (p := _flat(parent)).shape == x.shape}
    for i, p in alike.items():
        yield f"Cosine of its noise with that of {i}: {x @ p / np.linalg.norm(x) / np.linalg.norm(p):.2f}"
    yield f"Standard deviation {x.std():.2f} (new noise: 1)."


def _flat(candidate: Candidate) -> NDArray[np.float64]:
    return candidate.genome.latent.double().numpy().ravel()


def _weights(session: Session, candidate: Candidate) -> Iterator[str]:
    """How much each of its words does at every step."""
    genome = candidate.genome
    concepts = genome.prompt.concepts()
    lengths = _lengths(session, candidate)
    for concept in concepts:
        weight = f"w = {concept.weight:g}".replace("-", "−")
        turned = ", NOT: the arrow is turned around" if concept.weight < 0 else ""
        length = lengths.get(concept.text)
        yield f"{concept.text}: {weight}{turned}" + ("" if length is None else f", mean |δ| = {length:.3f}")
    if any(c.weight < 0 for c in concepts) and genome.negation != "linear":
        yield f"negation = {genome.negation}: not all of the turned arrow is taken."


def _lengths(session: Session, candidate: Candidate) -> dict[str, float]:
    """Mean |ε(c) − ε(∅)| of each concept over a short walk, where the model is small enough to be asked again."""
    try:
        engine, genome = session.engine, candidate.genome
    except ValueError:  # nobody said where the model of a file is
        return {}
    if engine.words is None or (genome.model, genome.revision) != (engine.id, engine.revision):
        return {}
    short = genome.replace(
        steps=min(STEPS, genome.steps), sampler="ddim", sampler_parameters={}, pair=None, anchor=None
    )
    with closing(engine.renderer.render([short], Order(attribution=True, lane="interactive"))) as frames:
        done = [frame.done.attribution for frame in frames if frame is not None and frame.done is not None]
    if not done or done[0] is None:
        return {}
    return {text: float(m.mean()) for (text, _), m in zip(done[0].concepts, done[0].maps, strict=True)}
