"""Files that a page hands over and takes: pieces, refusals, genomes, and the code."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from guidewidgets.guide.pictures import fitted, to_tensor
from guidewidgets.session import Candidate
from guidewidgets.widgets import uploads
from guidewidgets.widgets.checks import ProtocolError

WAIT = 120


def hand_over(recorder, name, data, size=4 << 20):
    """Send a file as the page does; returns the last reply."""
    pieces = [data[i : i + size] for i in range(0, max(1, len(data)), size)]
    token = f"t{time.monotonic_ns()}"
    for part, piece in enumerate(pieces):
        req = f"{token}-{part}"
        args = {"name": name, "token": token, "part": part, "parts": len(pieces)}
        message = {"kind": "cmd", "req": req, "name": "restore", "args": args}
        recorder.widget._handle_custom_msg(message, [memoryview(piece)])
        reply = recorder.until(
            lambda req=req: next((c for c in recorder.kinds("reply") if c["req"] == req), None)
        )
        if not reply["ok"]:
            break
        assert (reply["value"] is None) == (part < len(pieces) - 1)
    return reply


@pytest.fixture
def picture(recorder, session):
    """A PNG that carries its genome, as the page's own Save button gets it."""
    session.sample(1).wait(WAIT)
    recorder.ask("png", slot=0)
    return next(b[0] for c, b in recorder.sent if c["kind"] == "reply" and b)


def test_what_is_saved_carries_its_genome(picture, session, tmp_path):
    path = tmp_path / "fox.png"
    path.write_bytes(picture)
    assert Candidate.load(path).hash == session[0].hash


@pytest.mark.parametrize("size", [4 << 20, 1_000])
def test_a_dropped_picture_becomes_a_candidate(recorder, session, picture, size):
    reply = hand_over(recorder, "C:\\pictures\\fox.png", picture, size)
    assert reply["value"] == {"slots": [1], "missing": ""}
    assert session[1].hash == session[0].hash
    assert session[1].image.tobytes() == session[0].image.tobytes()
    assert "s.restore(path='fox.png')" in session.code()


def jpeg(size):
    """A photograph: rows of red, green and blue, with nothing in it but pixels."""
    held = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(held, "JPEG")
    return held.getvalue()


def saved(texts, size=(16, 16), mode="RGB"):
    info, held = PngInfo(), io.BytesIO()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new(mode, size).save(held, "PNG", pnginfo=info)
    return held.getvalue()


def test_other_programs_pictures_say_what_is_missing(recorder, session):
    text = "a fox in the snow\nNegative prompt: a dog\nSteps: 7, Sampler: Euler a, CFG scale: 3.5, Seed: 1, Size: 16x16"
    reply = hand_over(recorder, "fox.png", saved({"parameters": text}))
    assert reply["value"]["slots"] == []
    assert "not restored" in reply["value"]["missing"]
    assert "A1111" in reply["value"]["missing"]
    assert (session.steps, session.guidance) == (7, 3.5)


