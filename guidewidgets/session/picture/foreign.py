"""What other programs write into their pictures, as far as it means something here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guidewidgets.prompt import Prompt
from guidewidgets.session.picture import stealth
from guidewidgets.session.picture.metadata import Metadata
from guidewidgets.session.picture.programs import READERS
from guidewidgets.session.picture.programs.facts import Facts, Sources, as_number, spaced

MAX_PROMPT = 10_000
MAX_STEPS = 1000
MAX_GUIDANCE = 1e4
MAX_MORE = 12
# By what is left of a name without spaces, hyphens, underscores and k-diffusion's k_, "++" spelled out.
SAMPLERS = {
    "ddim": "ddim",
    "ddpm": "ddpm",
    "euler": "euler",
    "eulera": "euler-a",
    "eulerancestral": "euler-a",
    "heun": "heun",
    "dpmpp2m": "dpmpp-2m",
    "lcm": "lcm",
    "tcd": "tcd",
    "edict": "edict",
    "bdia": "bdia",
    "obelm": "obelm",
}
# How noise levels are spaced stands behind the sampler's name in some programs; InvokeAI's k is Karras.
SPACED = re.compile(r"[ _](karras|exponential|trailing|k)$")
LORA = re.compile(r"<(?:lora|lyco|lycoris|hypernet):([^<>]{1,200})>", re.IGNORECASE)
EMBEDDING = re.compile(r"\bembedding:([\w.-]{1,80})")
# (red fox), [red fox], {red fox}, (red:1.2), [red:blue:0.4], 1.2::red::, red++; with a backslash it is a plain bracket
WEIGHTS = re.compile(r"(?<!\\)[(\[{][^()\[\]{}]{1,500}(?<!\\)[)\]}]|-?[\d.]{1,8}::|\w[+-]{2,}(?=\W|$)")


@dataclass(frozen=True, slots=True)
class Foreign:
    """Settings of a picture by another program.

    Attributes:
        producer: its name.
        settings: those of ours that it tells: prompt, negative, steps, guidance, size, sampler. What it doesn't tell,
            or leaves empty, is not there: the user's own stays.
        missing: what cannot be restored, a few words each.
    """

    producer: str
    settings: Mapping[str, Any]
    missing: tuple[str, ...]


def read(found: Metadata, data: bytes = b"") -> Foreign | None:
    """Settings that another program wrote; None where there are none.

    Args:
        found: what the file says beside its pixels.
        data: the file, for programs that hide their text in the pixels; b"": those are not looked at.
    """
    facts = _facts(found.texts) or _facts(stealth.read(data))
    return None if facts is None else _foreign(facts, found.size)


def _facts(texts: Mapping[str, str]) -> Facts | None:
    """What the first program tells; of what it leaves open, what others wrote beside it."""
    sources = Sources(texts)
    told = [facts for reader in READERS if (facts := reader(sources)) is not None]
    for other in told[1:]:
        told[0].fill(other)
    return told[0] if told else None


def _foreign(facts: Facts, pixels: tuple[int, int]) -> Foreign:
    taking = _Taking(facts)
    taking.take_text("prompt", "the prompt")
    taking.take_text("negative", "a negative prompt")
    taking.take_number("steps", 1, MAX_STEPS)
    taking.take_number("guidance", 0, MAX_GUIDANCE)
    taking.take_sampler()
    taking.take_size(pixels)
    more = list(dict.fromkeys(taking.more + facts.more))
    left = [f"{len(more) - MAX_MORE} things more"] if len(more) > MAX_MORE else []
    seed = "" if facts.seed is None else f" of seed {str(facts.seed)[:24]}"
    missing = (
        *taking.missing,
        *(words[:100] for words in more[:MAX_MORE]),
        *left,
        f"the noise{seed}, which other programs draw in their own way",
        f"the model {str(facts.model)[:80]!r}" if facts.model else "the model (it is not named)",
    )
    return Foreign(facts.producer, taking.settings, missing)


@dataclass(slots=True)
class _Taking:
    """Facts that become settings, or words for what they don't tell."""

    facts: Facts
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    missing: list[str] = field(default_factory=list[str])
    more: list[str] = field(default_factory=list[str])

    def _absent(self, name: str, words: str) -> None:
        self.missing.append(f"{words} ({self.facts.why.get(name, 'it has none')})")

    def take_text(self, name: str, words: str) -> None:
        value = getattr(self.facts, name)
        text = _text(value, self.more) if isinstance(value, str) else ""
        if len(text) > MAX_PROMPT:
            self.missing.append(f"{words} ({len(text):,} characters: at most {MAX_PROMPT:,} are read)")
        elif not text or text == "unknown":  # as a node of ComfyUI writes where it finds none
            self._absent(name, words)
        else:
            self.settings[name] = _prompt(text, self.facts.language) if name == "prompt" else text

    def take_number(self, name: str, least: int, most: float) -> None:
        number = as_number(getattr(self.facts, name))
        if number is None:
            self._absent(name, name)
        elif not least <= number <= most or (name == "steps" and number % 1):
            self.missing.append(f"{name} {number:g}")
        else:
            self.settings[name] = int(number) if name == "steps" else number

    def take_sampler(self) -> None:
        name = self.facts.sampler
        if name is None:
            self._absent("sampler", "the sampler")
            return
        written = str(name)[:40].strip().lower()
        spacing = SPACED.search(written)
        plain = SPACED.sub("", written).removeprefix("k_").replace("++", "pp")
        ours = SAMPLERS.get(re.sub(r"[ _-]", "", plain))
        if ours is None:
            self.missing.append(f"the sampler {str(name)[:40]!r}")
        else:
            self.settings["sampler"] = ours
            self.more += spaced({"k": "karras"}.get(spacing[1], spacing[1]) if spacing else None)

    def take_size(self, pixels: tuple[int, int]) -> None:
        if self.facts.size is not None:
            self.settings["size"] = self.facts.size
        elif self.settings and all(pixels):  # else there is nothing that it would belong to
            why = self.facts.why.get("size", "it is not told")
            self.settings["size"] = pixels
            self.missing.append(
                f"the size it was made in ({why}: {pixels[0]} × {pixels[1]} is the picture's)"
            )


def _text(text: str, more: list[str]) -> str:
    """A prompt's words; what it says beside them is added to `more`."""
    text = text.strip()
    if len(text) > MAX_PROMPT:
        return text
    more += [f"LoRA {name[:60]}" for name in LORA.findall(text)]
    text = " ".join(LORA.sub(" ", text).split())
    more += [f"the embedding {name}" for name in EMBEDDING.findall(text)]
    if WEIGHTS.search(text):
        more.append("weights in brackets, which are read as text")
    return text


def _prompt(text: str, language: str | None) -> Prompt:
    if language is None:
        return Prompt(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of 16:9 as a weight: that is how the picture was made
            return Prompt.parse(text, "a1111" if language == "a1111" else None)
    except ValueError:
        return Prompt(text)
