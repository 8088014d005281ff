"""The built page in a real Chromium, from a server of plain files, with nothing else to be reached."""

from __future__ import annotations

import json
import os
import shutil
from urllib.parse import urlencode

import numpy as np
import pytest
from serving import SECONDS, served

import guidewidgets as gw
from docs import build_page
from docs.build_page import strides
from guidewidgets.engine.samplers.grids import make_schedule
from guidewidgets.evolve import voronoi_crossover
from guidewidgets.session.picture import containers, foreign

PROMPT = "a fox on a beach AND NOT a house ::0.4 AND a donut @right"
DONE = "ul.tiles:not(:has(.under-way)) .tile"
PROVE = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
LEVELS = 2  # mean difference of 8-bit pixels that half-precision weights and other kernels may make

pytestmark = pytest.mark.slow


def pixels(page):
    """What the tiles show, (12, 64, 64, 3)."""
    data = page.evaluate("""[...document.querySelectorAll(".tile canvas")].map((face) =>
      [...face.getContext("2d").getImageData(0, 0, face.width, face.height).data])""")
    return np.array(data).reshape(len(data), 64, 64, 4)[..., :3]


def apart(shown, images):
    right = images.mul(255).round().permute(0, 2, 3, 1).numpy()
    return np.abs(shown - right).mean(axis=(1, 2, 3))


FIRST = ".tile:first-child:not(.under-way)"
NOW = ".generations [aria-current]"
SEEN = "innerHeight - document.querySelector('.boards').getBoundingClientRect().top"


@pytest.fixture(scope="module")
def embedded():
    return gw.Engine.load(device="cpu", dtype="float32")


def test_the_page_paints_what_python_paints_evolves_it_and_composes_by_keyboard(visit, embedded):
    page = visit()
    page.wait_for_selector(DONE)
    fresh = embedded.noise(12, seed=7)
    assert apart(pixels(page), embedded.render(fresh, "a mushroom", steps=10)).max() <= LEVELS
    page.focus(".picture")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    page.keyboard.press("Enter")  # looks inside
    page.wait_for_selector(".body:not(.stale):not([hidden])")
    assert page.text_content("#inside-title") == "Inside picture 2"
    assert page.input_value("#step") == "1"
    page.keyboard.press("e")
    page.wait_for_selector(".generations li:nth-child(2) [aria-current]")
    page.wait_for_selector(FIRST)
    page.focus(".picture")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mosaic")
    seed = int(page.text_content("pre code").rsplit("seed=", 1)[1].split(")")[0])
    children, _ = voronoi_crossover(fresh[:2], 1, seed=seed)
    assert apart(pixels(page)[:1], embedded.render(children, "a mushroom", steps=10)).max() <= LEVELS
    page.keyboard.press("/")
    page.keyboard.press("Control+A")
    page.keyboard.type("a fox AND NOT a house")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{NOW} >> text=3 fresh: a fox AND NOT a house")
    page.click(".generations button")  # back to the first, which keeps its stars
    page.wait_for_selector(".body:not(.stale):not([hidden])")
    for key, said in (("1", "is no longer starred"), ("s", "is starred")):
        page.keyboard.press(key)
        page.wait_for_selector(f".status >> text=Picture 1 {said}")
    page.keyboard.press("e")
    page.wait_for_selector(f"{NOW} >> text=4 evolved from 1")
    assert page.locator(".generations li").count() == 4
    page.click(".try summary")
    page.click(".try button >> text=guidance 12")
    page.wait_for_selector(f"{NOW} >> text=5 More guidance: guidance 12")
    assert page.input_value("#guidance") == "12"
    assert page.text_content(".bench [aria-pressed=true]") == "guidance 12"
    assert page.evaluate(SEEN) > 0, "the experiments push the pictures out of sight"
    page.keyboard.press("s")  # nothing is chosen while it paints
    page.wait_for_selector(".status >> text=Choose a picture first")
    page.click("text=Stop")
    page.wait_for_selector(".status >> text=Stopped. Its button")
    page.click(".generations li:nth-child(4) button")
    page.wait_for_selector(".generations >> text=guidance 12 (unfinished)")
    page.click(".generations >> text=guidance 12 (unfinished)")  # goes on with it
    page.wait_for_selector(DONE)
    assert page.is_hidden("text=Stop")


def test_stars_of_several_generations_have_children_that_lead_back_to_them(visit):
    page = visit()
    page.click(".star >> nth=1")
    page.keyboard.press("n")
    page.wait_for_selector(f"{NOW} >> text=2 fresh")
    page.click(".star >> nth=3")
    page.keyboard.press("e")
    page.wait_for_selector(f"{NOW} >> text=3 evolved from 1 and 2")
    page.wait_for_selector(FIRST)
    page.click(".picture")
    page.wait_for_selector(".mosaic")
    page.click(".parents .face >> nth=1")
    page.wait_for_selector(f"{NOW} >> text=2 fresh")
    page.wait_for_selector("#inside-title >> text=Inside picture 4")
    page.wait_for_selector(".body:not(.stale):not([hidden])")
    page.fill("#step", "11")
    assert page.text_content(".stepper output") == "finished · no noise"
    assert page.is_visible("figure.finished")
    assert page.is_hidden(".views")
    page.click("text=Clear stars")
    assert page.is_hidden(".favourites")
    assert page.evaluate("document.activeElement.ariaLabel").startswith("Picture 4")


