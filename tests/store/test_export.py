"""Pages, zips and contact sheets."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from PIL import Image
from stored import SECONDS, content

from guidewidgets import Candidate
from guidewidgets.session import Session


def test_the_page_stands_alone(begun, tmp_path):
    begun.cross(n=2).wait(SECONDS)
    begun.reject(0)
    begun.to_html(tmp_path / "trip.html")
    text = (tmp_path / "trip.html").read_text()
    assert text.count("<figure") == 8
    assert text.count('class="star"') == 2
    assert text.count('class="reject"') == 1
    assert text.count('<a href="#c1">1</a>') == 2
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert set(re.findall(r'(?:src|href)="([a-z]+:)', text)) == {"data:"}
    assert "s.cross([1, 4], n=2" in text


def test_the_page_in_a_browser_without_network(begun, tmp_path, chromium):
    begun.cross(n=2).wait(SECONDS)
    begun.set(negative="<img src=x onerror=alert(1)>")
    begun.to_html(tmp_path / "trip.html")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((tmp_path / "trip.html").as_uri())
    assert page.locator("figure img").evaluate_all("i => i.every(x => x.complete && x.naturalWidth === 16)")
    page.locator("#c6 a").first.click()
    assert page.evaluate("document.querySelector('figure:target').id") == "c1"
    page.locator("#c1 button").click()
    assert page.locator("#compare").is_hidden()
    page.locator("#c6 button").click()
    assert page.locator("#compare").is_visible()
    page.locator("#compare input").fill("30")
    assert page.locator("#compare img").nth(1).evaluate("i => i.style.clipPath") == "inset(0px 0px 0px 30%)"
    assert page.locator("#compare p").text_content().startswith("1: a fox on a beach | 6: ")
    context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert errors == []


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
    with pytest.raises(ValueError, match="0 pictures"):
        Session("a", model=engine).contact_sheet()
