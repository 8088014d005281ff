"""How the page behaves: room is kept, keys work, themes are legible, nothing leaks out of the widget."""

from __future__ import annotations

import pytest
from bridge import settled

BOXES = "() => [...document.querySelectorAll('.gw-root, .gw-tile')].map(e => JSON.stringify(e.getBoundingClientRect()))"


@pytest.mark.parametrize("size", [(64, 64), (96, 64), (512, 768)])
def test_nothing_moves_while_pictures_arrive(page, show, size):
    """The tiles have their place before there is anything in them."""
    show(12, *size, pictures=0)
    settled(page)
    before = page.evaluate(BOXES)
    show(12, *size)
    page.wait_for_function("document.querySelectorAll('.gw-tile[data-final]').length === 12")
    settled(page)
    assert page.evaluate(BOXES) == before
    box = page.evaluate(
        "(({ width, height }) => width / height)(document.querySelector('.gw-frame').getBoundingClientRect())"
    )
    assert box == pytest.approx(size[0] / size[1], rel=0.02)


@pytest.mark.parametrize("width", [760, 400])
def test_a_job_that_starts_or_ends_moves_nothing(page, show, fixture, width):
    page.set_viewport_size({"width": width, "height": 900})
    show(12)
    settled(page)
    before = page.evaluate(BOXES)
    show(12, job=fixture["from_kernel"]["frame"]["job"])
    settled(page)
    assert page.is_visible(".gw-cancel")
    assert page.evaluate(BOXES) == before
    # One row, no part of which is empty for long; and the time that is left can be read.
    assert page.evaluate("document.querySelector('.gw-progress-line').offsetHeight") == 28
    assert (
        page.evaluate(
            "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.gw-figures'))"
        )
        <= 0
    )


def test_the_keyboard_alone_does_everything(page, show):
    show(12)
    page.focus(".gw-prompt")
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.className"))
        if "gw-tile" in seen[-1]:
            break
    assert sum("gw-tile" in name for name in seen) == 1  # one tab stop
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.get_attribute(".gw-tile >> nth=1", "aria-selected") == "true"
    page.keyboard.press("Enter")
    assert page.is_visible("dialog.gw-lightbox")
    smooth = "name => getComputedStyle(document.querySelector(name)).imageRendering"
    assert page.evaluate(smooth, ".gw-full") == page.evaluate(smooth, ".gw-img") == "auto"  # no hard blocks
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.get_attribute(".gw-tile >> nth=2", "aria-selected") == "true"
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.gw-lightbox")
    assert "gw-tile" in page.evaluate("document.activeElement.className")  # the focus comes back
    page.set_viewport_size({"width": 760, "height": 420})
    page.keyboard.press("?")
    assert page.is_visible("dialog.gw-keys")
    for where in ("0", "1e6"):  # where it is cut it fades, and its heading stays
        seen = page.evaluate(f"""() => {{
          const sheet = document.querySelector('.gw-keys');
          sheet.scrollTop = {where};
          const [box, head] = [sheet, sheet.firstChild].map((el) => el.getBoundingClientRect());
          const {{ bottom, backgroundImage }} = getComputedStyle(sheet, '::after');
          return [head.top - box.top <= 2, bottom, backgroundImage.split('(')[0], sheet.scrollTop > 0];
        }}""")
        assert seen == [True, "0px", "linear-gradient", where != "0"]
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.gw-keys")


def test_the_first_pictures_take_the_keyboard_from_the_button_that_asked_for_them(page, show):
    show(0)
    page.focus(".gw-make >> visible=true")
    show(12)
    assert "gw-tile" in page.evaluate("document.activeElement.className")


def test_the_focus_is_visible(page, show):
    show(12)
    page.focus(".gw-prompt")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
    assert outline == "solid"
    assert shadow != "none"


CONTRAST = """() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const background = (el) => {
    for (let e = el; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const el of document.querySelectorAll('.gw-root *')) {
    const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const value = el.matches('input, textarea');
    if (!(own || value) || !el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (el.closest('[aria-disabled=true], .gw-voice, .gw-ink')) continue;
    const [a, b] = [luminance(parse(getComputedStyle(el).color).slice(0, 3)), luminance(background(el))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push([el.className, ratio.toFixed(2)]);
  }
  return bad;
}"""

MARKERS = {
    "light": "() => {}",
    "JupyterLab": "() => { document.body.dataset.jpThemeLight = 'false' }",
    "VS Code": "() => { document.body.dataset.vscodeThemeKind = 'vscode-dark' }",
    "Colab": "() => { document.documentElement.setAttribute('theme', 'dark') }",
    "marimo": "() => { document.body.classList.add('dark') }",
}


