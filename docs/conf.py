"""The documentation as a site: `make docs`. Nothing in it comes from elsewhere: no fonts, scripts or pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.writers.text import TextTranslator

import guidewidgets as gw

HERE = Path(__file__).parent
project = "guidewidgets"
copyright = "the guidewidgets authors"  # noqa: A001 - Sphinx's name
version = release = gw.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["page/**", "_build/**"]
html_theme = "furo"
html_title = "guidewidgets"
html_copy_source = False  # every page is there as it was written: see `plain`
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_theme_options = {"source_edit_link": "", "navigation_with_keys": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_rtype = False
python_use_unqualified_type_names = True
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository, which are checked by tests/docs

LLMS = """# guidewidgets

> A Python package for people in a notebook who steer image generation by hand: star, cross, mutate, optimise and
> compose diffusion latents. Every page below is Markdown.
"""
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)")
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```\n\n?", re.DOTALL | re.MULTILINE)
SPELLED = ("api",)
INCLUDE = re.compile(r'^```\{include\} (\S+)\n:start-after: "(.*)"\n:end-before: "(.*)"\n```\n', re.MULTILINE)


def mathml(translator: Any, node: nodes.math | nodes.math_block) -> None:
    """TeX as MathML, which browsers draw by themselves."""
    block = isinstance(node, nodes.math_block)
    tree = latex2mathml.tex2mathml(node.astext(), as_block=block)
    translator.body.append(f'<div class="math">{tree}</div>' if block else tree)
    raise nodes.SkipNode


def restructured(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Our docstrings as reStructuredText: indented examples as code, results by their names."""
    found: list[str] = []
    section = ""
    for line in lines:
        section = line.strip() if re.fullmatch(r"[A-Z]\w+:", line) else section
        code = not section and line.startswith("    ")
        if code and found and not found[-1]:
            before = next((old for old in reversed(found) if old), "")
            found += [] if before.startswith("    ") or before == "::" else ["::", ""]
        text = line if code else line.replace("|", r"\|")
        if section == "Returns:" and line.startswith("    "):
            named = re.fullmatch(r" {4}(\w+): (.*)", text)
            found += [""] * bool(named)
            text = f"    *{named[1]}*, {named[2]}" if named else f"    {text.strip()}"
        found.append(text)
    lines[:] = found


def signature(
    _app: Sphinx,
    _what: str,
    _name: str,
    _object: object,
    _options: object,
    given: str | None,
    returned: str | None,
) -> tuple[str | None, str | None] | None:
    """A default of `...` as it is written; the page says once what it means."""
    return (given.replace("= Ellipsis", "= ..."), returned) if given else None


def written(env: BuildEnvironment, name: str) -> str:
    """A page as the Markdown that it was written in, its links to pictures and files as they lie in the site."""
    source = HERE / f"{name}.md"
    rooms = (("_images", env.images), ("_downloads", env.dlfiles))
    lying = {
        (HERE / path).resolve(): f"{to}/{file}" for to, known in rooms for path, (_, file) in known.items()
    }

    def included(found: re.Match[str]) -> str:
        path, start, end = found.groups()
        text = (source.parent / path).read_text(encoding="utf-8")
        return text.partition(start)[2].partition(end)[0].strip() + "\n"

    def moved(found: re.Match[str]) -> str:
        file = lying.get((source.parent / found[1]).resolve())
        return "../" * name.count("/") + file if file else found[1]

    text = INCLUDE.sub(included, source.read_text(encoding="utf-8"))
    return LINK.sub(moved, TOCTREE.sub("", text))


def spelled(app: Sphinx, name: str) -> str:
    """A page that is made of docstrings, as text."""
    page = app.env.get_and_resolve_doctree(name, app.builder, tags=app.tags)
    page.walkabout(translator := TextTranslator(page, cast("Any", app.builder)))
    return translator.body


def lead(doctree: nodes.document) -> str:
    """The first sentence of a page."""
    first = next(p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    return re.split(r"(?<=[.?!]) ", first.astext().replace("\n", " "))[0].rstrip(":")


def plain(app: Sphinx, error: Exception | None) -> None:
    """Every page also as the Markdown that it was written in, and a list of all for language models."""
    if error is not None or app.builder.format != "html":
        return
    lines = [LLMS]
    contents = TOCTREE.findall((HERE / "index.md").read_text(encoding="utf-8"))
    for group in ["index", *contents]:
        caption = re.search(r"^:caption: (.*)$", group, re.MULTILINE)
        lines.append(f"\n## {caption[1]}\n\n" if caption else "\n")
        for name in re.findall(r"^[a-z][\w/-]*$", group, re.MULTILINE):
            target = Path(app.outdir) / f"{name}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            text = spelled(app, name) if name in SPELLED else written(app.env, name)
            target.write_text(text, encoding="utf-8")
            said = lead(app.env.get_doctree(name))
            lines.append(f"- [{app.env.titles[name].astext()}]({name}.md): {said}\n")
    (Path(app.outdir) / "llms.txt").write_text("".join(lines), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Add what Sphinx lacks."""
    app.add_html_math_renderer("mathml", (mathml, None), (mathml, None))
    app.connect("autodoc-process-docstring", restructured, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", signature)
    app.connect("build-finished", plain)
