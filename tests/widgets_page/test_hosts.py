"""The page in hosts with rules and widths of their own: they move and enlarge nothing."""

from __future__ import annotations

import pytest
from bridge import settled


@pytest.mark.parametrize("width", [320, 700, 1200])
def test_fits_every_width(page, show, width):
    page.set_viewport_size({"width": width, "height": 800})
    show(12)
    page.evaluate("() => { document.querySelector('#out').style.padding = 0 }")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    columns = page.get_attribute(".gw-grid", "aria-colcount")
    assert columns == {320: "3", 700: "4", 1200: "6"}[width]


# What JupyterLab 4.6 says of plain elements in the output of a cell.
JUPYTERLAB = """
.jp-OutputArea-output dl, .jp-OutputArea-output dt, .jp-OutputArea-output dd { display: block; }
.jp-OutputArea-output dl { width: 100%; overflow: hidden; padding: 0; margin: 0; }
.jp-OutputArea-output dt { font-weight: bold; float: left; width: 20%; padding: 0; margin: 0; }
.jp-OutputArea-output dd { float: left; width: 80%; padding: 0; margin: 0; }
.jp-OutputArea-output pre { border: none; margin: 0; padding: 0; overflow-x: auto; word-break: break-all; }
"""


@pytest.mark.parametrize("first", [True, False])
def test_the_hosts_rules_for_plain_elements_are_not_ours(page, show, first):
    page.add_style_tag(content=JUPYTERLAB)
    if first:  # the last of equals wins: no order may matter
        page.evaluate("() => document.head.prepend(document.head.lastElementChild)")
    page.evaluate("() => { document.querySelector('#out').className = 'jp-OutputArea-output' }")
    show(3)
    page.click(".gw-help")
    settled(page)
    boxes = page.evaluate("""() => [...document.querySelectorAll('.gw-keys dl > div')].map((row) => {
      const [term, meaning] = [...row.children].map((el) => el.getBoundingClientRect());
      return [term.width, term.right <= meaning.left, meaning.width, getComputedStyle(row.firstChild).float];
    })""")
    assert len(boxes) > 15
    assert all(term >= 100 and beside and room >= 200 for term, beside, room, _ in boxes)
    assert {floats for *_, floats in boxes} == {"none"}
    breaks = "() => getComputedStyle(document.querySelector('.gw-code-text')).wordBreak"
    assert page.evaluate(breaks) == "normal"


def test_a_host_that_resets_margins_and_images_moves_nothing(page, show):
    """As marimo does, by Tailwind."""
    page.add_style_tag(
        content="* { margin: 0; padding: 0 } img { display: block; max-width: 100%; height: auto }"
    )
    page.set_viewport_size({"width": 330, "height": 900})
    show(12, parents=[0, 1, 2])
    settled(page)
    room, crossed = page.evaluate("""() => [".gw-words", ".gw-crossed"].map((name) => {
      const { right, width } = document.querySelector(name).getBoundingClientRect();
      return [right, width];
    })""")
    assert crossed[0] <= room[0] + 1
    assert crossed[1] >= 3 * 28
    page.click(".gw-help")
    settled(page)
    left, right = page.evaluate("""() => {
      const { left, right } = document.querySelector(".gw-keys").getBoundingClientRect();
      return [left, innerWidth - right];
    }""")
    assert left == pytest.approx(right, abs=1)
    assert left > 5


@pytest.mark.parametrize(
    ("n", "w", "h"), [(1, 64, 64), (2, 512, 512), (3, 512, 768), (2, 768, 256), (12, 64, 64)]
)
def test_no_tile_is_larger_than_256_pixels_however_few_there_are(page, show, n, w, h):
    page.set_viewport_size({"width": 1440, "height": 900})
    show(n, w, h)
    settled(page)
    boxes = page.evaluate("""() => [...document.querySelectorAll('.gw-frame')].map((el) => {
      const box = el.getBoundingClientRect();
      return [box.width, box.height, box.left - el.closest('.gw-grid').getBoundingClientRect().left];
    })""")
    assert all(max(width, height) <= 256.5 for width, height, _ in boxes)
    assert max(boxes[0][:2]) >= 180  # and not too small to judge
    assert boxes[0][2] < 1  # at the left
    assert all(abs(width / height - w / h) < 0.02 * w / h for width, height, _ in boxes)