@pytest.mark.parametrize("host", MARKERS)
def test_text_is_legible_in_every_theme(page, show, host, fixture):
    show(12, parents=[1], can_undo=True, can_redo=True, job=fixture["from_kernel"]["frame"]["job"])
    page.evaluate(MARKERS[host])
    page.click(".gw-tile")
    req = page.evaluate("host.model.sent.at(-1).req")
    failure = {"message": "no candidate 0", "detail": "Traceback"}
    page.evaluate("c => host.deliver(c, [])", {"kind": "reply", "req": req, "ok": False, "error": failure})
    page.fill(".gw-prompt", "a fox AND")
    page.keyboard.press("Enter")
    req = page.evaluate("host.model.sent.at(-1).req")
    place = {"line": 1, "column": 10, "hint": "name one"}
    page.evaluate(
        "c => host.deliver(c, [])", {"kind": "reply", "req": req, "ok": False, "error": failure | place}
    )
    settled(page)
    assert page.evaluate(CONTRAST) == []
    dark = page.evaluate("getComputedStyle(document.querySelector('.gw-root')).colorScheme")
    assert dark == ("light" if host == "light" else "dark")


def test_forced_colours_still_tell_starred_from_not(page, show):
    page.emulate_media(forced_colors="active")
    show(3)
    page.click(".gw-tile >> nth=1")
    widths = page.eval_on_selector_all(
        ".gw-frame", "frames => frames.map(f => getComputedStyle(f).borderTopWidth)"
    )
    assert widths == ["1px", "4px", "1px"]
    tabs = page.eval_on_selector_all(".gw-tab", "all => all.map(t => getComputedStyle(t).outlineStyle)")
    assert [style != "none" for style in tabs] == [True, False, False, False, False, False]


def test_reduced_motion_stands_still(page, show):
    page.emulate_media(reduced_motion="reduce")
    show(3, pictures=0)
    assert page.evaluate("getComputedStyle(document.querySelector('.gw-skeleton')).animationName") == "none"


def test_pictures_come_by_traits_when_no_kernel_answers(page, fixture):
    state = fixture["from_kernel"]["snapshot"]["state"]
    cells = [state["cells"][0] | {"slot": i, "mark": "none"} for i in range(3)]
    tiles = [
        {"slot": i, "w": 64, "h": 64, "media_type": "image/png", "final": True, "exact": True}
        for i in range(3)
    ]
    still = {"state": state | {"cells": cells, "job": None}, "tiles": tiles}
    page.evaluate(
        "still => host.start({ mode: 'workbench', selection: [1], still, tiles: Array(3).fill(host.png(64, 64)) })",
        still,
    )
    page.evaluate("() => host.view()")
    page.wait_for_function("document.querySelectorAll('.gw-tile[data-final]').length === 3")
    page.wait_for_selector(".gw-root[data-state=static]")
    assert not page.is_visible(".gw-generate")
    assert page.get_attribute(".gw-tile >> nth=1", "data-mark") == "star"
    page.click(".gw-tile >> nth=0")  # nobody to tell
    assert page.get_attribute(".gw-tile >> nth=0", "data-mark") == "none"
    page.keyboard.press("Enter")
    assert page.is_visible("dialog.gw-lightbox")
    assert page.locator(".gw-lightbox .gw-star-this").is_visible() is False


def test_letters_stay_inside(page, show):
    page.evaluate(
        "() => { window.heard = []; document.body.addEventListener('keydown', e => heard.push(e.key)) }"
    )
    show(3)
    page.focus(".gw-tile")
    for key in ("b", "a", "1", "x", "z"):
        page.keyboard.press(key)
    page.focus(".gw-prompt")
    page.keyboard.press("b")
    assert page.evaluate("heard") == []


def test_frames_are_acknowledged_after_painting(page, show, fixture):
    show(3, pictures=0)
    frame = fixture["from_kernel"]["frame"]
    tile = frame["tiles"][0] | {"media_type": "image/png", "slot": 1}
    for seq in (1, 2, 3):
        page.evaluate("c => host.deliver(c, [host.png(8, 8)])", frame | {"seq": seq, "tiles": [tile]})
    page.wait_for_function("host.model.sent.filter(m => m.kind === 'ack').length === 3")
    assert page.get_attribute(".gw-tile >> nth=1", "data-phase") == "preview"


def test_a_picture_that_cannot_be_decoded_costs_no_acknowledgement(page, show, fixture):
    show(3, pictures=0)
    frame = fixture["from_kernel"]["frame"] | {"seq": 9}
    tile = frame["tiles"][0] | {"slot": 1}
    page.evaluate("c => host.deliver(c, ['AAAA'])", frame | {"tiles": [tile]})
    page.wait_for_function("host.model.sent.some(m => m.kind === 'ack' && m.seq === 9)")
