"""NovelAI: PNG texts `Description`, `Software`, `Source` and the JSON `Comment`; in WebP one JSON that holds them."""

from __future__ import annotations

from typing import Any

from guidewidgets.session.picture.programs.facts import Facts, Sources, as_json, as_size, named, spaced

NAME = "NovelAI"


def read(sources: Sources) -> Facts | None:
    """Settings; None where another program wrote."""
    texts = {**sources.texts, **(sources.parameters if "Comment" in sources.parameters else {})}
    about = f"{texts.get('Software')} {texts.get('Source')} {texts.get('Title')}"
    if NAME not in about:
        return None
    data = as_json(texts.get("Comment"))
    facts = Facts(
        NAME,
        data.get("prompt") or texts.get("Description"),
        data.get("uc"),
        data.get("steps"),
        data.get("scale"),
        data.get("sampler"),
        as_size(data.get("width"), data.get("height")),
        data.get("seed"),
        texts.get("Source") or texts.get("Software"),
        more=named(data, "reference_strength_multiple", "controlnet_model", "sm", "cfg_rescale")
        + spaced(data.get("noise_schedule")),
    )
    if not data:
        facts.why["steps"] = "its JSON is absent or damaged"
    if count := sum(_characters(data.get(key)) for key in ("v4_prompt", "v4_negative_prompt")):
        facts.more.append(f"{count} prompts of single characters")
    if data.get("request_type") in ("Img2ImgRequest", "NativeInfillingRequest"):
        facts.more.append("the picture it started from")
    return facts


def _characters(prompt: Any) -> int:
    captions = as_json(as_json(prompt).get("caption")).get("char_captions")
    return (
        sum(bool(as_json(one).get("char_caption")) for one in captions[:100])
        if isinstance(captions, list)
        else 0
    )  # pyright: ignore[reportUnknownVariableType]
