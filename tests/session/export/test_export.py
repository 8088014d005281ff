"""Pages, zips and contact sheets."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image
from stored import SECONDS, content

from guidewidgets import Candidate
from guidewidgets.session import Session
from guidewidgets.session.worker import filmstrip


def test_the_page_stands_alone(begun, tmp_path):
    begun.cross(n=2).wait(SECONDS)
    begun.reject(0)
    begun.to_html(tmp_path / "trip.html")
    text = (tmp_path / "trip.html").read_text()
    assert text.count("<figure") == 8
    assert text.count('class="star" data-number') == 2
    assert text.count('class="reject" data-number') == 1
    assert text.count('<a href="#c1">1</a>') == 2
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert set(re.findall(r'(?:src|href)="([a-z]+:)', text)) == {"data:"}
    assert "s.cross([1, 4], n=2" in text


@pytest.fixture
def opened(begun, tmp_path, chromium):
    """The page of three generations, opened from the disk by a browser without network."""
    begun.cross(n=2).wait(SECONDS)
    begun.set(negative="<img src=x onerror=1>", steps=4)
    begun.mutate(6, at=[(0.2, 0.2)], n=2, guidance=3).wait(SECONDS)
    begun.to_html(tmp_path / "trip.html")
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((tmp_path / "trip.html").as_uri())
    yield page
    context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert errors == []


def test_the_page_walks_the_lineage_without_network(opened):
    page = opened
    assert page.locator("figure > button img").evaluate_all(
        "i => i.every(x => x.complete && x.naturalWidth === 16)"
    )
    assert page.locator("#inspector").is_hidden()
    page.locator("#c8 > button").click()
    assert page.inner_text("#name") == "8 · Vary"
    told = page.inner_text("#told")
    assert "From 6" in told
    assert "Of its starting noise" in told
    assert "guidance" in told
    page.locator("#parents button").click()
    assert page.inner_text("#name") == "6 · Evolve"
    assert page.locator("#children button").all_inner_texts() == ["8", "9"]
    page.keyboard.press("p")
    assert page.evaluate("location.hash") == "#c1"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#name").startswith("2 ·")
    page.locator("#c7 figcaption a").first.click()
    assert page.inner_text("#name").startswith("1 ·")
    page.click("#stars")
    assert page.locator("figure:visible").count() == 2  # 1 and 4, which came from nothing


def test_the_page_scrubs_through_how_a_picture_was_made(opened):
    page = opened
    page.locator("#c8 > button").click()
    assert page.inner_text("#step") == "finished"
    assert page.get_attribute("#scrub", "max") == "2"  # of two steps: that is what image 6 was made with
    page.locator("#scrub").fill("0")
    assert page.inner_text("#step") == "frame 1 of 2"
    assert page.locator("#stage .frame").is_visible()
    assert page.locator("#stage .frame").evaluate("i => [i.naturalWidth, i.naturalHeight]") == [64, 32]
    page.locator("#scrub").fill("2")
    assert page.locator("#stage .frame").is_hidden()
    assert page.locator("#stage .overlay").is_visible()  # what was mutated
    assert page.locator("#stage .overlay").evaluate("i => i.naturalWidth") == 64


def test_the_page_compares_any_two(opened):
    page = opened
    page.locator("#c1 > button").click()
    page.click("#compare")
    page.locator("#c6 > button").click()
    assert page.inner_text("#name") == "1 and 6"
    page.locator("#slide").fill("30")
    assert (
        page.locator("#stage img.whole").nth(1).evaluate("i => i.style.clipPath") == "inset(0px 0px 0px 30%)"
    )
    page.click("#modes >> text=side by side")
    boxes = [page.locator("#stage img.whole").nth(i).bounding_box() for i in (0, 1)]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1
    page.click("#modes >> text=difference")
    assert page.inner_text("#amount").startswith("differ by ")
    seen = page.locator("#stage canvas").evaluate(
        "c => Math.max(...c.getContext('2d').getImageData(0, 0, 16, 16).data.filter((_, i) => i % 4 === 0))"
    )
    assert seen > 240  # the largest difference is the lightest
    page.click("#drop")
    assert page.inner_text("#name") == "6 · Evolve"


def test_films_are_kept_reopened_and_may_be_missing(begun, engine, tmp_path):
    film = begun[2].film
    with Image.open(io.BytesIO(film)) as strip:
        assert strip.size == (64, 32)  # two steps
    assert len(film) < 4_000
    begun.save(tmp_path / "trip.gw")
    begun.close()
    again = Session.open(tmp_path / "trip.gw", model=engine)
    assert again[2].film == film
    (again.folder / "images" / "2.film.jpg").unlink()
    (again.folder / "images" / "3.film.jpg").write_bytes(b"\xff\xd8 no film")
    assert again[2].film is None
    assert again[3].film is None
    again.to_html(tmp_path / "trip.html")
    assert (tmp_path / "trip.html").read_text().count('class="film"') == 4
    again.close()


@pytest.mark.parametrize(("steps", "kept"), [(1, {1}), (2, {1, 2}), (8, set(range(1, 9)))])
def test_which_frames_are_kept(steps, kept):
    assert filmstrip.chosen(steps) == kept
    assert len(filmstrip.chosen(1000)) == filmstrip.FRAMES
    assert {1, 1000} <= filmstrip.chosen(1000)


def test_zip_and_table(begun, tmp_path):
    begun.prompt = '=HYPERLINK("x")'
    begun.sample(1).wait(SECONDS)
    begun.to_zip(tmp_path / "pictures.zip")
    with zipfile.ZipFile(tmp_path / "pictures.zip") as zipped:
        rows = list(csv.DictReader(io.StringIO(zipped.read("pictures.csv").decode())))
        assert len(zipped.namelist()) == 8
        zipped.extract("00004.png", tmp_path)
    assert content(Candidate.load(tmp_path / "00004.png")) == content(begun[4])
    assert [(r["id"], r["starred"]) for r in rows][3:5] == [("3", "0"), ("4", "1")]
    assert rows[6]["prompt"].startswith("'=")  # no formula


def test_contact_sheet(begun, tmp_path, engine):
    figure = begun.contact_sheet(columns=4)
    assert [axis.get_title() for axis in figure.axes] == ["0", "1 ★", "2", "3", "4 ★", "5", "", ""]
    figure.savefig(tmp_path / "sheet.png", dpi=50)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size[0] > 100
    assert len(begun.contact_sheet([4]).axes) == 1
    shown, _ = DisplayFormatter().format(figure)  # as in a notebook without %matplotlib
    with Image.open(io.BytesIO(shown["image/png"])) as sheet:
        assert sheet.size == (640, 360)
    with pytest.raises(ValueError, match="0 pictures"):
        Session("a", model=engine).contact_sheet()
