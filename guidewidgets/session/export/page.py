"""A session as one HTML file, without kernel and network: it walks the lineage, compares pictures and scrubs films."""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from PIL import Image

from guidewidgets.region import Region
from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.lineage import diff, words
from guidewidgets.session.optimisation.filmstrip import PREFIX, film_of
from guidewidgets.session.storage import disk
from guidewidgets.untrusted import SessionFileError

TILE = 128  # pixels; small pictures are enlarged without blurring
MASK = 64
MOST_TEXT = 300
INSPECTOR = """<aside id="inspector" aria-label="Inspector" hidden><h2 id="name"></h2>
<div id="stage"><img class="whole" alt=""><img class="whole" alt="" hidden><canvas hidden></canvas>
<img class="frame" alt="" hidden><img class="overlay" alt="" hidden></div>
<div hidden><input id="scrub" type="range" min="0" max="1" value="1" aria-label="how far the picture is">
<span id="step" class="quiet" role="status"></span></div>
<p id="masked" class="quiet" hidden>light: where it was to look, or to change</p>
<div hidden><input id="slide" type="range" min="0" max="100" value="50" aria-label="how much of which picture"></div>
<div id="modes" class="modes" hidden><button type="button" value="slider">slider</button>
<button type="button" value="side by side">side by side</button>
<button type="button" value="difference">difference</button></div>
<p id="amount" class="quiet" role="status"></p>
<div class="modes"><button type="button" id="compare">compare with …</button>
<button type="button" id="drop" hidden>end comparison</button></div>
<p id="hint" class="quiet" hidden>Now choose the other picture.</p>
<div id="told"></div>
<section hidden><h3>Parents</h3><div id="parents" class="kin"></div></section>
<section hidden><h3>Children</h3><div id="children" class="kin"></div></section>
<p class="quiet">Keys: ← → next, P parent, D child.</p></aside>
"""


@cache
def _asset(name: str) -> str:
    return resources.files("guidewidgets.session.export").joinpath(name).read_text(encoding="utf-8")


def page(title: str, generations: Sequence[Generation], code: str, note: str = "") -> Iterator[str]:
    """The page, piece by piece, so that long sessions need no memory.

    Args:
        title: of the page.
        generations: what it shows, oldest first.
        code: that makes it all again.
        note: a line below the title.
    """
    script = _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Nothing is ever fetched, and no script but ours runs, whatever the prompts say.
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    pictures = sum(map(len, generations))
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_asset('page.css')}</style></head>\n"
        f"<body>\n<h1>{_text(title)}</h1>\n"
        f'<p class="quiet">{_text(note)} {pictures} pictures in {len(generations)} generations: '
        f"click one to see how it came to be.</p>\n"
        f'<div class="modes"><button type="button" id="stars" aria-pressed="false">★ stars and their ancestors</button>'
        f"</div>\n<main><div>\n"
    )
    shown = {c.id: c for generation in generations for c in generation}
    for generation in generations:
        starred = len(generation.starred)
        made = f"{words.called(generation.operator)}, {len(generation)} pictures"
        heading = f"{generation.index}: {made}, {starred} starred"
        yield f'<h2>{_text(heading)}</h2>\n<div class="generation">\n'
        for candidate in generation:
            yield _figure(candidate, shown)
        yield "</div>\n"
    yield (
        f"<details><summary>Code</summary><pre>{_text(code)}</pre></details>\n</div>{INSPECTOR}</main>\n"
        f"<script>{script}</script></body></html>\n"
    )


