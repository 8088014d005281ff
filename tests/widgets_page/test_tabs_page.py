"""The workbench's tabs in a page, with a real session behind them."""

from __future__ import annotations

from bridge import settled
from test_accessibility import violations


def test_from_an_empty_lineage_to_pictures_in_every_tab(bridge, page):
    room = "document.querySelector('.gw-room:not([hidden]) .gw-root')"
    page.set_viewport_size({"width": 400, "height": 800})
    tabs = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.gw-tabs'))"
    assert page.evaluate(tabs) <= 0  # the last is not cut
    tall = "document.querySelector('.gw-workbench > .gw-panel-body').offsetHeight"
    settled(page)
    grid = min(page.evaluate(tall), 800)
    assert grid > 400
    page.focus(".gw-generate")
    page.keyboard.press("t")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    bridge.until(f"{room}?.dataset.state === 'live'")
    page.click(".gw-room:not([hidden]) .gw-make")
    bridge.until(f"{room}.dataset.nodes === '12'")
    for kind in ("composer", "saliency", "monitor", "taste"):
        page.click(f".gw-tab[data-tab={kind}]")
        bridge.until(f"{room}.classList.contains('gw-{kind}') && {room}.dataset.state === 'live'")
        settled(page)
        assert violations(page) == []
        wide = page.evaluate("document.querySelector('.gw-root').scrollWidth - innerWidth")
        assert wide <= 0, kind
        assert page.evaluate(tall) >= grid, kind  # from tab to tab nothing below moves up
    page.click(".gw-tab[data-tab=grid]")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 12")


def test_what_the_composer_keeps_is_a_click_away(bridge, page, session):
    session.sample(2).wait(120)
    page.click(".gw-tab[data-tab=composer]")
    bridge.until("document.querySelector('.gw-composer').dataset.state === 'live'")
    page.click(".gw-composer-keep")
    bridge.until("document.querySelector('.gw-composer-look').textContent.includes('Kept as 2.')")
    settled(page)
    assert violations(page) == []
    bridge.until(lambda: len(session.history) == 2)
    session.sample(2).wait(120)  # the grid is further by now
    bridge.until("document.querySelector('.gw-tile').dataset.slot === '3'")
    page.click(".gw-composer-look .gw-link")
    bridge.until("document.querySelector('.gw-tile[data-final]')?.dataset.slot === '2'")
    assert page.locator(".gw-grid").is_visible()
    assert page.evaluate("document.activeElement.dataset.tab") == "grid"
