"""What is read beside the pixels: every container and letter, and files that were made to do harm."""

from __future__ import annotations

import json
import random
import struct
import sys
import time
import tracemalloc

import pytest
from containers_written import COMMENT, SIZE, XMP, chunk, comment, exif, png, stealth, with_exif
from fuzz import LIMIT_SECONDS, mutate_foreign, try_foreign
from programs_written import SHORT, a1111, draw, novel, samples

from guidewidgets import SessionFileError
from guidewidgets.prompt import Prompt
from guidewidgets.session.picture import containers, foreign

TEXT = "grüner Fuchs, 赤い狐 🦊\nSteps: 5, Seed: 1"


@pytest.mark.parametrize("container", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("how", ["big", "little", "marked", "utf-8", "ascii", "zero", "bare"])
def test_user_comments(container, order, how):
    made = with_exif(exif({COMMENT: comment(TEXT, how)}, order), container)
    found = containers.read(made.data, "theirs")
    assert (found.texts["parameters"], found.size) == (TEXT, SIZE)


def test_letters_without_ascii():
    """Nothing in it tells the byte order: the block's counts."""
    for order, how in (("<", "little"), (">", "big")):
        made = with_exif(exif({COMMENT: comment("赤狐", how)}, order))
        assert containers.read(made.data, "theirs").texts["parameters"] == "赤狐"


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "iTXt+", "utf-8"])
def test_png_texts(kind):
    assert containers.read(png({"parameters": TEXT}, kind).data, "theirs").texts == {"parameters": TEXT}
    latin = "Gebüsch"
    assert containers.read(png({"parameters": latin}, kind).data, "theirs").texts == {"parameters": latin}


def test_exif_in_a_png():
    block = chunk(b"eXIf", exif({COMMENT: comment(TEXT)}))
    data = png({}).data
    assert containers.read(data[:33] + block + data[33:], "theirs").texts["parameters"] == TEXT
    broken = chunk(b"eXIf", b"no block")
    both = png({"parameters": "theirs"}).data
    assert containers.read(both[:33] + broken + both[33:], "theirs").texts == {"parameters": "theirs"}


@pytest.mark.parametrize("packed", [True, False])
def test_text_in_the_alpha_channel(packed):
    made = stealth(a1111(SHORT), packed)
    found = foreign.read(containers.read(made.data, "theirs"), made.data)
    assert found.settings["prompt"] == Prompt("a red fox")
    made = stealth(json.dumps(novel(SHORT)), packed, (96, 128))
    assert foreign.read(containers.read(made.data, "theirs"), made.data).producer == "NovelAI"


def test_what_is_no_picture():
    for data in (b"", b"GIF89a", b"\xff\xd8\xff", b"\0\0\0\x18ftypmp42" + bytes(60)):
        with pytest.raises(SessionFileError, match=r"^theirs is "):
            containers.read(data, "theirs")
    assert containers.read(b"RIFF\4\0\0\0WEBP", "theirs").texts == {}


def test_tags_that_share_their_bytes():
    """65,535 tags that point at the same megabyte: Pillow would hold 64 GB."""
    tags = b"".join(struct.pack(">HHII", tag, 7, 1 << 20, 8) for tag in range(65_535))
    block = b"MM\0*" + struct.pack(">IH", 8, 65_535) + tags + bytes(1 << 20)
    data = b"RIFF" + struct.pack("<I", 12 + len(block)) + b"WEBPEXIF" + struct.pack("<I", len(block)) + block
    tracemalloc.start()
    containers.read(data, "theirs")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 << 20


def _laughs():
    names = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{names}]>' + draw(SHORT).replace("a red fox", "&a9;")


@pytest.mark.parametrize(
    "texts",
    [
        {XMP: _laughs()},
        {XMP: draw(SHORT).replace("<dc", "<dc" * 9) + "<a>" * 200_000},
        {XMP: "Draw Things" + "<a>" * 200_000},
        {"parameters": "Steps: 3" + ', A: "' * 200_000},
        {"parameters": "Steps: 3" + " " * 900_000 + "x"},
        {"parameters": "x\n" * 5_000_000 + "Steps: 3"},
        {"parameters": '{"a":' * 100_000},
        {"parameters": '{"sui_image_params": {"a": [' + "1," * 1_900_000 + "1]}}"},
        {"prompt": '{"class_type":' + "[" * 500_000},
        {"Dream": '"' + "\\" * 19_000},
        {"Dream": "[" * 19_000 + '" -s' + " -s" * 10_000},
        {"Comment": "{" * 100_000, "Software": "NovelAI"},
    ],
)
def test_texts_that_were_made_to_last(texts):
    made = png(texts, "zTXt")
    tracemalloc.start()
    begun = time.process_time()
    found = foreign.read(containers.read(made.data, "theirs"))
    took, most = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 10 * LIMIT_SECONDS  # the memory's trace makes it slower
    assert most < 300 << 20
    assert found is None or "prompt" not in found.settings


def test_no_file_is_opened_and_no_connection_made():
    opened = []
    watching = [True]

    def watch(event, arguments):
        if watching[0] and event.startswith(("open", "socket.", "subprocess", "os.", "urllib", "import")):
            opened.append((event, str(arguments)[:80]))

    made = samples()[:60] + samples()[-25:]
    for sample in made:  # whatever is imported late is there
        foreign.read(containers.read(sample.made.data, "theirs"), sample.made.data)
    sys.addaudithook(watch)
    try:
        for sample in made:
            foreign.read(containers.read(sample.made.data, "theirs"), sample.made.data)
    finally:
        watching[0] = False
    assert opened == []


def test_mutated_pictures_of_others(tmp_path):
    rng = random.Random(7)
    every = samples()
    for _ in range(1500):
        made = mutate_foreign(rng.choice(every).made, rng)
        assert try_foreign(made, tmp_path).cpu < LIMIT_SECONDS
