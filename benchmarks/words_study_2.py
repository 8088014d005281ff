"""Does a word come out better when it begins at the known noun that explains its pictures best?

    python -m benchmarks.words_study_2 [--minutes 60]

Written down before the run; nothing was tuned on the new nouns. Sixteen nouns: eight new ones, drawn by `SEED` from
those 26 that the embedded model never painted (only its text encoder has read them; "cherries" and "grapes" left out,
being plurals), and the eight of the first study, which it has painted under captions that do not name them. Begun at
the noun of least loss (`nearest_words`), 120 updates; pictures, prompts, noise, counts and scorer are those of
`words_study`. The old eight have the first study's figures as their control: the same noise, the same pictures, a start
at random. The new eight have two controls: what the prompts bring before the word is taught (alone and in places), and
the word begun at random with the same updates (alone and in places).

What small tries on six of the other eighteen nouns let us expect: a nearer start (lift on fresh pictures after 30
updates .006 instead of .001 for a monkey, .027 instead of .025 for a crocodile), and about the same after 120.

Hoped for, of both eights together: alone ≥ 85 %, in places no worse, as a sentence ≥ 55 %, ≤ 60 CPU-seconds a word.
Told whatever comes out: the mean over nouns and its middle 95 % over resampled nouns, for each eight by itself, and the
difference to the control noun by noun. New and old nouns take turns; each is kept when it is done, so that a run which
was ended goes on, and a part of the study is told as that part: "nouns done" says how many. A sheet shows a row of
pictures for each noun, none picked. About 25 minutes of one quiet core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.guided_scores import vocabulary
from benchmarks.nearest_words import nearest
from benchmarks.timing import RESULTS, write
from benchmarks.words_study import GROUNDS, UPDATES, mean, painted, sheet
from guidewidgets.engine import Engine
from guidewidgets.evaluate.asks import Ask
from guidewidgets.guide.textual_inversion import encoded, learning
from guidewidgets.vision import embedded
from training.true_renders import paint_ask

SEED = 16
PLURALS = ("cherries", "grapes")
KEPT = RESULTS / "words_study_2"
FIRST = RESULTS / "words_study.json"


def new_nouns() -> list[str]:
    """Eight nouns that no picture of the training showed; the others of the 26 are for tuning."""
    unseen = [noun for noun in sorted(vocabulary()["untrained_nouns"]) if noun not in PLURALS]
    return [unseen[i] for i in np.random.default_rng(SEED).permutation(len(unseen))[:8]]


def taught(engine: Engine, noun: str, *, near: bool) -> float:
    """Teach the word; CPU-seconds that it took."""
    grounds = [Ask(f"a {ground} background", "noun", (noun,), ground=ground) for ground in GROUNDS]
    pictures = torch.cat([paint_ask(ask, 2) for ask in grounds])
    start = time.process_time()
    latents = encoded(engine, pictures)
    begun = nearest(engine, latents)[1] if near else None
    *_, last = learning(engine, noun, latents, UPDATES, start=begun)
    engine.add_concept(last.concept)
    return round(time.process_time() - start, 1)


def studied(engine: Engine, noun: str, number: int, *, new: bool) -> tuple[dict[str, Any], list[Tensor]]:
    """All that is asked of one noun, and its pictures."""
    found: dict[str, Any] = {}
    if new:
        found["before"] = painted(engine, noun, number, ("alone", "places"))[0]
        found["cpu_seconds_at_random"] = taught(engine, noun, near=False)
        found["at random"] = painted(engine, noun, number, ("alone", "places"))[0]
    found["cpu_seconds"] = taught(engine, noun, near=True)
    found["learned"], pictures = painted(engine, noun, number)
    return found, pictures


def main() -> None:
    """Go on where the last run ended; then tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="after these no further noun is begun")
    end = time.monotonic() + 60 * parser.parse_args().minutes
    torch.set_num_threads(1)
    engine = Engine.load()
    first = json.loads(FIRST.read_text(encoding="utf-8"))["figures"]["by noun"]["learned"]
    old, new = list(first), new_nouns()
    KEPT.mkdir(exist_ok=True)
    for i, noun in enumerate(itertools.chain(*zip(new, old, strict=True))):
        file = KEPT / f"{noun}.json"
        if not file.is_file() and time.monotonic() < end:
            number = i // 2 + (100 if noun in new else 0)  # an old noun's noise is that of the first study
            found, pictures = studied(engine, noun, number, new=noun in new)
            sheet([pictures]).save(KEPT / f"{noun}.png")
            file.write_text(json.dumps(found))
    done = [noun for noun in (*new, *old) if (KEPT / f"{noun}.json").is_file()]
    told(done, first)


def told(done: list[str], first: dict[str, dict[str, float]]) -> None:
    """Write figures and sheet."""
    by = {noun: json.loads((KEPT / f"{noun}.json").read_text()) for noun in done}
    rows = [np.asarray(Image.open(KEPT / f"{noun}.png")) for noun in done]
    Image.fromarray(np.concatenate(rows)).save(RESULTS / "words_study_2.webp", quality=80)
    write("words_study_2", figures_of(by, first))


def figures_of(by: dict[str, dict[str, Any]], first: dict[str, dict[str, float]]) -> dict[str, Any]:
    """All means with their intervals; `by`: what is told of each noun, `first`: what the first study has of the old."""
    old, new = ([noun for noun in by if (noun in first) == known] for known in (True, False))
    figures: dict[str, Any] = {"nouns done": f"{len(by)} of 16"}
    for name, nouns in (("new eight", new), ("old eight", old)):
        if nouns:
            figures[f"{name}, learned"] = mean([by[n]["learned"] for n in nouns])
    if new:
        figures["new eight, before"] = mean([by[n]["before"] for n in new])
        figures["new eight, begun at random"] = mean([by[n]["at random"] for n in new])
        figures["new eight, gain over random"] = gains((by[n]["learned"], by[n]["at random"]) for n in new)
    if old:
        figures["old eight, gain over the first study"] = gains((by[n]["learned"], first[n]) for n in old)
        figures["old eight, first study, the nouns done"] = mean([first[n] for n in old])
    figures["all, learned"] = mean([row["learned"] for row in by.values()])
    return figures | {"by noun": by}


def gains(pairs: Iterable[tuple[dict[str, float], dict[str, float]]]) -> dict[str, Any]:
    """Shares after less those before, of every kind, as `mean` tells them; a loss is one below 0."""
    rows = [{kind: after[kind] - before[kind] for kind in before} for after, before in pairs]
    return mean(rows, (-1.0, 1.0))


if __name__ == "__main__":
    embedded.reader()  # what is missing is said at once
    main()
