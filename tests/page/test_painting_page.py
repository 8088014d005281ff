"""The page around its pictures: its size, its one file, damaged links, phones and axe."""

from __future__ import annotations

import pytest
from serving import SECONDS

from docs import build_page

pytestmark = pytest.mark.slow


def test_what_is_fetched_and_the_one_file_are_small_enough(built):
    sizes = {
        path.name: path.stat().st_size for path in built.rglob("*") if path.is_file()
    }  # with both runtimes
    assert sizes.pop("paint-offline.html") < 40e6
    assert sum(sizes.values()) < 30e6


def test_the_one_file_paints_without_a_server(chromium, built):
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    errors, asked = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto((built / "paint-offline.html").as_uri())
    page.wait_for_selector(".tile:not(.under-way)")
    assert page.evaluate("sessionStorage.length") == 1  # the sets, over a reload
    context.close()
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []


DAMAGED = {
    "#p=a+fox&g=5&n=1.2~3.4.7": "cannot be read",
    "#p=a+fox&g=5&n=1.2.0": "cannot be read",
    "#p=a+fox&g=99&n=1.2": "guidance",
    f"#p={'x' * 3000}&g=5&n=1.2": "too long",
    "#p=a+fox&g=5&n=" + "~".join(["1.2"] * 301): "ancestors",
}


def test_damaged_links_are_refused_in_one_line(visit):
    page = visit()
    for fragment, said in DAMAGED.items():
        page.evaluate("fragment => { location.hash = fragment }", fragment)
        page.wait_for_selector(f".trouble >> text={said}")
        page.evaluate("location.hash = 'p=a+fox&g=5&n=1.2'")
        page.wait_for_selector(".trouble", state="hidden")


def test_words_of_a_link_are_text(visit):
    page = visit("#p=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+a+fox&g=5&n=1.2~3.4.0,0")
    assert page.input_value("#prompt") == "<img src=x onerror=alert(1)> a fox"
    assert page.locator("img:not(.film img)").count() == 0
    assert "img" in page.text_content(".said")  # named as a word that the model has never read


def test_a_phone_shows_it_without_scrolling_sideways(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    page.evaluate("document.querySelectorAll('.try, .try details').forEach((fold) => { fold.open = true; })")
    page.click(".star")
    for key in "nc":  # a second set, and the first beside it
        page.keyboard.press(key)
    page.wait_for_selector(".boards.two button.named")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    small = page.evaluate("""[...document.querySelectorAll("button")].filter((b) => b.offsetParent &&
      Math.min(b.getBoundingClientRect().width, b.getBoundingClientRect().height) < 24).length""")
    assert small == 0


def test_axe_finds_nothing_by_day_or_by_night(visit):
    page = visit(bypass_csp=True)
    page.click(".try summary")
    for label in ("twelve foxes", "the very same again"):  # a second set, and the first beside it
        page.click(f".try li button >> text={label}")
    assert page.locator(".boards.two .tiles").count() == 2
    page.click("button.picture")
    page.wait_for_selector(".body:not(.stale):not([hidden])")
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    page.click(".star")
    page.wait_for_selector(".favourites .face")
    page.fill("#prompt", "a fox AND")
    page.add_script_tag(path=build_page.ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > 20
        assert [(v["id"], [n["html"][:90] for n in v["nodes"]]) for v in found["violations"]] == []