def test_a_jpeg_brings_its_settings(recorder, session):
    text = "a fox in the snow\nSteps: 6, Sampler: Euler a, CFG scale: 2.5, Seed: 1, Size: 16x16"
    exif, held = Image.Exif(), io.BytesIO()
    exif[0x9286] = text
    Image.new("RGB", (16, 16)).save(held, "JPEG", exif=exif)
    assert hand_over(recorder, "fox.jpg", held.getvalue())["ok"]
    assert (session.steps, session.guidance) == (6, 2.5)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("fox.png", b"", "fox.png"),
        ("fox.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "fox.png"),
        ("fox.png", saved({"guidewidgets": "{}"}), "genome"),
        ("fox.jpg", jpeg((64, 64))[:-200], "cannot be read as a picture"),
        ("fox.png", saved({}, (8_001, 8_000), "1"), "8001 × 8000 pixels are too many"),
        ("fox.exe", b"MZ", "expected a PNG"),
        ("../../../etc/passwd", b"x", "passwd: expected a PNG"),
        ("x.latent", b"\x80\x04K\x01.", "x.latent"),
        ("\u202e<script>.png", b"x", "_"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(recorder, session, name, data, says):
    before = set(Path(tempfile.gettempdir()).iterdir())
    reply = hand_over(recorder, name, data)
    assert not reply["ok"]
    message = reply["error"]["message"]
    assert says in message
    assert message.isprintable()
    assert session.history == ()
    assert set(Path(tempfile.gettempdir()).iterdir()) == before


def token_of(reply):
    return reply["req"].rsplit("-", 1)[0]


def test_a_photo_is_kept_until_the_user_has_said_what_is_to_become_of_it(recorder, session):
    held = io.BytesIO()
    photo = Image.linear_gradient("L").resize((96, 64)).convert("RGB")
    photo.save(held, "JPEG", quality=95)
    reply = hand_over(recorder, "beach.jpg", held.getvalue())
    assert reply["value"] == {"slots": [], "missing": "", "photo": True}
    assert session.history == ()
    told = recorder.ask("edit", token=token_of(reply), steps=9)
    assert told["ok"], told
    recorder.until(lambda: len(session.history) == 1)
    made = session[0]
    assert made.recipe.operator == "edit"
    assert made.recipe.parameters["steps"] == 0  # without words it is only inverted
    seen = to_tensor(fitted(Image.open(held), session.size))[None]
    floor = session.engine.decode(session.engine.encode(seen))  # what the autoencoder leaves of it
    assert (to_tensor(made.image) - floor[0]).abs().max() <= 1e-3 + 0.5 / 255  # half an 8-bit level
    assert "s.edit(" in session.code()


def test_a_refusal_says_why_and_another_file_forgets_the_photo(recorder, session):
    def says(**args):
        return recorder.ask("edit", steps=1, **args)["error"]["message"]

    first = token_of(hand_over(recorder, "beach.jpg", jpeg((64, 64))))
    second = token_of(hand_over(recorder, "sea.jpg", jpeg((64, 64))))
    assert "drop it again" in says(token=first)
    assert "needs an image encoder" in says(token=second, text="a fox")  # this model has none
    assert recorder.ask("edit", token=second, text="  ", steps=1)["ok"]
    recorder.until(lambda: len(session.history) == 1)
    hand_over(
        recorder, "notes.png", saved({"parameters": "a fox\nSteps: 7, Sampler: Euler a, CFG scale: 3.5"})
    )
    assert "drop it again" in says(token=second)


def test_pieces_come_in_turn_and_end_somewhere():
    held = uploads.Uploads()
    assert held.take("a", 0, 2, b"x") is None
    assert held.take("b", 0, 2, b"new") is None  # begins anew
    with pytest.raises(ProtocolError, match="out of turn"):
        held.take("a", 1, 2, b"y")
    with pytest.raises(ProtocolError, match="out of turn"):
        held.take("b", 1, 2, b"y")  # what was there is forgotten
    assert held.take("c", 0, 2, b"x") is None
    assert held.take("c", 1, 2, b"y") == b"xy"
    with pytest.raises(ProtocolError, match="out of turn"):
        held.take("d", 3, 2, b"")
    piece = bytes(8 << 20)
    for part in range(8):
        held.take("e", part, 100, piece)
    with pytest.raises(ProtocolError, match="more than 64 MB"):
        held.take("e", 8, 100, piece)
    assert len(held._held) == 0


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("fox.png", "fox.png"),
        ("a/b\\c.png", "c.png"),
        ("..", "file"),
        ("", "file"),
        ("a\0b\n.png", "a_b_.png"),
        ("x" * 300 + ".png", "x" * 76 + ".png"),
        ("Füchse (1).png", "Füchse (1).png"),
    ],
)
def test_names(name, safe):
    assert uploads.safe_name(name) == safe


def test_the_code_is_the_sessions(recorder, session):
    session.sample(1).wait(WAIT)
    assert recorder.ask("code")["value"] == session.code()
