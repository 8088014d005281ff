"""What other programs write into their pictures, as far as it means something here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guidewidgets.prompt import Prompt
from guidewidgets.session.picture.chunks import Metadata
from guidewidgets.untrusted import SessionFileError, parse_json

OURS = "guidewidgets"
MAX_TEXT = 1 << 20
MAX_PROMPT = 10_000
MAX_STEPS = 1000
MAX_HOPS = 20
FACT = re.compile(r"\s*([A-Za-z][\w /-]{0,40}):\s*(\"(?:\\.|[^\\\"]){0,2000}\"|[^,]{0,2000})(?:,|$)")
SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
SAMPLERS = {"ddim": "ddim", "edict": "edict", "bdia": "bdia", "obelm": "obelm"}


@dataclass(frozen=True, slots=True)
class Foreign:
    """Settings of a picture by another program.

    Attributes:
        producer: its name.
        settings: those of ours that it tells: prompt, negative, steps, guidance, size, sampler.
        missing: what cannot be restored, each a few words.
    """

    producer: str
    settings: Mapping[str, Any]
    missing: tuple[str, ...]


def read(found: Metadata) -> Foreign | None:
    """Settings that A1111, ComfyUI or InvokeAI wrote; None where there are none."""
    texts = found.texts
    try:
        if "invokeai_metadata" in texts:
            return _invoke(parse_json(texts["invokeai_metadata"], "its metadata", MAX_TEXT), found.size)
        if "prompt" in texts and texts["prompt"].lstrip().startswith("{"):
            return _comfy(parse_json(texts["prompt"], "its graph", MAX_TEXT), found.size)
    except SessionFileError:
        return None
    if "parameters" in texts:
        return _a1111(texts["parameters"][:MAX_TEXT], found.size)
    return None


def _a1111(text: str, size: tuple[int, int]) -> Foreign | None:
    lines = text.strip().split("\n")
    at = next((i for i, line in enumerate(lines) if re.match(r"Steps: ?\d", line)), None)
    if at is None:
        return None
    facts = {name.strip(): value.strip('" ') for name, value in FACT.findall(lines[at][:20_000])}
    split = next((i for i, line in enumerate(lines[:at]) if line.startswith("Negative prompt:")), at)
    claimed = SIZE.fullmatch(facts.get("Size", ""))
    return _foreign(
        OURS if facts.get("Version") == OURS else "A1111 or a program that writes as it does",
        prompt="\n".join(lines[:split]),
        negative="\n".join(lines[split:at]).removeprefix("Negative prompt:").strip(),
        steps=facts.get("Steps"),
        guidance=facts.get("CFG scale"),
        sampler=facts.get("Sampler"),
        size=(int(claimed[1]), int(claimed[2])) if claimed else size,
        seed=facts.get("Seed"),
        model=facts.get("Model") or facts.get("Model hash"),
        more=[
            name for name in ("Lora hashes", "Hires upscale", "ControlNet 0", "Clip skip") if name in facts
        ],
    )


def _comfy(graph: Mapping[str, Any], size: tuple[int, int]) -> Foreign | None:
    nodes = {key: node for key, node in graph.items() if isinstance(node, dict)}
    sampler = next(
        (n for n in nodes.values() if "Sampler" in str(n.get("class_type")) and "positive" in _inputs(n)),
        None,
    )
    if sampler is None:
        return None
    inputs = _inputs(sampler)
    others = [str(n.get("class_type")) for n in nodes.values()]
    loaders = [_inputs(n).get("ckpt_name") for n in nodes.values()]
    return _foreign(
        "ComfyUI",
        prompt=_text_behind(nodes, inputs.get("positive")),
        negative=_text_behind(nodes, inputs.get("negative")),
        steps=inputs.get("steps"),
        guidance=inputs.get("cfg"),
        sampler=inputs.get("sampler_name"),
        size=size,
        seed=inputs.get("seed", inputs.get("noise_seed")),
        model=next((name for name in loaders if isinstance(name, str)), None),
        more=[kind for kind in others if "Lora" in kind or "ControlNet" in kind],
    )


def _inputs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    inputs = node.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def _text_behind(nodes: Mapping[str, Any], link: Any) -> str:
    """The text that reaches an input of a graph; the graph is a stranger's, so the walk is bounded."""
    for _ in range(MAX_HOPS):
        if isinstance(link, str):
            return link
        if not isinstance(link, list) or not link or not isinstance(link[0], str) or link[0] not in nodes:
            return ""
        inputs = _inputs(nodes[link[0]])
        link = next(
            (
                inputs[k]
                for k in ("text", "text_g", "conditioning", "conditioning_1", "value", "string")
                if k in inputs
            ),
            None,
        )
    return ""


def _invoke(data: Mapping[str, Any], size: tuple[int, int]) -> Foreign:
    model = data.get("model")
    name = model.get("name", model.get("model_name")) if isinstance(model, dict) else model
    return _foreign(
        "InvokeAI",
        prompt=data.get("positive_prompt"),
        negative=data.get("negative_prompt"),
        steps=data.get("steps"),
        guidance=data.get("cfg_scale"),
        sampler=data.get("scheduler"),
        size=size,
        seed=data.get("seed"),
        model=name,
        more=[key for key in ("loras", "controlnets", "ipAdapters") if data.get(key)],
    )


def _foreign(
    producer: str,
    *,
    prompt: Any,
    negative: Any,
    steps: Any,
    guidance: Any,
    sampler: Any,
    size: tuple[int, int],
    seed: Any,
    model: Any,
    more: list[str],
) -> Foreign:
    # Whoever writes as A1111 does reads AND and weights as it does; our own prompts are in our own language.
    compat = "a1111" if producer.startswith("A1111") else None
    settings: dict[str, Any] = {"prompt": _prompt(prompt, compat), "size": size}
    missing = [f"the noise of seed {str(seed)[:24]}, which other programs draw in their own way"]
    if isinstance(negative, str) and negative.strip():
        settings["negative"] = negative.strip()[:MAX_PROMPT]
    for name, value, most in (("steps", steps, MAX_STEPS), ("guidance", guidance, 1e4)):
        number = _number(value)
        if number is not None and 0 < number <= most:
            settings[name] = int(number) if name == "steps" else number
        else:
            missing.append(name)
    known = SAMPLERS.get(str(sampler).lower())
    if known is None:
        missing.append(f"the sampler {str(sampler)[:40]!r}")
    else:
        settings["sampler"] = known
    missing.append(f"the model {str(model)[:80]!r}")
    if re.search(r"\([^()]*:\s*[\d.]+\)|\[[^\[\]]*:", str(prompt)[:MAX_PROMPT]):
        missing.append("weights in brackets, which are read as text")
    return Foreign(producer, settings, (*missing, *(f"{name[:40]}" for name in more[:10])))


def _prompt(text: Any, compat: str | None) -> Prompt:
    text = text[:MAX_PROMPT] if isinstance(text, str) else ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of 16:9 as a weight: that is how the picture was made
            return Prompt.parse(text, compat)
    except ValueError:
        return Prompt(text)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
