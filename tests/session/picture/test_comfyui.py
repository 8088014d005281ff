"""Graphs of ComfyUI: which sampler counts, and what text reaches it."""

from __future__ import annotations

import json
import time

import pytest
from containers_written import png
from programs_written import SHORT, a1111, comfy

from guidewidgets.prompt import Prompt
from guidewidgets.session.picture import containers, foreign


def read(graph, **texts):
    made = png({"prompt": graph if isinstance(graph, str) else json.dumps(graph)} | texts)
    return foreign.read(containers.read(made.data, "theirs"))


def nodes(**changed):
    """A plain graph with some nodes put in or changed: kind and inputs."""
    graph = comfy(SHORT)
    for key, (kind, inputs) in changed.items():
        graph[key.removeprefix("n")] = {"class_type": kind, "inputs": inputs}
    return graph


def with_text(*chain, **more):
    """A graph whose positive text comes from the last of some nodes n20, n21, …"""
    changed = {f"n{20 + i}": node for i, node in enumerate(chain)}
    changed["n6"] = ("CLIPTextEncode", {"text": [str(19 + len(chain)), 0], "clip": ["4", 1]})
    return nodes(**changed, **more)


def positive(*chain):
    """A graph whose sampler's positive condition comes from the last of some nodes n20, n21, …"""
    graph = nodes(**{f"n{20 + i}": node for i, node in enumerate(chain)})
    graph["3"]["inputs"]["positive"] = [str(19 + len(chain)), 0]
    return graph


HELD = ("PrimitiveStringMultiline", {"value": "a red fox"})
SNOW = ("CLIPTextEncode", {"text": "snow", "clip": ["4", 1]})


@pytest.mark.parametrize(
    ("graph", "prompt", "told"),
    [
        (with_text(HELD), "a red fox", ""),
        (with_text(("String Literal", {"string": "a red fox"})), "a red fox", ""),
        (with_text(("DF_Text_Box", {"Text": "a red fox"})), "a red fox", ""),
        (with_text(HELD, ("Reroute", {"": ["20", 0]})), "a red fox", ""),
        (with_text(HELD, ("ShowText|pysssss", {"text": ["20", 0], "text_0": "a red fox"})), "a red fox", ""),
        (with_text(HELD, ("StringConcatenate", {"string_a": ["20", 0], "string_b": "in snow", "delimiter": ", "})),
         "a red fox, in snow", ""),
        (with_text(HELD, ("Text Concatenate", {"text_a": ["20", 0], "text_b": "snow", "delimiter": " "})),
         "a red fox snow", ""),
        (with_text(HELD, ("ComfySwitchNode", {"switch": False, "on_false": ["20", 0], "on_true": "no"})),
         "a red fox", ""),
        (with_text(("ImpactWildcardProcessor", {"wildcard_text": "__a__", "populated_text": "a red fox"})),
         "a red fox", ""),
        (positive(SNOW, ("ConditioningCombine", {"conditioning_1": ["6", 0], "conditioning_2": ["20", 0]})),
         "a red fox, snow", "how ConditioningCombine mixes its 2 texts"),
        (positive(SNOW, ("ConditioningConcat", {"conditioning_to": ["6", 0], "conditioning_from": ["20", 0]})),
         "a red fox, snow", "how ConditioningConcat mixes"),
        (positive(("ConditioningSetArea", {"conditioning": ["6", 0], "width": 64, "x": 0, "strength": 1})),
         "a red fox", "what ConditioningSetArea does"),
        (positive(("ControlNetApplyAdvanced", {"positive": ["6", 0], "negative": ["7", 0], "strength": 1})),
         "a red fox", "ControlNet"),
        (positive(("CLIPTextEncodeSDXL", {"text_g": "a red fox", "text_l": "oil", "width": 1024, "clip": ["4", 1]})),
         "a red fox", "another text for its other encoder (text_l: oil)"),
        (positive(("CLIPTextEncodeFlux", {"clip_l": "fox", "t5xxl": "a red fox", "guidance": 3, "clip": ["4", 1]})),
         "a red fox", "clip_l: fox"),
        (positive(("Power Prompt (rgthree)", {"prompt": "a red fox", "opt_clip": ["4", 1]})), "a red fox", ""),
        # Text that nobody can know from the graph: the user's own stays.
        (with_text(("MagicPrompt", {"seed": 7})), None, "behind the node 'MagicPrompt'"),
        (with_text(HELD, ("TextGenerate", {"prompt": ["20", 0]})), None, "behind the node 'TextGenerate'"),
        (with_text(("DPRandomGenerator", {"text": "a {red|blue} fox"})), None, "'DPRandomGenerator'"),
        (with_text(("OllamaText", {"text": "write a prompt"})), None, "'OllamaText'"),
        (with_text(("MagicNode", {}), ("StringConcatenate", {"string_a": ["20", 0], "string_b": "x"})), None,
         "'MagicNode'"),
        (positive(("SomeConditioner", {"words": "a fox"})), None, "'SomeConditioner'"),
        (positive(("ConditioningZeroOut", {"conditioning": ["6", 0]})), None, "the prompt (it has none)"),
    ],
)  # fmt: skip
def test_the_text_that_reaches_the_sampler(graph, prompt, told):
    found = read(graph)
    assert found.settings.get("prompt") == (None if prompt is None else Prompt(prompt))
    assert found.settings["negative"] == "blurry, text"
    assert told in "; ".join(found.missing)
    assert found.settings["steps"] == 9


