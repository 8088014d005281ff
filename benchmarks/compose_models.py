"""Two checkpoints of the embedded model in one prompt: where combining models works, and where it fails.

    git archive 7240225 guidewidgets/models/emoji | tar -x -C old
    python -m benchmarks.compose_models old/guidewidgets/models/emoji [--seeds 8] [--steps 8]

The older checkpoint knows 24 nouns, the shipped one 64; both use one autoencoder and one schedule.
"""

from __future__ import annotations

import argparse

from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.prompt import Prompt
from guidewidgets.vision import embedded


def main() -> None:
    """Paint, read, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", help="folder of the older model")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=8)
    a = parser.parse_args()
    new, old = Engine.load(), Engine.load(a.old)
    asked = {
        "a fox, by the session's model": (Prompt("a fox"), ("fox",)),
        "a fox, by the older model": (Prompt("a fox", model=old), ("fox",)),
        "a fox, half by each": (Prompt("a fox") * 0.5 & Prompt("a fox", model=old) * 0.5, ("fox",)),
        "a fox by the older AND a beach by the session's": (
            Prompt("a fox", model=old) & Prompt("a beach"),
            ("fox",),
        ),
        "a snail, by the session's model": (Prompt("a snail"), ("snail",)),
        "a snail, by the older model, which never saw one": (Prompt("a snail", model=old), ("snail",)),
        "a fox by the older AND an owl by the session's": (
            Prompt("a fox", model=old) & Prompt("an owl"),
            ("fox", "owl"),
        ),
    }
    x = new.noise(a.seeds, seed=3).repeat(len(asked), 1, 1, 1)
    images = new.render(
        x, [p for p, _ in asked.values() for _ in range(a.seeds)], steps=a.steps, sampler="ddim"
    )
    seen = embedded.reader().read(images)
    figures: dict[str, object] = {
        "models": [new.name, old.name],
        "seeds": a.seeds,
        "steps": a.steps,
        "right_percent": {
            name: round(
                100
                * sum(set(wanted) <= set(s.present) for s in seen[i * a.seeds : (i + 1) * a.seeds])
                / a.seeds,
                1,
            )
            for i, (name, (_, wanted)) in enumerate(asked.items())
        },
    }
    write("compose_models", figures)


if __name__ == "__main__":
    main()
