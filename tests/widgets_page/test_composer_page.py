"""The composer in a page, with a real session behind it: drag, let go, mute, solo, NOT, place, keys, undo."""

from __future__ import annotations

from itertools import pairwise

import pytest
from bridge import Bridge

from guidewidgets.session import Session
from guidewidgets.widgets import ComposerPanel

LIVE = "document.querySelector('.gw-root').dataset.state === 'live'"
PROMPT = "document.querySelector('.gw-root').dataset.prompt"
PREVIEWED = "document.querySelector('.gw-root').dataset.previewed"
REST_MS = 400  # who pauses that long between two keys may have let go; the page says 500
MOMENTS = """() => {
  window.moments = [];
  document.querySelector('.gw-composer-weight').addEventListener('change', () => moments.push(performance.now()));
}"""
FULL = "'full' in document.querySelector('.gw-root').dataset"


@pytest.fixture
def session(engine):
    session = Session("a fox AND a hat ::0.5 AND NOT fog", model=engine, seed=0)
    session.set(steps=8)
    return session


@pytest.fixture
def composer(page, session):
    panel = ComposerPanel(session)
    bridge = Bridge(page, panel)
    bridge.until(LIVE)
    bridge.until(f"{FULL} && {PREVIEWED} === 'a fox AND a hat ::0.5 AND NOT fog'")
    yield bridge
    session.cancel()
    panel.close()


def events(session):
    count = 0
    while session.undo():
        count += 1
    for _ in range(count):
        session.redo()
    return count


def test_chips_are_the_prompt(page, composer):
    chips = page.locator(".gw-composer-chip")
    assert chips.count() == 3
    assert page.locator(".gw-composer-sign").all_inner_texts() == ["AND", "AND", "NOT"]
    assert [chip.input_value() for chip in page.locator(".gw-composer-text").all()] == [
        "a fox",
        "a hat",
        "fog",
    ]
    assert page.locator(".gw-composer-number").nth(1).input_value() == "0.5"
    composer.until("[...document.querySelectorAll('.gw-composer-map')].every(m => !m.hidden)")


def test_dragging_sketches_and_letting_go_is_one_event(page, composer, session):
    before, seen = events(session), len(composer.log)
    slider = page.locator(".gw-composer-weight").first
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    for i in range(12):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.03 * i), y)
        composer.pump()
    composer.until(f"{PREVIEWED} !== 'a fox AND a hat ::0.5 AND NOT fog' && !({FULL})")
    assert str(session.prompt) == "a fox AND a hat ::0.5 AND NOT fog"  # a drag changes nothing
    previewed = page.evaluate(PREVIEWED)
    assert previewed.startswith("a fox ::1.")
    page.mouse.up()
    composer.until(f"{FULL} && {PROMPT} === {PREVIEWED}")
    assert str(session.prompt).startswith("a fox ::1.")
    assert events(session) == before + 1
    steps = [m["news"]["steps"] for m in composer.log[seen:] if m["kind"] == "frame" and m["news"]]
    assert {6, 8} <= set(steps)  # quick while dragging, then in full


def test_the_picture_follows(page, composer):
    def look():
        return page.evaluate(
            """async () => { const i = document.querySelector('.gw-composer-picture');
                const c = document.createElement('canvas'); c.width = c.height = 16;
                c.getContext('2d').drawImage(i, 0, 0, 16, 16);
                return [...c.getContext('2d').getImageData(0, 0, 16, 16).data]; }"""
        )

    before = look()
    page.locator(".gw-composer-number").first.fill("2")
    page.keyboard.press("Enter")
    composer.until(f"{FULL} && {PREVIEWED}.startsWith('a fox ::2 ')")
    assert look() != before


def test_buttons_say_what_they_will_do(page, composer):
    def says():
        return [
            page.locator(f".gw-composer-{name}").first.get_attribute("title")
            for name in ("sign", "mute", "solo")
        ]

    assert says() == ["Turn into NOT", "Leave it out", "This one alone"]
    for name in ("sign", "mute", "solo"):
        page.locator(f".gw-composer-{name}").first.click()
    assert says() == ["Turn into AND", "Take it in again", "All again"]


