"""The whole loop with a real session, a real widget and a real page: only the kernel between them is missing."""

from __future__ import annotations

import io

from PIL import Image

IDLE = "document.querySelector('.gw-root').dataset.job === 'idle'"
FINAL = "[...document.querySelectorAll('.gw-tile')].every(t => t.hasAttribute('data-final'))"


def slots(page):
    return page.eval_on_selector_all(".gw-tile", "tiles => tiles.map(t => Number(t.dataset.slot))")


def generated(bridge, n=4):
    bridge.page.fill(".gw-n", str(n))
    bridge.page.click(".gw-generate")
    bridge.until(f"document.querySelectorAll('.gw-tile').length === {n} && {IDLE} && {FINAL}")


def test_generate_star_evolve_undo(bridge, session):
    page = bridge.page
    generated(bridge, 4)
    assert slots(page) == [c.id for c in session.history[0]]
    chosen = [session.history[0][i].id for i in (0, 2, 3)]
    for slot in chosen:
        page.click(f".gw-tile[data-slot='{slot}']")
    bridge.until(lambda: [c.id for c in session.history[0] if c.starred] == chosen)
    page.click(".gw-evolve")
    bridge.until(lambda: len(session.history) == 2)
    assert session.history[1][0].recipe.parent_ids == tuple(chosen)
    bridge.until(f"{IDLE} && {FINAL}")
    named = ", ".join(map(str, chosen))
    assert page.inner_text(".gw-title") == f"Generation 2 of 2 · 4 children of {named}"
    page.click(".gw-undo")
    bridge.until(lambda: slots(page) == [c.id for c in session.history[0]] and page.evaluate(FINAL))
    assert len(session.history) == 1
    page.click(".gw-redo")
    bridge.until(lambda: len(session.history) == 2)


def test_every_tile_sharpens_while_it_is_denoised(bridge, session):
    session.set(steps=1000)  # a page that is slower than the worker gets fewer previews: there are enough
    bridge.until("document.querySelector('.gw-steps').value === '1000'")
    bridge.page.click(".gw-generate")
    bridge.until("document.querySelectorAll('.gw-tile[data-phase=preview]').length === 12")
    bridge.until("[...document.querySelectorAll('.gw-tile')].every(t => Number(t.dataset.painted) >= 3)")
    assert len(session.view().jobs) == 1  # it is still under way
    session.cancel()
    bridge.until(IDLE)
    session.set(steps=3)
    bridge.until("document.querySelector('.gw-steps').value === '3'")
    generated(bridge, 12)
    assert not bridge.page.query_selector(".gw-tile:not([data-phase=done])")


def test_the_saved_picture_is_exact(bridge, session):
    generated(bridge, 2)
    slot = slots(bridge.page)[1]
    source = """async slot => {
      const url = document.querySelector(`.gw-tile[data-slot="${slot}"] img`).src;
      return [...new Uint8Array(await (await fetch(url)).arrayBuffer())];
    }"""
    saved = Image.open(io.BytesIO(bytes(bridge.page.evaluate(source, slot)))).convert("RGB")
    assert saved.tobytes() == session[slot].image.tobytes()


def test_a_click_shows_while_a_generation_runs_and_cancel_stops_it(bridge, session):
    session.set(steps=1000)
    page = bridge.page
    bridge.until("document.querySelector('.gw-steps').value === '1000'")
    page.click(".gw-generate")
    bridge.until("document.querySelector('.gw-tile[data-phase=preview]')")
    job = session.view().pending
    page.click(".gw-tile >> nth=1")
    assert page.get_attribute(".gw-tile >> nth=1", "data-mark") == "star"  # before the kernel has answered
    bridge.until("document.querySelector('.gw-bar').getAttribute('aria-valuenow') > 1")
    assert page.get_attribute(".gw-tile >> nth=1", "data-mark") == "star"
    page.click(".gw-cancel")
    assert page.inner_text(".gw-cancel") == "Cancelling…"  # before the kernel has answered
    bridge.until(IDLE)
    assert job.state == "cancelled"
    assert session.history == ()
    page.click(".gw-generate")
    bridge.until("document.querySelector('.gw-tile[data-phase=preview]')")
    assert page.inner_text(".gw-cancel") == "Cancel"


