"""The revision of a model: twelve digits of its weights, and what acts on them or differs from what is usual.

35eddfdb1ac8                           the weights alone, as in all files
35eddfdb1ac8+fox=0.8/5a31c0            an adapter acts, at this scale, with these weights
35eddfdb1ac8~9f0c21                    another noise schedule
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

from guidewidgets.engine.model.stamp import Entries, Stamp

LONGEST = 200  # characters about adapters; files take 1000
_SIGNS = re.compile(r"[^\w.-]")  # that are not written of it
# Stable Diffusion's own schedule, which needs no mention; what a config leaves out has the first value.
_USUAL: Mapping[str, tuple[object, ...]] = {
    "beta_schedule": ("scaled_linear",),
    "beta_start": (0.00085,),
    "beta_end": (0.012,),
    "num_train_timesteps": (1000,),
    "trained_betas": (None,),
    "timestep_spacing": ("leading",),
    "rescale_betas_zero_snr": (False,),
    "prediction_type": ("epsilon", "v_prediction"),
    "use_karras_sigmas": (False, None),
    "use_exponential_sigmas": (False, None),
    "use_beta_sigmas": (False, None),
    "use_lu_lambdas": (False, None),
    "use_flow_sigmas": (False, None),
}


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """A model as it was opened.

    Attributes:
        weights: what files hold of each network, where it was cast after that, and what was left of it.
        scheduler: that needs no mention, as it belongs to the weights; None where nothing says so.
    """

    weights: Mapping[str, tuple[Entries, Entries]]
    scheduler: str | None

    @classmethod
    def of(cls, before: Stamp, after: Stamp, *, shipped: bool) -> Origin:
        """From what it was before it was cast, and after; `shipped` says that its scheduler came with it."""
        pairs = {n: (part.entries, after.parts[n].entries) for n, part in before.parts.items()}
        known = shipped or _usual(after.scheduler)
        return cls(pairs, after.scheduler if known else None)


def _usual(scheduler: str) -> bool:
    numbers: dict[str, Any] = json.loads(scheduler)
    return "beta_start" in numbers and all(numbers.get(k, v[0]) in v for k, v in _USUAL.items())


def revision(origin: Origin, now: Stamp) -> str:
    """Of a model as it is now."""
    digest, adapted = hashlib.sha256(), hashlib.sha256()
    for name, part in now.parts.items():
        held, left = origin.weights.get(name, ((), ()))
        for label, sample in (*(held if part.entries == left else part.entries), *part.words):
            digest.update(label)
            digest.update(sample)
        for adapter, entries in part.adapters:
            adapted.update(f"{name}{adapter}".encode())
            for label, sample in entries:
                adapted.update(label)
                adapted.update(sample)
    found = digest.hexdigest()[:12]
    if acting := now.adapters:
        named = [f"+{_SIGNS.sub('_', name)}={scale}" for name, scale in acting.items()]
        found += f"{''.join(named)[:LONGEST]}/{adapted.hexdigest()[:6]}".replace(" ", "")
    if now.scheduler != origin.scheduler and not (origin.scheduler is None and _usual(now.scheduler)):
        found += f"~{hashlib.sha256(now.scheduler.encode()).hexdigest()[:6]}"
    return found


def changes(before: Stamp, now: Stamp) -> Iterator[str]:
    """What has happened to a pipeline, in words; nothing where it was only wrapped."""
    for name in sorted({*before.objects, *now.objects}):
        old, new = before.parts.get(name), now.parts.get(name)
        if old is None or new is None:
            if before.objects.get(name) != now.objects.get(name) and name != "scheduler":
                yield f"its {name} is another"
        elif old.module != new.module:
            yield f"its {name} is another"
        elif old.words != new.words:
            known = {word.decode(errors="replace") for word, _ in {*old.words} ^ {*new.words}}
            yield f"its {name} reads {', '.join(sorted(known))} otherwise"
        elif old.entries != new.entries:
            yield f"the weights of its {name} are others"
        elif old.place != new.place:
            yield f"its {name} is {new.place[0].removeprefix('torch.')} on {new.place[1]}"
    if _adapted(before) != _adapted(now):
        acting = [f"{name!r} at {scale}" for name, scale in now.adapters.items()]
        yield (
            f"it has {'the adapter' if len(acting) == 1 else 'adapters'} {', '.join(acting)}"
            if acting
            else ("no adapter acts on it any more")
        )
    if before.scheduler != now.scheduler:
        yield _rescheduled(json.loads(before.scheduler), json.loads(now.scheduler))


def _adapted(found: Stamp) -> list[object]:
    return [part.adapters for part in found.parts.values()]


def _rescheduled(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if before["class"] != now["class"]:
        return f"its scheduler is a {now['class']}"
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return f"its scheduler has another {', '.join(names)}"