@pytest.fixture
def chip(chromium):
    """The same Chromium with a graphics chip, played by SwiftShader."""
    told = chromium.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
    flags = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
    browser = chromium.browser_type.launch(executable_path=told.split(" --")[0], args=flags)
    yield browser
    browser.close()


@pytest.mark.skipif(
    not PROVE, reason="a played chip takes 90 s of a processor to get ready: `make prove` has it"
)
def test_a_graphics_chip_paints_the_same_and_when_it_is_lost_the_processor_goes_on(
    chip, built, embedded, tmp_path
):
    shutil.copytree(built, tmp_path / "page", ignore=shutil.ignore_patterns("paint-offline.html"))
    facts = tmp_path / "page" / "model" / "model.json"
    told = json.loads(facts.read_text())
    config = json.loads((build_page.MODEL / "scheduler" / "scheduler_config.json").read_text())
    told["schedule"] = strides(make_schedule(config, 1, "dpmpp-2m"))
    facts.write_text(json.dumps(told))  # one step: a played chip takes seconds for it
    right = embedded.render(embedded.noise(1, seed=7), "a fox on a beach", steps=1, guidance=1)
    with served(tmp_path / "page") as url:
        page = chip.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{url}/?engine=webgpu#{urlencode({'p': 'a fox on a beach', 'g': 1, 'n': '7.0'})}")
        page.wait_for_selector(FIRST)
        assert page.text_content(".engine") == "The graphics chip paints (WebGPU).", page.get_attribute(
            ".engine", "title"
        )
        assert apart(pixels(page)[:1], right).max() <= LEVELS
        chip.new_browser_cdp_session().send("Browser.crashGpuProcess")
        page.wait_for_selector(".engine >> text=The graphics chip failed; the processor paints now")
        page.wait_for_selector(DONE)
        assert page.is_hidden(".trouble")
        page.goto(f"{url}/?#")  # where nobody asks for it, a chip that is only played is not used
        page.wait_for_selector(".engine >> text=The processor paints")


def test_without_a_graphics_chip_its_runtime_is_not_even_fetched(visit, origin):
    page = visit("?engine=webgpu")
    page.wait_for_selector(".engine >> text=The processor paints")
    fetched = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert f"{origin}/ort.wasm.gz" in fetched
    assert not [name for name in fetched if "webgpu" in name]


def test_a_link_and_the_program_beside_it_give_the_picture(visit):
    noise = "7.3~7.9~5.2.0,1~8.0.2,0.full~9.1.3,1.short"  # a child, a mean rescaled, and a mean as it comes
    page = visit(f"#{urlencode({'p': PROMPT, 'g': 6, 'n': noise})}")
    page.click(".picture")
    page.wait_for_selector(FIRST)
    scope: dict = {}
    exec(page.text_content("pre code"), scope)  # noqa: S102 - the page's own words are what is tested
    assert apart(pixels(page)[:1], scope["image"]).max() <= LEVELS
    with page.expect_download() as saved:
        page.click("text=Save PNG")
    told = foreign.read(containers.read(saved.value.path().read_bytes(), "saved.png"))
    assert (str(told.settings["prompt"]), told.settings["guidance"]) == (str(gw.Prompt.parse(PROMPT)), 6)
    assert "#p=" in page.url
    page.keyboard.press("n")
    page.wait_for_selector(f"{NOW} >> text=2 fresh")
    assert "#" not in page.url  # it names the picture only as long as that is on show


KEPT = """async () => {
    const count = async () => (await (await caches.open((await caches.keys())[0])).keys()).length;
    while (await count() < 7) await new Promise(done => setTimeout(done, 100));
}"""


def test_a_second_visit_fetches_no_model_and_has_the_sets_of_the_first(visit, origin):
    page = visit()
    page.click(".star >> nth=1")
    page.keyboard.press("e")
    page.wait_for_selector(f"{NOW} >> text=2 evolved from 1")
    page.wait_for_selector(FIRST)
    child, *_ = pixels(page)
    page.evaluate(KEPT)  # some seconds after the page has begun
    asked = []
    page.context.on("request", lambda request: asked.append(request.url.removeprefix(origin)))
    page.reload()
    page.wait_for_selector(f"{NOW} >> text=2 evolved from 1")
    assert not [path for path in asked if path.endswith((".onnx", ".gz", ".json"))], asked
    page.wait_for_selector("text=Evolve ★ 1")
    page.keyboard.press("c")
    assert page.locator(".boards.two .tiles").count() == 2
    page.wait_for_selector(FIRST)
    assert (pixels(page)[0] == child).all()