def test_a_second_pass_is_no_main_one():
    first = comfy(SHORT)["3"]["inputs"]
    second = first | {"denoise": 0.4, "steps": 77, "positive": ["20", 0], "latent_image": ["3", 0]}
    detail = {
        "steps": 50,
        "cfg": 2,
        "denoise": 0.5,
        "positive": ["20", 0],
        "negative": ["7", 0],
        "image": ["8", 0],
    }
    later = nodes(n20=SNOW, n30=("KSampler", second), n31=("FaceDetailer", detail))
    graph = {key: later[key] for key in reversed(later)}  # the second pass comes first in the file
    found = read(graph)
    assert (found.settings["prompt"], found.settings["steps"]) == (Prompt("a red fox"), 9)
    assert {"another pass (KSampler)", "another pass (FaceDetailer)"} <= set(found.missing)


def test_base_and_refiner():
    one = {"add_noise": "enable", "start_at_step": 0, "end_at_step": 20, "noise_seed": 42} | comfy(SHORT)[
        "3"
    ]["inputs"]
    two = one | {"add_noise": "disable", "start_at_step": 20, "steps": 30, "latent_image": ["3", 0]}
    found = read(nodes(n1=("KSamplerAdvanced", two), n3=("KSamplerAdvanced", one)))
    assert found.settings["steps"] == 9
    assert "another pass (KSamplerAdvanced)" in found.missing


def test_a_picture_as_start_is_told():
    graph = nodes(n5=("VAEEncode", {"pixels": ["30", 0]}), n30=("LoadImage", {"image": "/etc/passwd"}))
    graph["3"]["inputs"]["denoise"] = 0.6
    found = read(graph)
    assert found.settings["prompt"] == Prompt("a red fox")
    assert {"the picture or latent it started from", "denoise 0.6"} <= set(found.missing)
    assert found.settings["size"] == (32, 16)
    assert any("(it is not told: 32 × 16 is the picture's)" in words for words in found.missing)


def test_custom_samplers_and_distilled_guidance():
    graph = nodes(
        n3=("SamplerCustomAdvanced", {"noise": ["21", 0], "guider": ["22", 0], "sampler": ["23", 0],
                                      "sigmas": ["24", 0], "latent_image": ["5", 0]}),
        n5=("EmptySD3LatentImage", {"width": ["27", 0], "height": 16, "batch_size": 1}),
        n21=("RandomNoise", {"noise_seed": 18446744073709551615}),
        n22=("BasicGuider", {"model": ["26", 0], "conditioning": ["25", 0]}),
        n23=("KSamplerSelect", {"sampler_name": "ddim"}),
        n24=("SplitSigmas", {"sigmas": ["28", 0], "step": 3}),
        n25=("FluxGuidance", {"guidance": 3.5, "conditioning": ["6", 0]}),
        n26=("UNETLoader", {"unet_name": "flux1-dev.safetensors"}),
        n27=("PrimitiveInt", {"value": 48}),
        n28=("BasicScheduler", {"steps": 12, "denoise": 1, "model": ["26", 0]}),
    )  # fmt: skip
    found = read(graph)
    assert dict(found.settings) == {
        "prompt": Prompt("a red fox"), "steps": 12, "guidance": 3.5, "sampler": "ddim", "size": (48, 16),
    }  # fmt: skip
    told = "; ".join(found.missing)
    assert "seed 18446744073709551615" in told
    assert "flux1-dev" in told
    assert "distilled guidance 3.5" in told
    assert "a negative prompt (it has none)" in told


