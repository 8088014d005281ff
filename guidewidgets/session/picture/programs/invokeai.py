"""InvokeAI: a command line (`Dream`, version 1 and 2), `sd-metadata` (2), `invokeai_metadata` (3 to 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from guidewidgets.session.picture.programs.facts import Facts, Sources, as_json, as_size, named

COMMAND = re.compile(r'\s*(?:"((?:\\.|[^"\\])*+)"|(.*?)(?=\s-\w\b|$))(.*)', re.DOTALL)
OPTION = re.compile(r"\s-([A-Za-z])\s*([^\s-]\S*)")
UNWANTED = re.compile(r"\[([^\[\]]*)\]")
MAX_COMMAND = 20_000
KEY = "invokeai_metadata"


def read(sources: Sources) -> Facts | None:
    """Settings, of whichever version; None where there are none."""
    if data := sources.json(KEY):
        return _nodes(data)
    if data := sources.json("sd-metadata"):
        return _older(data)
    if "Dream" in sources.texts:
        return _command(sources.texts["Dream"])
    if sources.broken(KEY) or sources.broken("sd-metadata"):
        return Facts("InvokeAI", why={"prompt": "its JSON is damaged or too long"})
    return None


def _nodes(data: Mapping[str, Any]) -> Facts:
    model = data.get("model")
    kept = as_json(model)
    guidance = data.get("cfg_scale")
    if str(kept.get("base")).startswith("flux") and data.get("guidance") is not None:
        guidance = data["guidance"]  # distilled: cfg_scale is 1
    facts = Facts(
        "InvokeAI",
        data.get("positive_prompt"),
        data.get("negative_prompt"),
        data.get("steps"),
        guidance,
        data.get("scheduler"),
        as_size(data.get("width"), data.get("height")),
        data.get("seed"),
        kept.get("name", kept.get("model_name", model if isinstance(model, str) else None)),
    )
    loras = data.get("loras")
    for one in loras[:5] if isinstance(loras, list) else ():  # pyright: ignore[reportUnknownVariableType]
        about = as_json(as_json(one).get("model", as_json(one).get("lora")))
        facts.more.append(f"LoRA {str(about.get('name', about.get('model_name')))[:60]}")
    kinds = ("controlnets", "ipAdapters", "t2iAdapters", "control_layers", "ref_images", "regions")
    facts.more += [key for key in kinds if data.get(key)]
    facts.more += named(
        data, "positive_style_prompt", "negative_style_prompt", "refiner_model", "hrf_enabled"
    )
    mode = str(data.get("generation_mode", "txt2img"))
    if "txt2img" not in mode:
        facts.more.append(f"the picture it started from ({mode[:30]})")
    return facts


def _older(data: Mapping[str, Any]) -> Facts:
    image = as_json(data.get("image"))
    parts = image.get("prompt")
    texts = [as_json(part).get("prompt") for part in parts[:50]] if isinstance(parts, list) else [parts]  # pyright: ignore[reportUnknownVariableType]
    facts = Facts(
        "InvokeAI",
        steps=image.get("steps"),
        guidance=image.get("cfg_scale"),
        sampler=image.get("sampler"),
        size=as_size(image.get("width"), image.get("height")),
        seed=image.get("seed"),
        model=data.get("model_weights") or data.get("model"),
    )
    facts.more = named(image, "postprocessing", "variations", "hires_fix", "init_image_path")
    _split(facts, ", ".join(text for text in texts if isinstance(text, str)))
    if len(texts) > 1:
        facts.more.append("weights of the prompt's parts, which are joined")
    return facts


def _command(text: str) -> Facts:
    match = COMMAND.match(text) if len(text) < MAX_COMMAND else None
    quoted, bare, rest = match.groups("") if match else ("", "", "")
    options = dict(OPTION.findall(rest))
    facts = Facts(
        "InvokeAI",
        steps=options.get("s"),
        guidance=options.get("C"),
        sampler=options.get("A"),
        size=as_size(options.get("W"), options.get("H")),
        seed=options.get("S"),
    )
    facts.more = [f"-{key} {options[key][:40]}" for key in "IfVG" if key in options]
    _split(facts, (quoted or bare or "").replace('\\"', '"'))
    return facts


def _split(facts: Facts, text: str) -> None:
    """Words in square brackets are those that are not wanted."""
    facts.negative = ", ".join(part.strip(" ,") for part in UNWANTED.findall(text))
    facts.prompt = " ".join(UNWANTED.sub(" ", text).split()).strip(" ,")