def _figure(candidate: Candidate, shown: Mapping[int, Candidate]) -> str:
    mark = "star" if candidate.starred else "reject" if candidate.rejected else ""
    try:
        genome, recipe = candidate.genome, candidate.recipe
        picture = base64.b64encode(disk.encode_image(candidate.image)).decode()
        kind = "webp" if max(candidate.image.size) <= disk.WEBP_SIDE else "png"
    except SessionFileError as error:
        return f'<figure id="c{candidate.id}"><figcaption>{candidate.id}: {_text(str(error))}</figcaption></figure>\n'
    prompt = str(genome.prompt)
    parents = [p for p in recipe.parent_ids if p >= 0]
    links = ", ".join(f'<a href="#c{p}">{p}</a>' if p in shown else str(p) for p in parents)
    signs = {"star": " ★", "reject": " ✗", "": ""}[mark]
    label = _text(f"{candidate.id}: {prompt[:200]}")
    operator = _text(words.called(recipe.operator))
    origin = f"{operator}{' of ' + links if links else ''}"
    said = f"<br><b>{_text(candidate.marks.said)}</b>" if candidate.marks.said else ""
    known = " ".join(str(p) for p in dict.fromkeys(parents) if p in shown)
    return (
        f'<figure id="c{candidate.id}" class="{mark}" data-number="{candidate.id}" data-parents="{known}"'
        f' data-operator="{operator}"><button type="button">'
        f'<img alt="{label}" src="data:image/{kind};base64,{picture}" width="{TILE}" height="{TILE}"></button>'
        f"<figcaption>{candidate.id}{signs} {origin}<br>{_text(prompt[:200])}{said}</figcaption>"
        f'<div class="more">{_film(candidate, label)}{_mask(recipe.parameters, label)}{_told(candidate, shown)}</div>'
        f"</figure>\n"
    )


def _film(candidate: Candidate, label: str) -> str:
    source = film_of(candidate.recipe.parameters)
    if source is None and (kept := candidate.film) is not None:
        source = PREFIX + base64.b64encode(kept).decode()
    return "" if source is None else f'<img class="film" alt="{label}, step by step" src="{source}">'


def _mask(parameters: Mapping[str, Any], label: str) -> str:
    """The region that the recipe speaks of, if it speaks of one: what was mutated, or painted to be looked at."""
    for name in ("region", "saliency", "attend"):
        told = parameters.get(name)
        told = told.get("region", told) if isinstance(told, Mapping) else None
        if told is None:
            continue
        try:
            mask = Region.from_json(told).mask(MASK, MASK)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            continue
        light = mask.astype(np.uint8) * 255
        overlay = Image.fromarray(np.dstack([light, 255 - light // 2]), "LA")
        held = io.BytesIO()
        overlay.save(held, "PNG")
        data = base64.b64encode(held.getvalue()).decode()
        return f'<img class="mask" alt="{label}, {name}" src="data:image/png;base64,{data}">'
    return ""


def _told(candidate: Candidate, shown: Mapping[int, Candidate]) -> str:
    genome, recipe = candidate.genome, candidate.recipe
    facts = f"{genome.steps} steps, guidance {genome.guidance:g}, {genome.sampler}, seed {recipe.seed}"
    parts = [f"<p>{_text(str(genome.prompt)[: 10 * MOST_TEXT])}</p>", f'<p class="quiet">{_text(facts)}</p>']
    if noise := words.noise(candidate, shown.__getitem__):
        parts.append(f"<p>{_text(noise)}</p>")
    for number in list(dict.fromkeys(recipe.parent_ids))[:8]:
        if number not in shown:
            continue
        try:
            found = diff.between(shown[number], candidate)
        except SessionFileError:
            continue
        tags = {"same": "span", "gone": "del", "new": "ins"}
        prompt = "".join(f"<{tags[kind]}>{_text(text)}</{tags[kind]}>" for kind, text in found.prompt)
        settings = "; ".join(
            f"{_text(name)} <del>{_text(_short(one))}</del> <ins>{_text(_short(other))}</ins>"
            for name, (one, other) in found.settings.items()
        )
        told = "; ".join(filter(None, (prompt, settings))) or "the same words and settings"
        parts.append(f"<p>From {number}: {told}</p>")
    return f'<div class="told">{"".join(parts)}</div>'


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:MOST_TEXT]


def _text(text: str) -> str:
    return html.escape(text, quote=True)