def test_a_second_view_shows_the_same_and_takes_part(bridge, session):
    page = bridge.page
    generated(bridge, 3)
    page.evaluate("() => host.view()")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 6")
    second = page.locator(".gw-root").nth(1)
    second.locator(".gw-tile").nth(2).click()
    bridge.until("document.querySelectorAll('.gw-tile[data-mark=star]').length === 2")
    assert session.history[0][2].starred


def test_a_page_that_reloads_gets_everything_back(bridge, session, page):
    generated(bridge, 3)
    session.star(session.history[0][1].id)
    page.reload()
    page.wait_for_function("window.host")
    page.evaluate("() => host.start({ mode: 'workbench' })")
    page.evaluate("() => host.view()")
    bridge.until("document.querySelectorAll('.gw-tile[data-final]').length === 3")
    bridge.until("document.querySelectorAll('.gw-tile[data-mark=star]').length === 1")


def test_nothing_is_left_behind(bridge, page):
    generated(bridge, 6)
    generated(bridge, 3)
    page.evaluate("() => host.view()")
    bridge.until("document.querySelectorAll('.gw-film img[src]').length === 4")
    assert page.evaluate("host.counts.urls") == 3 + 4  # the pictures once, both covers in each view
    page.evaluate("() => { host.closeView(0); host.closeView(1); }")
    assert page.evaluate("host.counts") == {"urls": 0, "listeners": 0, "observers": 0}
    assert page.evaluate("host.globals") == []
    assert page.evaluate("host.model.listening") > 0
    page.evaluate("() => host.close()")
    assert page.evaluate("host.model.listening") == 0


def test_errors_are_shown_and_the_session_goes_on(bridge, page, session):
    page.fill(".gw-prompt", "a fox AND AND a hat")
    page.keyboard.press("Enter")
    bridge.until("!document.querySelector('.gw-prompt-error').hidden")
    assert page.inner_text(".gw-caret") == "A"
    assert page.evaluate("document.activeElement.selectionStart") == 10
    page.fill(".gw-prompt", "a fox")
    page.fill(".gw-n", "0")
    page.click(".gw-generate")
    assert page.inner_text(".gw-status-text").startswith("Images: ")
    page.fill(".gw-n", "2")
    page.fill(".gw-prompt", "a " * 60)
    page.click(".gw-generate")
    bridge.until("document.querySelector('.gw-status').dataset.level === 'error'")
    assert "this model reads 24" in page.inner_text(".gw-status-text")
    page.click(".gw-more")
    assert "Traceback" in page.inner_text(".gw-detail")
    page.fill(".gw-prompt", "a hat")
    page.click(".gw-generate")
    bridge.until(f"document.querySelectorAll('.gw-tile').length === 2 && {IDLE} && {FINAL}")
    assert str(session.prompt) == "a hat"


def test_a_worker_that_fails_says_so(bridge, page, session, monkeypatch):
    def fail(*_args, **_kwargs):
        raise FloatingPointError("latents are not finite")

    monkeypatch.setattr(session.engine, "sample", fail)
    page.click(".gw-generate")
    bridge.until("document.querySelector('.gw-status').dataset.level === 'error'")
    assert "latents are not finite" in page.inner_text(".gw-status-text")
    monkeypatch.undo()
    generated(bridge, 2)


def test_settings_made_in_python_appear_in_the_fields(bridge, page, session):
    session.set(prompt="a hat", steps=7, guidance=2.5)
    bridge.until("document.querySelector('.gw-steps').value === '7'")
    assert page.input_value(".gw-prompt") == "a hat"
    assert page.input_value(".gw-guidance") == "2.5"
    page.fill(".gw-guidance", "3")
    page.press(".gw-guidance", "Tab")
    bridge.until(lambda: session.guidance == 3)
