"""AUTOMATIC1111's web UI, Forge, SD.Next, and all who write as it does: lines of text.

The prompt; "Negative prompt: …"; and a last line "Steps: 20, Sampler: Euler a, CFG scale: 7, …", where a value with
commas is a JSON string. In PNG the text `parameters`, elsewhere the EXIF user comment.
"""

from __future__ import annotations

import json
import re

from guidewidgets.session.picture.programs.facts import Facts, Sources, as_size, spaced

OURS = "guidewidgets"
NAME = "A1111 or a program that writes as it does"
MAX_TEXT = 1 << 20
LINE = re.compile(r"Steps: ?\d")
FACT = re.compile(r'(?:^|(?<=,))\s*+([A-Za-z][\w /-]{0,60}+):\s*+("(?:\\.|[^\\"])*+"|[^,]*+)(?=,|$)')
MORE = (
    "Lora hashes",
    "TI hashes",
    "Hires upscale",
    "ControlNet 0",
    "Clip skip",
    "Refiner",
    "Style Selector Style",
)
NEGATIVE = "Negative prompt:"


def read(sources: Sources) -> Facts | None:
    """Settings; None where the text has no line of steps."""
    text = sources.texts.get("parameters", "")
    return read_text(text)


def read_text(text: str) -> Facts | None:
    """Settings of such a text; the last line that begins with steps counts: a prompt may have one too."""
    if len(text) > MAX_TEXT:
        return (
            Facts(NAME, why={"prompt": f"its text has {len(text):,} characters"})
            if "\nSteps: " in text
            else None
        )
    lines = text.strip().replace("\r\n", "\n").split("\n")
    at = next((i for i in reversed(range(len(lines))) if LINE.match(lines[i])), None)
    if at is None:
        return None
    told: dict[str, str] = {}
    for name, value in FACT.findall(lines[at]):
        told.setdefault(name, unquoted(value.strip()))
    split = next((i for i, line in enumerate(lines[:at]) if line.startswith(NEGATIVE)), at)
    by_us = told.get("Version") == OURS
    strength = told.get("Denoising strength")
    more = [f"{name} {told[name][:60]}" for name in MORE if name in told] + spaced(told.get("Schedule type"))
    if strength and "Hires upscale" not in told and "Hires upscaler" not in told:
        more.append(f"the picture it started from (Denoising strength {strength[:10]})")
    return Facts(
        OURS if by_us else NAME,
        prompt="\n".join(lines[:split]).strip(),
        negative="\n".join(lines[split:at]).removeprefix(NEGATIVE).strip(),
        steps=told.get("Steps"),
        guidance=told.get("CFG scale"),
        sampler=told.get("Sampler"),
        size=as_size(told.get("Size")),
        seed=told.get("Seed"),
        model=told.get("Model") or told.get("Model hash"),
        language="ours" if by_us else "a1111",
        more=more,
        line=told,
    )


def unquoted(value: str) -> str:
    """A value without the quotation marks that hold its commas together."""
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')
