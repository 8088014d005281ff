"""The optimisation monitor in a page, with a real optimisation behind it."""

from __future__ import annotations

import pytest
from bridge import Bridge
from test_accessibility import violations

import guidewidgets as gw
from guidewidgets.widgets import MonitorPanel

GREEN = gw.MeanColour((0.2, 0.7, 0.4))
ROOT = "document.querySelector('.gw-root')"


@pytest.fixture
def one(session):
    session.sample(1).wait(120)
    return session


@pytest.fixture
def monitor(page, one):
    panel = MonitorPanel(one)
    bridge = Bridge(page, panel)
    bridge.until(f"{ROOT}.dataset.state === 'live'")
    yield bridge
    one.cancel()
    panel.close()


def start(monitor, one, frames=2, **kwargs):
    # More updates than it will ever get to, however long the page takes.
    job = one.optimize(0, gw.Symmetry() + GREEN, steps=10_000, lr=0.05, **kwargs)
    monitor.until(f"Number({ROOT}.dataset.last) >= {frames}")
    return job


def press(monitor, name):
    monitor.page.click(f".gw-monitor-{name}")


def test_nothing_yet(monitor):
    assert "Say what a picture should become" in monitor.page.inner_text(".gw-root")
    assert monitor.page.is_hidden(".gw-monitor-main")


def test_frames_arrive_and_the_curve_grows(monitor, one):
    start(monitor, one)
    page = monitor.page
    monitor.until("document.querySelector('.gw-monitor-picture').naturalWidth > 0")
    assert page.locator(".gw-monitor-frame").count() >= 2
    assert page.locator(".gw-monitor-part").count() == 2
    assert page.get_attribute(".gw-monitor-total", "d").count("L") >= 2
    assert "Loss over" in page.get_attribute(".gw-monitor-svg", "aria-label")
    # Steps are the sampler's, in the status line alone.
    assert page.inner_text(".gw-monitor-main .gw-monitor-caption").startswith("Update ")
    assert "step" not in page.inner_text(".gw-monitor-main").lower().replace("step size", "")
    assert "Symmetry" in page.inner_text(".gw-monitor-legend")


def test_pause_scrub_change_resume_accept_stop(monitor, one):
    """What the issue asks to be seen in the browser."""
    job, page = start(monitor, one, 3), monitor.page
    press(monitor, "pause")
    monitor.until(f"{ROOT}.dataset.run === 'paused'")
    assert page.inner_text(".gw-monitor-pause") == "Resume"
    page.locator(".gw-monitor-scrub").fill("2")
    monitor.until("document.querySelector('.gw-monitor-picture').dataset.step === '2'")
    assert page.inner_text(".gw-monitor-accept") == "Accept update 2"
    field = page.locator("[data-lever='part Symmetry']")
    field.fill("4")
    field.press("Enter")
    monitor.until(lambda: job.control.asked() == {"weights": {"Symmetry": 4.0}})
    press(monitor, "pause")
    monitor.until(lambda: job.control.changes)
    monitor.until(f"{ROOT}.dataset.run === 'running'")
    # At the newest step the view follows what comes after it: go to one that is no longer the newest.
    monitor.until(f"Number({ROOT}.dataset.last) > 3")
    page.locator(".gw-monitor-scrub").fill("3")
    monitor.until(f"{ROOT}.dataset.step === '3'")
    press(monitor, "accept")
    monitor.until(lambda: any(g.operator == "optimize" for g in one.history))
    accepted = one.history[-1][0]
    assert accepted.recipe.parameters["steps"] == 3
    press(monitor, "stop")
    monitor.until(lambda: job.state == "done")
    monitor.until(f"{ROOT}.dataset.run === 'done'")
    assert accepted.image.tobytes() == one.render([accepted.id]).wait(120)[0].image.tobytes()
    assert page.get_attribute(".gw-monitor-pause", "aria-disabled") == "true"
    assert page.get_attribute(".gw-monitor-accept", "aria-disabled") == "false"


def test_keys(monitor, one):
    job, page = start(monitor, one), monitor.page
    page.focus(".gw-root")
    page.keyboard.press(" ")
    monitor.until(lambda: job.state == "paused")
    page.keyboard.press("Home")
    assert page.get_attribute(".gw-root", "data-step") == "0"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".gw-root", "data-step") == "1"
    page.keyboard.press("a")
    monitor.until(lambda: len(one.history) == 2)
    page.keyboard.press("End")
    page.keyboard.press("s")
    monitor.until(lambda: job.state == "done")


def test_a_page_that_opens_late_gets_the_film(page, one, monkeypatch):
    monkeypatch.setattr("guidewidgets.widgets.monitor.STILL", 3)
    job = one.optimize(0, GREEN, steps=5, lr=0.05)
    job.wait(120)
    panel = MonitorPanel(one)
    bridge = Bridge(page, panel)
    bridge.until(f"{ROOT}.dataset.state === 'live'")
    bridge.until(f"Number({ROOT}.dataset.last) === 5")
    assert page.locator(".gw-monitor-frame").count() == 3
    page.locator(".gw-monitor-scrub").fill("1")  # which was not among those that came
    bridge.until("document.querySelector('.gw-monitor-picture').dataset.step === '1'")
    assert "loss" in panel.static_html()
    panel.close()


def test_refusals_are_one_line(monitor, one):
    job = start(monitor, one)
    press(monitor, "pause")
    monitor.until(lambda: job.state == "paused")
    field = monitor.page.locator("[data-lever='lr']")
    field.fill("-3")
    field.press("Enter")
    monitor.until("document.querySelector('.gw-status').textContent.includes('lr')")
    assert job.control.changes == {}


def test_a_start_that_cannot_be_is_refused_in_one_line(monitor):
    page = monitor.page
    assert page.get_attribute(".gw-monitor-text", "placeholder") == "fox beach"
    page.fill(".gw-monitor-text", "a red fox")
    page.fill(".gw-monitor-updates", "")
    page.press(".gw-monitor-text", "Enter")
    line = "Updates: expected a whole number from 1 to 1000"
    assert page.inner_text(".gw-status-text") == line  # in our words, not the browser's
    page.fill(".gw-monitor-updates", "3")
    page.press(".gw-monitor-text", "Enter")  # the tiny model has no encoder
    monitor.until("document.querySelector('.gw-status').textContent.includes('encoder')")
    assert page.is_visible(".gw-monitor-start")


def test_the_form_goes_while_an_optimisation_is_under_way(monitor, one):
    job = start(monitor, one)
    assert monitor.page.is_hidden(".gw-monitor-start")
    job.stop()
    monitor.until("!document.querySelector('.gw-monitor-start').hidden")


def test_the_clock_goes_on_while_the_candidate_is_painted(one):
    """Else the steps of all updates would be divided by the seconds of the last few."""
    job = one.optimize(0, GREEN, steps=5, lr=0.05)
    seen = []
    end = one.subscribe(lambda _: seen.append((job.progress.step, job.progress.elapsed)))
    job.wait(120)
    end()
    assert seen == sorted(seen)
    assert seen[-1][0] >= 6 * 3 + 3


@pytest.mark.parametrize("light", ["true", "false"])
def test_axe_finds_nothing(monitor, one, light):
    page = monitor.page
    page.evaluate("light => { document.body.dataset.jpThemeLight = light }", light)
    assert violations(page) == []
    job = start(monitor, one)
    assert violations(page) == []
    job.stop()
    monitor.until(f"{ROOT}.dataset.run === 'done'")
    assert violations(page) == []
