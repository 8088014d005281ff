"""Optimising in JupyterLab: watch it, scrub back, change its mind, take a frame; paint where it is to look."""

from __future__ import annotations

from lab import Notebook
from playwright.sync_api import Locator
from workbench import until

START = """import guidewidgets as gw
s = gw.Session("a fox on a beach", seed=3)
s.steps = 4
s.sample(2).wait()
"""


def panel(notebook: Notebook, kind: str) -> Locator:
    root = notebook.page.locator(f".jp-Notebook:visible .gw-{kind}[data-state='live']")
    root.wait_for()
    return root


def test_watch_scrub_pause_change_resume_and_accept(notebook: Notebook):
    page = notebook.open(START + "s.monitor")
    root = panel(notebook, "monitor")
    press = lambda name: root.locator(f".gw-monitor-{name}").click()  # noqa: E731
    shown = root.locator(".gw-monitor-picture")

    root.locator(".gw-monitor-choice").select_option("1")
    root.locator(".gw-monitor-text").fill("a red fox")
    root.locator(".gw-monitor-updates").fill("1000")
    press("go")
    until(root, "Number(root.dataset.last) >= 3")  # frames arrive by themselves
    first = shown.get_attribute("src")
    until(root, "Number(root.dataset.last) >= 8")
    assert root.locator(".gw-monitor-start").is_hidden()
    assert shown.get_attribute("src") != first
    assert root.locator(".gw-monitor-total").get_attribute("d").count("L") >= 7
    assert notebook.py("job = s.pursued; print(job.slots, job.call['arguments']['candidate'])") == "(2,) 1"

    root.focus()
    page.keyboard.press("Home")  # back to where it began
    until(root, "root.querySelector('.gw-monitor-picture').dataset.step === '0'")
    root.locator(".gw-monitor-scrub").fill("7")
    until(root, "root.querySelector('.gw-monitor-picture').dataset.step === '7'")

    press("pause")
    until(root, "root.dataset.run === 'paused'")
    notebook.until("job.state == 'paused'")
    at = int(notebook.py("print(len(job.control.frames))"))
    weight = root.locator("[data-lever^='part ']")
    weight.fill("2.5")
    weight.press("Enter")
    field = root.locator("[data-lever='lr']")
    field.fill("0.02")
    field.press("Enter")
    press("pause")  # which now says Resume
    until(root, "root.dataset.run === 'running'")
    until(root, f"Number(root.dataset.last) >= {at + 2}")
    changes = notebook.py("print(job.control.changes)")
    assert "2.5" in changes
    assert "'lr': 0.02" in changes
    assert root.get_attribute("data-step") == "7"  # new frames leave the eye where it is

    assert root.locator(".gw-monitor-accept").inner_text() == "Accept update 7"
    press("accept")
    root.locator(".gw-status-text").filter(has_text="Update 7 becomes candidate 3").wait_for()
    notebook.until("3 in [c.id for g in s.history for c in g]")
    press("stop")
    until(root, "root.dataset.run === 'done'")
    notebook.py(
        "import torch\nfrom guidewidgets.guide import doodl\nc, p = s[3], s[1].genome\n"
        "again = s.render([3]).wait()[0]\n"
        "steps = list(doodl(s.engine, p.latent, p.prompt, gw.ClipText('a red fox'), 7, sampling_steps=p.steps,"
        " guidance=p.guidance, sampler=p.sampler))"
    )
    assert notebook.py("print(c.recipe.parameters['steps'], c.recipe.parent_ids)") == "7 (1,)"
    assert notebook.py("print(again.image.tobytes() == c.image.tobytes())") == "True"
    assert notebook.py("print(torch.equal(again.genome.latent, c.genome.latent))") == "True"
    # And it is the very frame that an optimisation by hand makes.
    assert notebook.py("print(torch.equal(steps[7].latent[0], c.genome.latent))") == "True"


def test_paint_where_to_look_and_the_loss_follows(notebook: Notebook):
    page = notebook.open(START + "s.saliency")
    root = panel(notebook, "saliency")
    until(root, "'ready' in root.dataset && !('looking' in root.dataset)")
    root.locator(".gw-saliency-brush").click()
    stage = root.locator(".gw-saliency-stage[tabindex]")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.55 * box["height"], steps=6)
    page.mouse.up()
    until(root, "root.dataset.strokes === '1'")
    root.locator(".gw-saliency-use").click()
    until(root, "root.dataset.source === 'painted' && !('looking' in root.dataset)")
    assert root.get_attribute("data-kind") == "painted"

    root.locator(".gw-saliency-optimise ~ .gw-field input").fill("6")
    root.locator(".gw-saliency-optimise").click()
    until(root, "root.dataset.source === 'loss'")
    notebook.until("s.pursued is not None and s.pursued.state == 'done'")
    notebook.py("frames = s.pursued.control.frames")
    assert notebook.py("print({f.focus.kind for f in frames})") == "{'painted'}"
    assert notebook.py("print(all('salient' in f.losses for f in frames))") == "True"
    # All boxes lie on the painted left, and the loss that looks there falls.
    assert notebook.py("print(max(b.right for f in frames for b in f.focus.boxes[0]) < 32)") == "True"
    assert (
        notebook.py("print(min(f.losses['salient'] for f in frames) < frames[0].losses['salient'])") == "True"
    )
    until(root, "root.querySelectorAll('rect.gw-saliency-box:not(.gw-saliency-under)').length === 1")
    assert "what you painted" in root.locator(".gw-saliency-legend").inner_text()
    (edges,) = root.evaluate(
        """root => [...root.querySelectorAll('rect.gw-saliency-box:not(.gw-saliency-under)')].map(box => {
            const view = box.ownerSVGElement.viewBox.baseVal;
            return (Number(box.getAttribute('x')) + Number(box.getAttribute('width'))) / view.width; })"""
    )
    assert edges < 0.5
