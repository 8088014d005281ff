"""SwarmUI: JSON with `sui_image_params`, in PNG under `parameters`, elsewhere the EXIF user comment."""

from __future__ import annotations

from guidewidgets.session.picture.programs.facts import Facts, Sources, as_json, as_size, named, spaced

KEY = "sui_image_params"
MORE = (
    "loras", "controlnetmodel", "refinermodel", "refinerupscale", "initimagecreativity", "variationseed",
    "promptimages", "clipstopatlayer",
)  # fmt: skip


def read(sources: Sources) -> Facts | None:
    """Settings; any may be missing, and numbers may be texts."""
    data = as_json(sources.parameters.get(KEY))
    if not data:
        cut = sources.broken("parameters") and KEY in sources.texts["parameters"]
        return Facts("SwarmUI", why={"prompt": "its JSON is damaged or too long"}) if cut else None
    return Facts(
        "SwarmUI",
        data.get("prompt"),
        data.get("negativeprompt"),
        data.get("steps"),
        data.get("fluxguidancescale", data.get("cfgscale")),
        data.get("sampler"),
        as_size(data.get("width"), data.get("height")),
        data.get("seed"),
        data.get("model"),
        more=named(data, *MORE) + spaced(data.get("scheduler")),
    )
