"""The messages: both sides agree with the fixture, and nothing a page sends can do harm."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidewidgets.widgets import GridWidget, protocol
from guidewidgets.widgets.checks import ProtocolError
from guidewidgets.widgets.protocol import Ack, Command, Hello, Ping, Tab

COMMANDS = GridWidget.arguments()


def parse(message: object) -> Hello | Ack | Ping | Tab | Command:
    return protocol.parse(message, COMMANDS)


def test_constants_are_the_fixtures(fixture):
    assert fixture["protocol"] == protocol.PROTOCOL
    assert fixture["commands"] == list(COMMANDS)
    assert fixture["marks"] == list(protocol.MARKS)
    assert fixture["phases"] == list(protocol.PHASES)
    assert fixture["comparisons"] == list(protocol.COMPARISONS)


def test_every_message_of_the_page_is_read(fixture):
    for message in fixture["from_page"]:
        read = parse(message)
        if message["kind"] == "hello":
            assert read == Hello(message["tile_px"])
        elif message["kind"] == "ack":
            assert read == Ack(message["seq"])
        elif message["kind"] == "ping":
            assert read == Ping()
        elif message["kind"] == "tab":
            assert read == Tab(message["name"], message["content"])
        else:
            assert isinstance(read, Command)
            assert (read.req, read.name) == (message["req"], message["name"])
            assert json.loads(json.dumps(read.args)) == message["args"]
    assert {m["name"] for m in fixture["from_page"] if m["kind"] == "cmd"} == set(COMMANDS)


def test_everything_else_is_refused_in_one_line(fixture):
    for case in fixture["refused"]:
        with pytest.raises(ProtocolError) as refusal:
            parse(case["message"])
        assert case["says"] in str(refusal.value)
        assert "\n" not in str(refusal.value)
        assert len(str(refusal.value)) < 250  # a name that is none is answered with all that are


@pytest.mark.parametrize(
    "args",
    [
        {"guidance": math.nan},
        {"guidance": math.inf},
        {"guidance": 10**400},
        {"guidance": True},
        {"steps": 10**5000},
        {"steps": 20.0},
        {"prompt": "a" * 10_001},
        {"prompt": "half \ud83d"},
        {"prompt": None},
        {1: 2},
    ],
)
def test_odd_values_are_refused(args):
    with pytest.raises(ProtocolError):
        parse({"kind": "cmd", "req": "a", "name": "set", "args": args})


def test_deep_nesting_is_refused():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProtocolError):
        parse(deep)
    with pytest.raises(ProtocolError):
        parse({"kind": "cmd", "req": "a", "name": "mark", "args": {"slots": [deep], "mark": "star"}})


def test_too_many_slots_are_refused():
    with pytest.raises(ProtocolError, match="not 1001"):
        parse({"kind": "cmd", "req": "a", "name": "mark", "args": {"slots": [1] * 1001, "mark": "star"}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
HAND = ("at", "region", "radius", "lock", "picks")
PLACES = st.fixed_dictionaries(
    {},
    optional={
        "slot": st.just(4) | JSON,
        "at": st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=2), max_size=2) | JSON,
        "region": JSON,
        "kind": st.sampled_from(["points", "box", "polygon", "bitmap"]) | JSON,
        "points": JSON,
        "radius": JSON,
        "box": st.lists(JSON, min_size=4, max_size=4) | JSON,
        "width": st.integers(0, 2**70) | JSON,
        "height": st.just(1) | JSON,
        "bits": st.just("gA==") | JSON,
    },
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["hello", "ack", "cmd", "frame", "tab"]) | JSON,
        "req": st.just("a") | JSON,
        "seq": JSON,
        "protocol": st.just(1) | JSON,
        "tile_px": JSON,
        "name": st.sampled_from([*COMMANDS, "nothing"]) | JSON,
        "args": st.dictionaries(
            st.sampled_from(["n", "prompt", "steps", "guidance", "sampler", "slots", "mark", "slot", *HAND]),
            JSON | PLACES | st.lists(PLACES, max_size=3),
            max_size=5,
        )
        | JSON,
    },
)


@settings(max_examples=200)
@given(JSON | NEARLY)
def test_any_json_is_read_or_refused(content):
    refusal = None
    try:
        parse(content)
    except ProtocolError as error:
        refusal = str(error)
    assert refusal is None or (refusal and "\n" not in refusal)


def shape(value: object, fixed: object) -> None:
    """Same keys, same kinds of values, however deep; lists are like the example's first item."""
    if value is None or fixed is None:
        return
    if isinstance(fixed, dict):
        assert isinstance(value, dict)
        assert list(value) == list(fixed)
        for name, item in fixed.items():
            shape(value[name], item)
    elif isinstance(fixed, list):
        assert isinstance(value, list)
        for item in value:
            if fixed:
                shape(item, fixed[0])
    else:
        assert type(value) is type(fixed)


def no_id(value: object) -> bool:
    if isinstance(value, dict):
        return "id" not in value and all(map(no_id, value.values()))
    return all(map(no_id, value)) if isinstance(value, list) else True


def test_what_a_real_widget_sends_has_the_fixtures_shape(fixture, recorder):
    examples = fixture["from_kernel"]
    recorder.say({"kind": "hello", "protocol": 1, "tile_px": 200})
    assert recorder.ask("sample", n=3)["ok"]
    recorder.idle()
    recorder.say({"kind": "hello", "protocol": 1, "tile_px": 200})
    recorder.ask("evolve", n=2)
    recorder.ask("set", prompt="a fox AND")
    recorder.until(lambda: len(recorder.kinds("snapshot")) > 1)
    for content, buffers in recorder.sent:
        json.dumps(content, allow_nan=False)
        assert no_id(content)
        assert len(content.get("tiles", buffers)) == len(buffers)
        if content["kind"] == "reply" and not content["ok"]:
            shape(content, examples["prompt_refusal" if "column" in content["error"] else "refusal"])
        else:
            shape(content, examples[content["kind"]])
    assert {content["kind"] for content, _ in recorder.sent} == {"snapshot", "state", "frame", "reply"}
