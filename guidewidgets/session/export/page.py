"""A session as one HTML file, without kernel and network: it walks the lineage and compares pictures."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Sequence

from guidewidgets.session.candidate import Candidate, Generation
from guidewidgets.session.storage import disk
from guidewidgets.untrusted import SessionFileError

TILE = 128  # pixels; small pictures are enlarged without blurring
STYLE = """
body { margin: 0; padding: 1rem; font: 15px/1.4 system-ui, sans-serif; color: #222; background: #fff; }
h1, h2 { font-weight: 600; font-size: 1.1rem; }
.generation { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0 0 1.2rem; padding: 0; list-style: none; }
figure { margin: 0; width: 132px; padding: 2px; border: 2px solid transparent; border-radius: 6px; font-size: 12px; }
figure.star { border-color: #b8860b; } figure.reject { opacity: .45; } figure:target { outline: 3px solid #06c; }
figure button { padding: 0; border: 0; background: none; cursor: pointer; }
figure [aria-pressed=true] { outline: 3px solid #06c; }
img { display: block; width: 128px; height: 128px; object-fit: contain; image-rendering: pixelated; }
figcaption { overflow-wrap: anywhere; } pre { overflow-x: auto; padding: .6rem; background: #8881; }
#compare { position: sticky; bottom: 0; padding: .5rem; background: inherit; border-top: 1px solid #8888; }
#compare div { position: relative; width: 256px; height: 256px; }
#compare img { position: absolute; width: 256px; height: 256px; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b; } a { color: #8bf; } }
"""
SCRIPT = """
"use strict";
const pane = document.getElementById("compare"), picked = [];
const [under, over] = pane.querySelectorAll("img"), slide = pane.querySelector("input");
const cut = () => { over.style.clipPath = `inset(0 0 0 ${slide.value}%)`; };
slide.addEventListener("input", cut);
document.addEventListener("click", (event) => {
  const button = event.target.closest("figure button");
  if (!button) return;
  const at = picked.indexOf(button);
  if (at >= 0) picked.splice(at, 1); else picked.push(button);
  if (picked.length > 2) picked.shift();
  for (const b of document.querySelectorAll("figure button")) b.ariaPressed = String(picked.includes(b));
  pane.hidden = picked.length < 2;
  if (pane.hidden) return;
  [under, over].forEach((img, i) => {
    const from = picked[i].querySelector("img");
    img.src = from.src;
    img.alt = from.alt;
  });
  pane.querySelector("p").textContent = `${under.alt} | ${over.alt}`;
  cut();
});
"""


def page(title: str, generations: Sequence[Generation], code: str) -> Iterator[str]:
    """The page, piece by piece, so that long sessions need no memory.

    Args:
        title: of the page.
        generations: what it shows, oldest first.
        code: that makes it all again.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    # Nothing is ever fetched, and no script but ours runs, whatever the prompts say.
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"<h1>{_text(title)}</h1>\n<p>Pick two pictures to compare them; numbers lead to parents.</p>\n"
    )
    shown = {c.id for generation in generations for c in generation}
    for generation in generations:
        starred = len(generation.starred)
        heading = f"{generation.index}: {generation.operator}, {len(generation)} pictures, {starred} starred"
        yield f'<h2>{_text(heading)}</h2>\n<div class="generation">\n'
        for candidate in generation:
            yield _figure(candidate, shown)
        yield "</div>\n"
    yield (
        f"<details><summary>Code</summary><pre>{_text(code)}</pre></details>\n"
        '<div id="compare" hidden><p></p><div><img alt=""><img alt=""></div>'
        '<input type="range" min="0" max="100" value="50" aria-label="how much of which picture"></div>\n'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _figure(candidate: Candidate, shown: set[int]) -> str:
    mark = "star" if candidate.starred else "reject" if candidate.rejected else ""
    try:
        genome, recipe = candidate.genome, candidate.recipe
        picture = base64.b64encode(disk.encode_image(candidate.image)).decode()
        kind = "webp" if max(candidate.image.size) <= disk.WEBP_SIDE else "png"
    except SessionFileError as error:
        return f'<figure id="c{candidate.id}"><figcaption>{candidate.id}: {_text(str(error))}</figcaption></figure>\n'
    prompt, settings = (
        str(genome.prompt),
        f"{genome.steps} steps, guidance {genome.guidance:g}, seed {recipe.seed}",
    )
    parents = ", ".join(
        f'<a href="#c{p}">{p}</a>' if p in shown else str(p) for p in recipe.parent_ids if p >= 0
    )
    signs = {"star": " ★", "reject": " ✗", "": ""}[mark]
    label = _text(f"{candidate.id}: {prompt[:200]}")
    origin = f"{_text(recipe.operator)}{' of ' + parents if parents else ''}"
    return (
        f'<figure id="c{candidate.id}" class="{mark}"><button type="button" aria-pressed="false">'
        f'<img alt="{label}" src="data:image/{kind};base64,{picture}" width="{TILE}" height="{TILE}"></button>'
        f'<figcaption title="{_text(settings)}">{candidate.id}{signs} {origin}<br>{_text(prompt[:200])}'
        f"</figcaption></figure>\n"
    )


def _text(text: str) -> str:
    return html.escape(text, quote=True)
