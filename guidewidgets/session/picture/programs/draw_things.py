"""Draw Things: an XMP packet with its name, JSON as EXIF user comment, and a description in lines."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from guidewidgets.session.picture.metadata import XMP
from guidewidgets.session.picture.programs import a1111
from guidewidgets.session.picture.programs.facts import Facts, Sources, as_json, as_size, named

NAME = "Draw Things"
MAX_XMP = 1 << 20


def read(sources: Sources) -> Facts | None:
    """Settings; None where another program wrote."""
    packet = sources.texts.get(XMP, "")
    if NAME not in packet[:MAX_XMP]:
        return None
    told = _texts(packet)
    if told.get("CreatorTool", NAME).strip() != NAME:
        return None
    data = as_json(told.get("UserComment", "").strip())
    if not data:
        return _described(told.get("description", ""))
    facts = Facts(
        NAME,
        data.get("c"),
        data.get("uc"),
        data.get("steps"),
        data.get("scale"),
        data.get("sampler"),
        as_size(data.get("size")),
        data.get("seed"),
        data.get("model"),
        more=named(
            {**data, **as_json(data.get("v2"))}, "lora", "loras", "control", "controls", "refinerModel"
        ),
    )
    if (strength := data.get("strength")) not in (None, 1):
        facts.more.append(f"the picture it started from (strength {str(strength)[:10]})")
    return facts


def _texts(packet: str) -> dict[str, str]:
    """Texts of an XMP packet by their names without space; {} where it is no XML, or has a DTD, which may be a bomb."""
    if len(packet) > MAX_XMP or "<!" in packet.replace("<![CDATA[", "").replace("<!--", ""):
        return {}
    try:
        root = ET.fromstring(packet.strip("\0\ufeff \n"))  # noqa: S314 - bounded, and without entities of its own
    except (ET.ParseError, ValueError):
        return {}
    told: dict[str, str] = {}
    for node in root.iter():
        for key, value in node.attrib.items():
            told.setdefault(key.rpartition("}")[2], value)
        name = node.tag.rpartition("}")[2]
        if name in ("CreatorTool", "UserComment", "description"):
            told[name] = "".join(node.itertext()).strip()
    return told


def _described(text: str) -> Facts:
    """Settings of the description: the prompt, the negative after a hyphen, and a line as A1111 has it."""
    lines = re.sub(r"\n-", f"\n{a1111.NEGATIVE} ", text, count=1).replace("Guidance Scale:", "CFG scale:")
    facts = a1111.read_text(lines) or Facts(NAME, why={"prompt": "its texts are absent or damaged"})
    facts.producer, facts.language = NAME, None
    return facts
