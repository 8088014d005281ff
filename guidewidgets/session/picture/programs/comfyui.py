"""ComfyUI: the graph that was run, as JSON under `prompt`; `workflow` beside it is for its page.

A picture is told by its main sampler: the one that starts from an empty latent with denoise 1, and that a saved
picture comes from. Where there are several, what they don't agree in is not told.
"""

from __future__ import annotations

import re
from typing import Any

from guidewidgets.session.picture.programs import comfyui_text
from guidewidgets.session.picture.programs.comfyui_graph import Graph, Node
from guidewidgets.session.picture.programs.facts import Facts, Sources, as_json, as_number, as_size, spaced
from guidewidgets.untrusted import SessionFileError

MAX_MAIN = 20
KINDS = re.compile(
    r"lora|controlnet|ip.?adapter|t2i.?adapter|hypernetwork|freeu|perturbed|pag\b", re.IGNORECASE
)
EMPTY = re.compile(r"empty.*latent|latent.*empty|emptysd3|emptyimage", re.IGNORECASE)
LATENTS = ("latent_image", "latent", "samples")
MODELS = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name", "ckpt_name_1")


def read(sources: Sources) -> Facts | None:
    """Settings of the graph; None where another program wrote."""
    graph = _graph(sources)
    if graph is None:
        if "class_type" in sources.texts.get("prompt", "") and sources.broken("prompt"):
            return Facts("ComfyUI", why={"prompt": "its graph is damaged or too long"})
        if as_json(sources.texts.get("workflow") or sources.parameters.get("workflow")).get("nodes"):
            return Facts(
                "ComfyUI", why={"prompt": "only its page's workflow is there, not the graph that was run"}
            )
        return None
    try:
        return _told(graph)
    except SessionFileError as error:
        return Facts("ComfyUI", why={"prompt": str(error)})


def _told(graph: Graph) -> Facts:
    main = _main(graph)
    if not main:
        return Facts("ComfyUI", why={"prompt": "no node of its graph is a sampler that is known"})
    facts, *others = (_facts(graph, node) for node in main[:MAX_MAIN])
    for name in ("prompt", "negative", "steps", "guidance", "sampler", "size", "seed", "model"):
        if any(getattr(other, name) != getattr(facts, name) for other in others):
            setattr(facts, name, None)
            facts.why[name] = f"its {len(main)} samplers do not agree"
    for other in others:
        facts.more += [words for words in other.more if words not in facts.more]
    passes = [node for node in graph.samplers() if node not in main]
    facts.more += [f"another pass ({node.kind[:40]})" for node in passes[:3]]
    return facts


def _graph(sources: Sources) -> Graph | None:
    for data in (sources.json("prompt"), as_json(sources.parameters.get("prompt")), sources.parameters):
        nodes = {
            key: Node(key, str(node["class_type"])[:100], as_json(node.get("inputs")))
            for key, node in data.items()
            if isinstance(node, dict) and "class_type" in node
        }
        if nodes:
            return Graph(nodes)
    return None


def _main(graph: Graph) -> list[Node]:
    """The samplers that the picture's noise goes into; several where the graph doesn't tell which."""
    found = graph.samplers()
    kept = graph.saved()
    best: list[Node] = []
    most = (-1.0, False, False)
    for node in found:
        denoise = _denoise(graph, node)
        rank = (denoise, _latent(graph, node) is not None, not kept or node.key in kept)
        if denoise >= 1:
            rank = (1.0, rank[1], rank[2])
        if rank > most:
            best, most = [], rank
        if rank == most:
            best.append(node)
    return best


def _denoise(graph: Graph, node: Node) -> float:
    """How much of the picture a sampler makes: 1 all, 0 nothing, or only the rest of another's work."""
    start = graph.number(node, "start_at_step")
    if node.inputs.get("add_noise") in ("disable", False) or (start is not None and start > 0):
        return 0.0
    sigmas = graph.source(node, "sigmas", "sigmas", has="steps")
    amount = graph.number(node, "denoise")
    if amount is None and sigmas is not None:
        amount = graph.number(sigmas, "denoise")
    return 1.0 if amount is None else min(1.0, max(0.0, amount))


def _latent(graph: Graph, node: Node) -> Node | None:
    """The empty latent that a sampler starts from."""
    for key in LATENTS:
        at = graph.follow(
            node, key, ("samples", "latent", "latent_image", "LATENT"), lambda n: bool(EMPTY.search(n.kind))
        )
        if at is not None:
            return at
    return None


def _facts(graph: Graph, node: Node) -> Facts:
    guider = graph.linked(node, "guider")
    sigmas = graph.source(node, "sigmas", "sigmas", has="steps")
    picked = graph.linked(node, "sampler")
    noise = graph.linked(node, "noise")
    asked = guider or node
    facts = Facts("ComfyUI")
    trace = comfyui_text.Trace(graph)
    for name, keys in (("prompt", ("positive", "conditioning", "cond1")), ("negative", ("negative",))):
        told = trace.behind(asked, *keys)
        setattr(facts, name, told.text)
        if told.unknown:
            setattr(facts, name, None)
            facts.why[name] = f"behind the node {told.unknown!r}, which is not known"
    facts.more += trace.more
    facts.steps = graph.number(sigmas or node, "steps")
    facts.guidance = graph.number(asked, "cfg", "cfg_conds")
    if trace.distilled is not None and facts.guidance in (None, 1):
        facts.guidance = trace.distilled
        facts.more.append(f"distilled guidance {trace.distilled:g} is taken as guidance")
    facts.sampler = graph.text(picked or node, "sampler_name") or (picked.kind if picked else None)
    facts.more += spaced(graph.text(sigmas or node, "scheduler"))
    facts.seed = graph.number(noise or node, "noise_seed", "seed", whole=True)
    latent = _latent(graph, node)
    if latent is None and any(graph.linked(node, key) for key in LATENTS):
        facts.more.append("the picture or latent it started from")
    elif latent is not None:
        sides = graph.number(latent, "width"), graph.number(latent, "height")
        facts.size = as_size(*sides) or as_size(latent.inputs.get("dimensions"))
    amount = _denoise(graph, node)
    if amount < 1:
        facts.more.append(f"denoise {amount:g}")
    before = graph.before(node)
    loaders = [
        n for n in (*before, *graph.nodes.values()) if any(isinstance(n.inputs.get(k), str) for k in MODELS)
    ]
    facts.model = next(
        (n.inputs[k] for n in loaders for k in MODELS if isinstance(n.inputs.get(k), str)), None
    )
    facts.more += [_named(n) for n in before if KINDS.search(n.kind)][:10]
    return facts


def _named(node: Node) -> str:
    """A node's kind, with the file that it loads."""
    files: list[Any] = [v for k, v in node.inputs.items() if "name" in k and isinstance(v, str)]
    weight = as_number(node.inputs.get("strength_model"))
    return " ".join(
        [node.kind[:40], *(str(f)[:60] for f in files[:1]), *([f"{weight:g}"] if weight is not None else [])]
    )
