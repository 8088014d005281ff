"""Fooocus: JSON or A1111's lines under `parameters`, by its scheme; RuinedFooocus: JSON of its own names."""

from __future__ import annotations

import re

from guidewidgets.session.picture.programs import a1111
from guidewidgets.session.picture.programs.facts import Facts, Sources, as_size, named, spaced

OWN = {"base_model", "performance", "full_prompt", "adm_guidance", "base_model_name"}
BY_ITSELF = re.compile(r"\bFooocus v?\d")
LORA = re.compile(r"lora_combined_\d{1,2}")


def read(sources: Sources) -> Facts | None:
    """Settings of either scheme; None where another program wrote."""
    data, text = sources.parameters, sources.texts.get("parameters", "")
    if "Fooocus" in str(data.get("version", data.get("software"))) or len(OWN & set(data)) > 1:
        return _json(sources)
    if not data and (sources.texts.get("fooocus_scheme") == "a1111" or BY_ITSELF.search(text[-500:])):
        return _lines(text)
    if sources.broken("parameters") and "Fooocus" in text:
        return Facts("Fooocus", why={"prompt": "its JSON is damaged or too long"})
    return None


def _json(sources: Sources) -> Facts:
    data = sources.parameters
    ruined = data.get("software") == "RuinedFooocus"
    facts = Facts(
        "RuinedFooocus" if ruined else "Fooocus",
        data.get("prompt", data.get("Prompt")),
        data.get("negative_prompt", data.get("Negative")),
        data.get("steps"),
        data.get("guidance_scale", data.get("cfg")),
        data.get("sampler", data.get("sampler_name")),
        as_size(data.get("resolution")) or as_size(data.get("width"), data.get("height")),
        data.get("seed"),
        data.get("base_model", data.get("base_model_name")),
        more=named(data, "styles", "prompt_expansion", "refiner_model", "loras", "sharpness", "freeu")
        + spaced(data.get("scheduler")),
    )
    if not data.get("loras"):
        facts.more += [f"LoRA {str(data[key])[:40]}" for key in list(data)[:200] if LORA.fullmatch(key)]
    return facts


def _lines(text: str) -> Facts | None:
    facts = a1111.read_text(text)
    if facts is None:
        return None
    facts.producer, facts.language = "Fooocus", None
    # The lines begin with all that its styles and its expansion made of the prompt.
    facts.prompt = facts.line.get("Raw prompt", facts.prompt)
    facts.negative = facts.line.get("Raw negative prompt", facts.negative)
    facts.more += named(facts.line, "Styles", "Sharpness", "Lora weights")
    facts.more.append("what its styles add to the prompt")
    return facts