def test_mute_and_solo(page, composer, session):
    page.locator(".gw-composer-mute").first.click()
    composer.until(f"{PROMPT} === 'a hat ::0.5 AND NOT fog'")
    assert page.locator(".gw-composer-chip").count() == 3
    assert page.locator(".gw-composer-mute").first.get_attribute("aria-pressed") == "true"
    page.locator(".gw-composer-mute").first.click()
    composer.until(f"{PROMPT} === 'a fox AND a hat ::0.5 AND NOT fog'")
    page.locator(".gw-composer-solo").nth(1).click()
    composer.until(f"{PROMPT} === 'a hat ::0.5' && {FULL} && {PREVIEWED} === {PROMPT}")
    assert session.undo()
    composer.until(f"{PROMPT} === 'a fox AND a hat ::0.5 AND NOT fog'")
    composer.until("document.querySelectorAll('.gw-composer-solo[aria-pressed=true]').length === 0")
    assert session.redo()  # finds the chips that were not heard again
    composer.until(
        f"{PROMPT} === 'a hat ::0.5' && document.querySelectorAll('.gw-composer-chip').length === 3"
    )


def test_by_keyboard(page, composer, session):
    before = events(session)
    page.locator(".gw-composer-weight").first.focus()
    page.evaluate(MOMENTS)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    composer.until(f"{PROMPT} === 'a fox ::1.2 AND a hat ::0.5 AND NOT fog'")
    moments = page.evaluate("moments")
    rests = sum(
        after - at >= REST_MS for at, after in pairwise(moments)
    )  # a busy machine pauses between keys
    assert len(moments) == 4
    assert before + 1 <= events(session) <= before + 1 + rests
    page.locator(".gw-composer-sign").nth(1).focus()
    page.keyboard.press("Space")
    composer.until(f"{PROMPT} === 'a fox ::1.2 AND NOT a hat ::0.5 AND NOT fog'")
    page.locator(".gw-composer-mute").nth(2).focus()
    page.keyboard.press("Enter")
    composer.until(f"{PROMPT} === 'a fox ::1.2 AND NOT a hat ::0.5'")
    page.keyboard.press("Control+z")
    composer.until(f"{PROMPT} === 'a fox ::1.2 AND NOT a hat ::0.5 AND NOT fog'")


def test_painting_by_keys_places_a_concept(page, composer, session):
    page.locator(".gw-composer-place").first.select_option("painted")
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    composer.until(f"{PROMPT}.startsWith('a fox @{{')")
    (region,) = {c.region for c in session.prompt.concepts() if c.text == "a fox"}
    mask = region.mask(16, 16)
    assert mask[8, 8:10].any()
    assert not mask[:, :4].any()
    page.locator(".gw-composer-place").first.select_option("left")
    composer.until(f"{PROMPT}.startsWith('a fox @left')")


def test_painting_with_the_pointer(page, composer, session):
    page.locator(".gw-composer-place").nth(1).select_option("painted")
    box = page.locator(".gw-composer-frame").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.8 * box["height"], steps=6)
    page.mouse.up()
    session.prompt = "a fox %0-0.5 AND a hat ::0.5 AND NOT fog"  # somebody else changes something meanwhile
    composer.until(f"{PROMPT}.startsWith('a fox %0-0.5')")
    assert page.locator(".gw-composer-place").nth(1).input_value() == "painted"
    page.locator(".gw-composer-painted").click()
    composer.until(f"{PROMPT}.includes('a hat ::0.5 @{{')")
    (region,) = {c.region for c in session.prompt.concepts() if c.text == "a hat"}
    mask = region.mask(16, 16)
    assert mask[4:12, 4].any()
    assert not mask[:, 9:].any()