def test_numbers_come_through_links_or_not_at_all():
    graph = nodes(n30=("INTConstant", {"value": 33}), n31=("MathExpression", {"a": 3, "b": 4}))
    graph["3"]["inputs"] |= {"steps": ["30", 0], "cfg": ["31", 0]}
    found = read(graph)
    assert found.settings["steps"] == 33
    assert "guidance" not in found.settings
    assert "guidance (it has none)" in found.missing


def test_what_samplers_do_not_agree_in_is_left_out():
    graph = nodes(n20=SNOW, n30=("KSampler", comfy(SHORT)["3"]["inputs"] | {"positive": ["20", 0], "seed": 1}),
                  n31=("SaveImage", {"images": ["30", 0]}))  # fmt: skip
    found = read(graph)
    assert "prompt" not in found.settings
    assert "the prompt (its 2 samplers do not agree)" in found.missing
    assert (found.settings["steps"], found.settings["negative"]) == (9, "blurry, text")
    del graph["31"]  # only one of them is saved
    assert read(graph).settings["prompt"] == Prompt("a red fox")


def test_nan_costs_only_itself():
    for bad in ("NaN", "Infinity", "-Infinity", "9" * 5000):
        graph = json.dumps(comfy(SHORT)).replace(
            '"class_type": "KSampler"', f'"is_changed": [{bad}], "class_type": "KSampler"'
        )
        assert bad in graph
        assert read(graph).settings["prompt"] == Prompt("a red fox")
    graph = json.dumps(comfy(SHORT)).replace('"cfg": 4.5', '"cfg": NaN')
    assert "guidance (it has none)" in read(graph).missing


def test_good_lines_beside_a_bad_graph():
    asked = a1111(SHORT)
    for graph in (json.dumps(comfy(SHORT))[:-20], json.dumps(with_text(("MagicPrompt", {})))):
        assert "the prompt (" in "; ".join(read(graph).missing)
        found = read(graph, parameters=asked)
        assert found.settings["prompt"] == Prompt("a red fox")
        assert found.settings["steps"] == 9
    only = read("{}", workflow=json.dumps({"nodes": [{"id": 1}], "links": []}))
    assert (only.producer, dict(only.settings)) == ("ComfyUI", {})


def _doubled(depth):
    """Every node asks the one before twice: 2^depth texts."""
    chain = [
        ("StringConcatenate", {"string_a": [str(19 + i), 0], "string_b": [str(19 + i), 0]})
        for i in range(1, depth)
    ]
    return with_text(HELD, *chain)


def _reroutes(count):
    """Every node has very many links, and there are very many samplers."""
    many = {f"in{i}": ["30", 0] for i in range(500)}
    graph = {str(i): {"class_type": "Reroute", "inputs": many} for i in range(30, 30 + count)}
    sampler = comfy(SHORT)["3"]["inputs"] | {"latent_image": ["30", 0], "positive": ["30", 0]}
    return graph | {f"s{i}": {"class_type": "KSampler", "inputs": sampler} for i in range(5000)}


@pytest.mark.parametrize(
    "graph",
    [
        _doubled(60),
        with_text(*[("Reroute", {"": [str(19 + i), 0]}) for i in range(3000)]),
        with_text(
            *[("StringConcatenate", {"string_a": [str(19 + i), 0], "string_b": "x"}) for i in range(3000)]
        ),
        with_text(("Reroute", {"": ["20", 0]})),
        with_text(
            ("StringConcatenate", {"string_a": ["21", 0]}), ("StringConcatenate", {"string_a": ["20", 0]})
        ),
        with_text(HELD, *[("StringConcatenate", {"string_a": "y" * 90_000, "string_b": "x" * 90_000})] * 20),
        positive(*[("ConditioningCombine", {"conditioning_1": ["20", 0], "conditioning_2": ["20", 0]})] * 2),
        _reroutes(200),
    ],
)
def test_graphs_without_end(graph):
    begun = time.process_time()
    found = read(graph)
    assert time.process_time() - begun < 3
    assert "prompt" not in found.settings
    assert "the prompt (" in "; ".join(found.missing)
