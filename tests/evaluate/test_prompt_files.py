"""Prompt sets of strangers: what they say is found, what they must not is refused with file and line."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidewidgets.evaluate import prompt_files
from guidewidgets.evaluate.geneval import Wanted
from guidewidgets.evaluate.prompt_files import Entry, PromptFileError, load_prompts
from guidewidgets.prompt import Prompt


@pytest.fixture
def write(tmp_path):
    def run(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return run


def test_parti_prompts(write):
    path = write(
        "P2.tsv",
        'Prompt\tCategory\tChallenge\tNote\nbond\tAbstract\tBasic\tB\na "cat" AND a hat\tAnimals\tFine\t\n',
    )
    assert load_prompts(path) == [Entry("bond", "Abstract"), Entry('a "cat" AND a hat', "Animals")]
    assert load_prompts(path)[1].sentence == Prompt('a "cat" AND a hat')  # literal, never parsed


def test_geneval(write):
    lines = [
        {"tag": "single_object", "include": [{"class": "bench", "count": 1}], "prompt": "a photo of a bench"},
        {
            "tag": "position",
            "include": [
                {"class": "dog", "count": 1, "color": "orange"},
                {"class": "cups", "count": 3, "position": ["right of", 0]},
            ],
            "exclude": [{"class": "cat", "count": 1}],
            "prompt": "three cups right of an orange dog",
        },
    ]
    path = write("evaluation_metadata.jsonl", "\n".join(map(json.dumps, lines)) + "\n\n")
    bench, cups = load_prompts(path)
    assert bench == Entry("a photo of a bench", "single_object", (Wanted("bench"),))
    assert bench.conjunction == bench.sentence
    assert cups.wanted == (Wanted("dog", 1, "orange"), Wanted("cups", 3, None, ("right of", 0)))
    assert cups.unwanted == ("cat",)
    assert cups.conjunction == Prompt.parse("an orange dog AND 3 cups")


SCENARIO = '''
import os
raise SystemExit("it was run")

class Made(Scenario):
    """Words."""
    FIRST: str = "order"
    PROMPTS: List[str] = [
        "a bowl of soup, "
        "steaming",
        7,
        "an owl’s nest",
    ]
    PROMPT_TO_KIND = {"The cat eats the fish": FIRST, "The fish eats the cat": "turned", "A cup": MISSING}
    OTHERS = ["not a prompt"]
    name = "made"
'''


def test_scenarios_of_helm_are_parsed_and_never_run(write):
    assert load_prompts(write("made_scenario.py", SCENARIO)) == [
        Entry("a bowl of soup, steaming", "made"),
        Entry("an owl’s nest", "made"),
        Entry("The cat eats the fish", "order"),
        Entry("The fish eats the cat", "turned"),
        Entry("A cup", "MISSING"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("class A:\n    PROMPTS = [", "cannot be parsed"),
        ("class A:\n    PROMPTS = " + "[" * 10_000, "cannot be parsed"),
        ("class A:\n    OTHERS = ['x']", "no prompts in it"),
        ("class A:\n    PROMPTS = ['ok',\n 'bell \\a']", "line 3: a prompt of 1 to"),
        ("#" * ((1 << 20) + 1), "characters: at most"),
    ],
)
def test_no_scenario_is_refused_in_one_line(write, text, says):
    with pytest.raises(PromptFileError, match=says):
        load_prompts(write("bad.py", text))


DRAWBENCH = (
    "Prompts,Category\r\nA red colored car.,Colors\r\n"
    '"A pink colored giraffe, and a ""blue"" car.",Colors\r\n'
    '"Hovering cow abducting aliens.\nTwo lines.",Conflicting\r\n'
)


@pytest.mark.parametrize("name", ["drawbench.csv", "drawbench.txt"])
def test_drawbench(write, name):
    """A head, a category, and quotation marks that are the format's and not the prompt's."""
    assert load_prompts(write(name, "\ufeff" + DRAWBENCH)) == [
        Entry("A red colored car.", "Colors"),
        Entry('A pink colored giraffe, and a "blue" car.', "Colors"),
        Entry("Hovering cow abducting aliens. Two lines.", "Conflicting"),
    ]


def test_geneval_counting_bounds_from_above(write):
    """Two clocks, and not three: the set excludes one more than it asks for."""
    line = {
        "tag": "counting",
        "include": [{"class": "clock", "count": 2}],
        "exclude": [{"class": "clock", "count": 3}],
        "prompt": "a photo of two clocks",
    }
    (entry,) = load_prompts(write("evaluation_metadata.jsonl", json.dumps(line)))
    assert entry.wanted == (Wanted("clock", 2, most=2),)
    assert entry.unwanted == ()


@given(count=st.integers(0, 6), limit=st.integers(1, 9), same=st.booleans(), seen=st.integers(0, 9))
def test_geneval_is_right_where_its_own_rule_is(tmp_path_factory, count, limit, same, seen):
    """Its rule: of an included class at least `count`, of an excluded one fewer than `count`."""
    include = [{"class": "clock" if same else "dog", "count": count}]
    line = {"prompt": "x", "include": include, "exclude": [{"class": "clock", "count": limit}]}
    path = tmp_path_factory.mktemp("files") / "a.jsonl"
    path.write_text(json.dumps(line))
    if same and limit <= count:
        with pytest.raises(PromptFileError, match="no number of clock is left"):
            load_prompts(path)
        return
    (entry,) = load_prompts(path)
    theirs = seen < limit and (not same or seen >= count)
    bounds = [w for w in entry.wanted if w.noun == "clock"]
    ours = all(w.count <= seen and (w.most is None or seen <= w.most) for w in bounds)
    assert (ours and not ("clock" in entry.unwanted and seen)) == theirs
    assert " 0 " not in f" {entry.conjunction} "  # what need not be there is not asked for


TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1).map(
    lambda text: " ".join(text.split())
).filter(bool)  # fmt: skip


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_any_table_of_drawbenchs_form_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("files") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("Prompts", "Category"), *rows])
    assert load_prompts(path) == [Entry(prompt, category) for prompt, category in rows]


def test_t2i_compbench_and_plain_lines(write):
    path = write("color_val.txt", "\ufeffa green bench and a blue bowl\r\n\n  a red   apple \n")
    assert load_prompts(path) == [
        Entry("a green bench and a blue bowl", "color"),
        Entry("a red apple", "color"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.txt", "", "no prompts"),
        ("a.txt", b"\xff\xfe", "no UTF-8"),
        ("a.txt", "ok\n" + "x" * 2001, r"a\.txt, line 2: a prompt of 1 to 2,000"),
        ("a.txt", "a\x00b", "line 1"),
        ("a.tsv", "Text\tKind\na\tb\n", "line 1: expected a tab-separated head"),
        ("a.tsv", "Note\tPrompt\na\n", "line 2: 1 columns"),
        (
            "a.csv",
            "a red car\na blue car\n",
            "line 1: expected a comma-separated head with a column Prompt or Prompts",
        ),
        ("a.csv", 'Prompts\n"a red car\n', "line 2: unexpected end"),
        ("a.jsonl", '{"prompt": "a", "exclude": [{"class": "b", "count": 0}]}', "no number of b is left"),
        ("a.jsonl", "{", "line 1: no JSON"),
        ("a.jsonl", "[" * 100_000, "line 1: no JSON"),
        ("a.jsonl", '{"prompt": 3}', "field prompt"),
        ("a.jsonl", '{"prompt": "a", "include": 3}', "include: expected a list"),
        ("a.jsonl", '{"prompt": "a", "include": [{}]}', "without a class"),
        ("a.jsonl", '{"prompt": "a", "include": [{"class": "b", "count": true}]}', "count is True"),
        ("a.jsonl", '{"prompt": "a", "include": [{"class": "b", "position": [1]}]}', "position"),
        ("a.jsonl", json.dumps({"prompt": "a", "include": [{"class": "b"}] * 41}), "at most 40"),
    ],
)
def test_what_is_refused(write, name, text, says):
    with pytest.raises(PromptFileError, match=says) as caught:
        load_prompts(write(name, text))
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_sizes_are_checked_before_reading(write, monkeypatch, tmp_path):
    monkeypatch.setattr(prompt_files, "MOST_BYTES", 10)
    with pytest.raises(PromptFileError, match="11 bytes: at most 10"):
        load_prompts(write("a.txt", "x" * 11))
    monkeypatch.setattr(prompt_files, "MOST_PROMPTS", 2)
    with pytest.raises(PromptFileError, match="more than 2 prompts"):
        load_prompts(write("a.txt", "a\nb\nc"))
    with pytest.raises(PromptFileError, match="no such file"):
        load_prompts(tmp_path / "none.txt")
    with pytest.raises(PromptFileError, match="no such file"):
        load_prompts(tmp_path)
    with pytest.raises(ValueError, match="style='csv'"):
        load_prompts(write("a.txt", "a"), style="csv")


@given(data=st.binary(max_size=300), name=st.sampled_from(["a.txt", "a.tsv", "a.csv", "a.jsonl"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("files") / name
    path.write_bytes(data)
    try:
        entries = load_prompts(path)
    except PromptFileError:
        return
    assert all(Prompt.parse(str(entry.sentence)) == entry.sentence for entry in entries)