def test_when_a_concept_holds(page, composer, session):
    time = page.locator(".gw-composer-time").first
    assert time.input_value() == ""
    time.focus()
    page.keyboard.press("0")  # as lists are chosen from by keys
    composer.until(f"{PROMPT}.startsWith('a fox %0-0.25 AND') && {FULL} && {PREVIEWED} === {PROMPT}")
    assert session.prompt.concepts()[0].steps == (0.0, 0.25)
    session.prompt = "a fox %0.1-0.7 AND a hat ::0.5 AND NOT fog"
    composer.until("document.querySelector('.gw-composer-time').value === '0.1,0.7'")
    assert time.locator("option:checked").inner_text() == "10 – 70 %"
    time.select_option("")
    composer.until(f"{PROMPT} === 'a fox AND a hat ::0.5 AND NOT fog'")


def test_adding_and_removing(page, composer):
    page.locator(".gw-composer-add").click()
    page.keyboard.type("a beach")
    page.keyboard.press("Enter")
    composer.until(f"{PROMPT} === 'a fox AND a hat ::0.5 AND NOT fog AND a beach'")
    page.locator(".gw-composer-remove").nth(2).click()
    composer.until(f"{PROMPT} === 'a fox AND a hat ::0.5 AND a beach'")


def test_what_cannot_be_read_is_said(page, composer, session):
    page.locator(".gw-composer-text").first.fill("{a fox")
    page.keyboard.press("Enter")
    composer.until("document.querySelector('.gw-status').dataset.level === 'error'")
    assert "never closed" in page.locator(".gw-status").inner_text()
    assert str(session.prompt) == "a fox AND a hat ::0.5 AND NOT fog"


def test_settings_and_doubts(page, composer, session):
    page.locator(".gw-composer-negation").select_option("perp")
    composer.until(lambda: session.view().settings.negation == "perp")
    page.locator(".gw-composer-negation").select_option("linear")
    page.locator(".gw-composer-number").nth(2).fill("4")
    page.keyboard.press("Enter")
    composer.until("document.querySelector('.gw-composer-doubts').textContent.includes('NOT outweighs')")


def test_keeping_makes_a_candidate(page, composer, session):
    page.locator(".gw-composer-keep").click()
    composer.until(lambda: len(session.history) == 1)
    (kept,) = session.history[0]
    assert str(kept.genome.prompt) == str(session.prompt)
    composer.until(f"document.querySelector('.gw-composer-look').textContent.includes('Kept as {kept.id}.')")
    assert not page.locator(".gw-composer-look .gw-link").is_visible()  # there is no grid to show it in
    composer.until(f"document.querySelector('.gw-composer-on').value === '{kept.id}'")


def test_the_sum_is_drawn(page, composer):
    page.locator(".gw-composer-why summary").click()
    composer.until("document.querySelectorAll('.gw-composer-arrow').length === 4")
    assert (
        "· [ (ε(a fox) − ε(∅)) + 0.5 · (ε(a hat) − ε(∅)) − (ε(fog) − ε(∅)) ]"
        in page.locator(".gw-composer-equation").inner_text()
    )


def test_axe_finds_nothing(page, composer):
    from test_accessibility import violations

    page.locator(".gw-composer-why summary").click()
    assert violations(page) == []
    page.locator(".gw-composer-place").first.select_option("painted")
    assert violations(page) == []


def test_what_is_undone_elsewhere_is_gone_here_too(page, composer, session):
    page.click(".gw-composer-why summary")
    session.prompt = "a fox"
    composer.until(f"{FULL} && {PREVIEWED} === 'a fox'")
    composer.until("!document.querySelector('.gw-composer-equation').textContent.includes('hat')")
    page.click(".gw-composer-keep")
    composer.until("document.querySelector('.gw-composer-look').textContent.includes('Kept as 0')")
    composer.until("!document.querySelector('.gw-composer-on').textContent.includes('fresh noise')")
    session.undo()
    composer.until("!document.querySelector('.gw-composer-look').textContent.includes('Kept as')")
