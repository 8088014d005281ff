"""The page computes what Python computes: tokens, prompts, noise, crossover and sampler, against the real thing."""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
import torch
from PIL import Image

from docs import build_page
from guidewidgets.engine.model.load import open_pipeline
from guidewidgets.engine.samplers.grids import make_schedule
from guidewidgets.engine.samplers.multistep import DPMSolver2M
from guidewidgets.engine.samplers.noise import draw_some
from guidewidgets.evolve import voronoi_crossover
from guidewidgets.prompt import Prompt, PromptError
from guidewidgets.region import Region
from guidewidgets.session.picture import containers, foreign

JS = Path(__file__).parents[2] / "js"
SHAPE = (4, 16, 16)
SEEDS = [0, 1, 7, 2**32 - 1, 2**32, 2**53 - 1, *random.Random(1).choices(range(2**40), k=6)]
MARKS = ["AND", "NOT", "OR", "{", "}", "::1.2", "::-.5e1", ":0.3", "16:9", "\\AND", "\\"]
PLACES = ["@left", "@[0,0,.5,1]", "@nowhere", "%0-0.5", "%x"]
WORDS = ["a", "fox", '"it\'s"', "\u00e9", "\u2003", *MARKS, *PLACES]

pytestmark = pytest.mark.skipif(
    not (JS / "node_modules" / "esbuild").exists() or shutil.which("node") is None,
    reason="the page's code needs Node and `npm ci`",
)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Ask the page's own code: a list of questions, one answer each."""
    bundle = tmp_path_factory.mktemp("page") / "answers.mjs"
    esbuild = JS / "node_modules" / ".bin" / "esbuild"
    what = ["--bundle", "--platform=node", "--format=esm", f"--outfile={bundle}", "--log-level=error"]
    subprocess.run([esbuild, JS / "test" / "page" / "answers.ts", *what], check=True)
    vocabulary = build_page.vocabulary()

    def ask(questions):
        given = json.dumps({"vocabulary": vocabulary, "questions": questions})
        done = subprocess.run(["node", bundle], input=given, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return ask


def test_noise_is_torchs_own_to_the_last_bit(answers):
    asked = [
        {"ask": "noise", "seed": s, "image": i, "stream": k} for s in SEEDS for i in (0, 11) for k in (0, 1)
    ]
    for question, got in zip(asked, answers(asked), strict=True):
        (right,) = draw_some([question["image"]], SHAPE, question["seed"], question["stream"])
        assert got == right.flatten().tolist(), question


def test_children_are_those_of_voronoi_crossover(answers):
    asked, right = [], []
    for m in (1, 3, 12):
        parents = draw_some(range(m), SHAPE, m)
        for seed in SEEDS[:5]:
            children, owners = voronoi_crossover(parents, 12, seed=seed)
            for child in range(12):
                asked.append(
                    {"ask": "cross", "parents": parents.flatten(1).tolist(), "seed": seed, "child": child}
                )
                right.append([owners[child].flatten().tolist(), children[child].flatten().tolist()])
    assert answers(asked) == right


def _texts():
    rng = random.Random(2)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 9))) for _ in range(800)]


def test_prompts_mean_the_same_and_are_refused_alike(answers):
    texts = ["", "a fox", "a fox AND {a beach OR a forest ::3} AND NOT a house @left %0-0.5", *_texts()]
    asked = [{"ask": "prompt", "text": text, "seed": 5, "image": i} for i, text in enumerate(texts)]
    right = [_meaning(question) for question in asked]
    for question, got, wanted in zip(asked, answers(asked), right, strict=True):
        refused = isinstance(wanted, str)
        assert (got[0].split(":")[0] if refused else sorted(map(str, map(_rounded, got)))) == wanted, question
    assert 150 < sum(isinstance(wanted, str) for wanted in right) < 1350  # both kinds were among them


def _meaning(question):
    """The concepts, or why there are none, without what comes after a colon: details of a region."""
    try:
        prompt = Prompt.parse(question["text"]).resolve(random.Random(f"5/{question['image']}"))
    except PromptError as error:
        return error.message.split(":")[0]
    boxes = {c: None if c.region is None else c.region.to_json()["box"] for c in prompt.concepts()}
    return sorted(str(_rounded(c._asdict() | {"region": box})) for c, box in boxes.items())


def _rounded(concept):
    box, steps = ([float(x) for x in concept.get(name) or []] for name in ("region", "steps"))
    return concept["text"], round(float(concept["weight"]), 9), box, steps


def test_masks_are_those_of_regions(answers):
    boxes = [[0, 0, 0.5, 1], [0.25, 0.25, 0.75, 0.75], [0.1, 0.2, 0.33, 0.9], [0.51, 0.51, 0.52, 0.52]]
    right = [Region.box(*box).mask(16, 16).astype(int).flatten().tolist() for box in boxes]
    assert answers([{"ask": "mask", "box": box} for box in boxes]) == right


def test_tokens_are_the_tokenizers_own(answers):
    tokenizer = open_pipeline(None, torch.device("cpu"), torch.float32).pipeline.tokenizer
    rng = random.Random(3)
    letters = "abcdefoxBEACH  '’s!?,.-_0159äßÉ日本\U0001f98a\n\t<|endoftext|>"
    texts = ["", "a fox on a beach", "It's a fox's 12 hats!", "<|startoftext|> a fox", "ﬁsh Å e\u0301 \u0130"]
    texts += ["".join(rng.choices(letters, k=rng.randint(1, 24))) for _ in range(800)]
    texts += [
        " ".join(rng.choices(["a", "fox", "owl", "on", "the", "pixel", "art"], k=5)) for _ in range(200)
    ]
    got = answers([{"ask": "tokens", "text": text} for text in texts])
    for text, ids in zip(texts, got, strict=True):
        assert ids == tokenizer(text).input_ids, repr(text)


@pytest.mark.parametrize("count", [2, 4, 10, 14])
def test_the_sampler_steps_alike(answers, count):
    config = open_pipeline(None, torch.device("cpu"), torch.float32).pipeline.scheduler.config
    sampler = DPMSolver2M(make_schedule(config, count, "dpmpp-2m"))
    got = answers([{"ask": "steps", "schedule": build_page.strides(sampler.schedule)}])[0]
    for k, step in enumerate(got):
        (coupling,) = sampler.couplings(k)
        right = (coupling.clean, coupling.noise, coupling.past)
        assert (step["clean"], step["noise"], step["past"]) == pytest.approx(right, rel=1e-12), k


def test_a_saved_picture_tells_the_notebook_what_made_it(answers):
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(file, "PNG")
    shared = {
        "prompt": "a fox,\nred AND NOT\ta caf\u00e9 ::0.5",
        "guidance": 4.5,
        "origin": {"seed": 7, "image": 3},
    }
    asked = {
        "ask": "png",
        "png": b64encode(file.getvalue()).decode(),
        "shared": shared,
        "steps": 10,
        "side": 64,
    }
    data = b64decode(answers([asked])[0])
    told = foreign.read(containers.read(data, "saved.png"))
    assert told is not None
    assert told.producer == "guidewidgets"
    assert told.settings == {
        "prompt": Prompt.parse("a fox, red AND NOT a caf\u00e9 ::0.5"),
        "steps": 10,
        "guidance": 4.5,
        "sampler": "dpmpp-2m",
        "size": (64, 64),
    }
    assert "seed 7" in " ".join(told.missing)
    with Image.open(io.BytesIO(data)) as image:
        assert image.convert("RGB").getpixel((5, 5)) == (255, 165, 0)
