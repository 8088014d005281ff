"""What the page may say of a prompt's chips: checked, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from guidewidgets.prompt.chips import Chip
from guidewidgets.region import Region
from guidewidgets.widgets import checks

MOST_CHIPS = 24
MOST_TEXT = 2_000
MOST_WEIGHT = 20.0

_CHIP: Mapping[str, checks.Check] = {
    "text": checks.text(MOST_TEXT),
    "negated": checks.boolean,
    "muted": checks.boolean,
    "solo": checks.boolean,
}


def chips(name: str, value: object) -> tuple[Chip, ...]:
    """A check for a list of chips as `Chip.to_json` writes them."""
    items = cast("list[object]", value) if isinstance(value, list) else None
    if items is None or len(items) > MOST_CHIPS:
        raise checks.ProtocolError(f"{name} must be a list of at most {MOST_CHIPS} concepts")
    return tuple(_chip(f"{name}[{i}]", item) for i, item in enumerate(items))


def _chip(name: str, item: object) -> Chip:
    fields = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    if set(fields) != {"text", "weight", "negated", "region", "steps", "muted", "solo"}:
        raise checks.ProtocolError(f"{name} is no concept")
    plain: dict[str, Any] = {key: check(f"{name}.{key}", fields[key]) for key, check in _CHIP.items()}
    weight, region, steps = fields["weight"], fields["region"], fields["steps"]
    if weight is not None:
        weight = checks.number(-MOST_WEIGHT, MOST_WEIGHT)(f"{name}.weight", weight)
    if region is not None:
        region = Region.from_json(checks.region(f"{name}.region", region))
    if steps is not None:
        pair = cast("list[object]", steps) if isinstance(steps, list) else []
        if len(pair) != 2:
            raise checks.ProtocolError(f"{name}.steps must be two fractions")
        check = checks.number(0, 1)
        steps = check(f"{name}.steps", pair[0]), check(f"{name}.steps", pair[1])
    return Chip(weight=weight, region=region, steps=steps, **plain)
