"""Pictures as other programs write them, by each program's own form: what it says, and what it cannot say.

Every program in each container it uses, in variants of what people ask for. Written anew here; the forms are those
of the programs' sources and of real files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from containers_written import COMMENT, XMP, Made, comment, exif, png, stealth, with_exif


@dataclass(frozen=True)
class Asked:
    """What somebody asked a program for."""

    name: str
    prompt: str = "a red fox"
    negative: str | None = "blurry, text"
    steps: int = 9
    guidance: float | None = 4.5
    size: tuple[int, int] = (32, 16)
    loras: tuple[str, ...] = ()
    hires: bool = False
    told: tuple[str, ...] = ()


SHORT = Asked("short")
VARIANTS = (
    SHORT,
    Asked("unicode", prompt="grüner Fuchs, 赤い狐 🦊", negative="ужас, 文字"),
    Asked("latin", prompt="ein Fuchs im Gebüsch, café", negative="häßlich"),
    Asked("no-negative", negative=None, told=("a negative prompt (it has none)",)),
    Asked("empty", prompt="", told=("the prompt (it has none)",)),
    Asked("weights", prompt="(red:1.3) fox, [blue], ((snow))", told=("weights in brackets",)),
    Asked("two-lines", prompt="a red fox,\nin the snow", negative="blurry,\ntext"),
    Asked("lora", loras=("film:0.8",), told=("film",)),
    Asked("quotes", prompt='a sign that says "Steps, 5: x", really', negative='"text", \\ {curly}'),
    Asked("long", prompt="fox, " * 2400, told=("characters: at most 10,000",)),
    Asked("hires", hires=True, size=(24, 16)),
    Asked("no-guidance", guidance=None, told=("guidance (it has none)",)),
)


@dataclass(frozen=True)
class Sample:
    """A file, and what was asked for."""

    name: str
    made: Made
    asked: Asked
    producer: str


def a1111(asked, upto="Version: v1.10.1"):
    tags = "".join(f" <lora:{name}>" for name in asked.loras)
    lines = [asked.prompt + tags]
    if asked.negative:
        lines.append(f"Negative prompt: {asked.negative}")
    facts = {"Steps": asked.steps, "Sampler": "Euler a", "Schedule type": "Karras"}
    facts |= {"CFG scale": asked.guidance} if asked.guidance is not None else {}
    facts |= {"Seed": 42, "Size": f"{asked.size[0]}x{asked.size[1]}", "Model hash": "abc", "Model": "sd15"}
    if asked.hires:
        facts |= {"Denoising strength": 0.5, "Hires upscale": 2, "Hires upscaler": "Latent"}
    if asked.loras:
        facts["Lora hashes"] = json.dumps("x: 1, Steps: 3, y: 2")
    return "\n".join(lines) + "\n" + ", ".join(f"{k}: {v}" for k, v in facts.items()) + f", {upto}"


def comfy(asked):
    nodes = {
        "3": ("KSampler", {"seed": 42, "steps": asked.steps, "cfg": asked.guidance, "sampler_name": "euler",
                           "scheduler": "normal", "denoise": 1, "model": ["4", 0], "positive": ["6", 0],
                           "negative": ["7", 0], "latent_image": ["5", 0]}),
        "4": ("CheckpointLoaderSimple", {"ckpt_name": "sd15.safetensors"}),
        "5": ("EmptyLatentImage", {"width": asked.size[0], "height": asked.size[1], "batch_size": 1}),
        "6": ("CLIPTextEncode", {"text": asked.prompt, "clip": ["4", 1]}),
        "7": ("CLIPTextEncode", {"text": asked.negative or "", "clip": ["4", 1]}),
        "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
        "9": ("SaveImage", {"images": ["8", 0], "filename_prefix": "x"}),
    }  # fmt: skip
    for lora in asked.loras:
        nodes["10"] = (
            "LoraLoader",
            {"lora_name": lora, "strength_model": 1, "model": ["4", 0], "clip": ["4", 1]},
        )
        nodes["3"][1]["model"] = ["10", 0]
    if asked.hires:
        more = {"denoise": 0.5, "steps": 77, "cfg": 1, "latent_image": ["12", 0], "positive": ["6", 0]}
        first = {"11": ("KSampler", nodes["3"][1] | more)}
        nodes = first | nodes | {"12": ("LatentUpscale", {"samples": ["3", 0], "width": 64, "height": 64})}
        nodes["8"][1]["samples"] = ["11", 0]
    return {key: {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in nodes.items()}


def swarm(asked):
    data = {"prompt": asked.prompt, "model": "XL/base", "seed": 42, "width": str(asked.size[0]),
            "height": asked.size[1], "steps": str(asked.steps)}  # fmt: skip
    data |= {"cfgscale": asked.guidance} if asked.guidance is not None else {}
    data |= {"loras": list(asked.loras), "loraweights": "0.8"} if asked.loras else {}
    data |= {"refinerupscale": 1.5, "refinermethod": "PostApply"} if asked.hires else {}
    params = data | {"negativeprompt": asked.negative or "", "swarm_version": "0.9.7"}
    return json.dumps({"sui_image_params": params, "sui_extra_data": {"date": "2026-01-03"}}, indent=2)


def fooocus(asked):
    data = {"prompt": asked.prompt, "negative_prompt": asked.negative or "", "styles": "['Fooocus V2']",
            "performance": "Speed", "resolution": str(asked.size), "guidance_scale": asked.guidance, "sharpness": 2.0,
            "base_model": "jugger", "sampler": "dpmpp_2m", "scheduler": "karras", "seed": "42", "full_prompt": ["x"],
            "steps": asked.steps, "version": "Fooocus v2.5.5", "adm_guidance": "(1, 1, 0)"}  # fmt: skip
    data |= {f"lora_combined_{i + 1}": lora.replace(":", " : ") for i, lora in enumerate(asked.loras)}
    return json.dumps(data, ensure_ascii=False)


def fooocus_lines(asked):
    styled = replace(asked, prompt=f"cinematic {' '.join(asked.prompt.split())}, highly detailed", loras=())
    raw = f"Raw prompt: {json.dumps(asked.prompt, ensure_ascii=False)}"
    unwanted = f"Raw negative prompt: {json.dumps(asked.negative or '', ensure_ascii=False)}"
    loras = "".join(f', Lora weights: "{name}"' for name in asked.loras)
    return a1111(styled, f"{raw}, {unwanted}{loras}, Sharpness: 2, Version: Fooocus v2.5.5")


def novel(asked):
    data = {"steps": asked.steps, "height": asked.size[1], "width": asked.size[0], "scale": asked.guidance, "seed": 42,
            "sampler": "k_euler", "uc": asked.negative or "", "request_type": "PromptGenerateRequest"}  # fmt: skip
    return {"Title": "NovelAI generated image", "Description": asked.prompt, "Software": "NovelAI",
            "Source": "NovelAI Diffusion V4.5 C02D4F98", "Generation time": "3.6",
            "Comment": json.dumps(data | {"prompt": asked.prompt})}  # fmt: skip


def easy(asked):
    return {"prompt": asked.prompt, "negative_prompt": asked.negative or "", "seed": 42,
            "use_stable_diffusion_model": "sd-v1-5", "clip_skip": False, "sampler_name": "euler_a",
            "width": asked.size[0], "height": asked.size[1], "num_inference_steps": asked.steps,
            "guidance_scale": asked.guidance, "use_lora_model": list(asked.loras) or None,
            "use_upscale": "RealESRGAN_x4plus" if asked.hires else None}  # fmt: skip


def draw(asked, attributes=False):
    data = {"c": asked.prompt, "uc": asked.negative or "", "model": "sd.ckpt", "sampler": "Euler A", "seed": 42,
            "scale": asked.guidance, "steps": asked.steps, "size": f"{asked.size[0]}x{asked.size[1]}", "strength": 1,
            "v2": {"loras": [{"file": name, "weight": 0.8} for name in asked.loras]}}  # fmt: skip
    text = json.dumps(data, ensure_ascii=False).replace("&", "&amp;").replace("<", "&lt;")
    tool = "" if attributes else "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>"
    named = ' xmp:CreatorTool="Draw Things"' if attributes else ""
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
xmlns:exif="http://ns.adobe.com/exif/1.0/"{named}>{tool}<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{text}
</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>"""


def invoke(asked):
    data = {"generation_mode": "txt2img", "positive_prompt": asked.prompt, "negative_prompt": asked.negative,
            "width": asked.size[0], "height": asked.size[1], "seed": 42, "cfg_scale": asked.guidance,
            "steps": asked.steps, "scheduler": "euler", "app_version": "6.10.0",
            "model": {"key": "1", "name": "sd15", "base": "sd-1"}}  # fmt: skip
    data |= (
        {"loras": [{"model": {"name": name}, "weight": 0.8} for name in asked.loras]} if asked.loras else {}
    )
    return json.dumps(data | ({"hrf_enabled": True} if asked.hires else {}))


def invoke_older(asked):
    words = asked.prompt + (f" [{asked.negative}]" if asked.negative else "")
    image = {"prompt": [{"prompt": words, "weight": 1.0}], "steps": asked.steps, "cfg_scale": asked.guidance,
             "width": asked.size[0], "height": asked.size[1], "seed": 42, "sampler": "k_lms",
             "hires_fix": asked.hires}  # fmt: skip
    return json.dumps({"model": "stable diffusion", "model_weights": "sd15", "app_id": "invoke-ai/InvokeAI",
                       "app_version": "2.2.5", "image": image})  # fmt: skip


def dream(asked):
    words = (asked.prompt + (f" [{asked.negative}]" if asked.negative else "")).replace('"', '\\"')
    numbers = f" -s {asked.steps}" + (f" -C {asked.guidance}" if asked.guidance else "")
    return f'"{words}"{numbers} -S 42 -W {asked.size[0]} -H {asked.size[1]} -A k_lms'


def _block(text, how="big", order=">"):
    return exif({COMMENT: comment(text, how)}, order)


def forms(asked):
    """(name, producer, file) of every program and container."""
    lines, graph, sui, fooo, nai, keys = (f(asked) for f in (a1111, comfy, swarm, fooocus, novel, easy))
    both = {"prompt": json.dumps(graph), "workflow": json.dumps({"nodes": [], "links": []})}
    hidden = json.dumps(nai)
    yield "a1111", "A1111", png({"parameters": lines})
    yield "a1111-ztxt", "A1111", png({"parameters": lines}, "zTXt")
    yield "a1111-jpeg", "A1111", with_exif(_block(lines))
    yield "a1111-jpeg-le", "A1111", with_exif(_block(lines, "little", "<"))
    yield "a1111-webp", "A1111", with_exif(_block(lines, "marked"), "WEBP")
    yield "a1111-avif", "A1111", with_exif(_block(lines), "AVIF")
    yield "forge-webp-utf8", "A1111", with_exif(_block(lines, "utf-8", "<"), "WEBP")
    yield "comfy", "ComfyUI", png(both)
    yield "comfy-webp", "ComfyUI", with_exif(exif({0x0110: "prompt:" + both["prompt"]}), "WEBP")
    yield "comfy-jpeg", "ComfyUI", with_exif(_block(json.dumps({"prompt": graph})))
    yield "invoke", "InvokeAI", png({"invokeai_metadata": invoke(asked)})
    yield "invoke-2", "InvokeAI", png({"sd-metadata": invoke_older(asked), "Dream": dream(asked)})
    yield "invoke-1", "InvokeAI", png({"Dream": dream(asked)}, "utf-8")
    yield "swarm", "SwarmUI", png({"parameters": sui})
    yield "swarm-jpeg", "SwarmUI", with_exif(_block(sui, "big", "<"))
    yield "fooocus", "Fooocus", png({"parameters": fooo, "fooocus_scheme": "fooocus"})
    yield "fooocus-jpeg", "Fooocus", with_exif(exif({COMMENT: fooo, 0x927C: "fooocus"}, "<", inner=False))
    yield "fooocus-a1111", "Fooocus", png({"parameters": fooocus_lines(asked), "fooocus_scheme": "a1111"})
    yield "novelai", "NovelAI", png(nai)
    yield "novelai-webp", "NovelAI", with_exif(_block(hidden), "WEBP")
    yield "novelai-stealth", "NovelAI", stealth(hidden, size=(256, 128))
    yield "easy", "Easy Diffusion", png({key: str(value) for key, value in keys.items()})
    yield "easy-jpeg", "Easy Diffusion", with_exif(_block(json.dumps(keys)))
    yield "draw-things", "Draw Things", png({XMP: draw(asked)}, "iTXt")
    yield "draw-things-jpeg", "Draw Things", with_exif(b"", "JPEG", draw(asked, attributes=True))


# Of each form, what the sampler it names is called here; None where it names none, or one that is not here.
SAMPLER = (
    dict.fromkeys(
        ("a1111", "a1111-ztxt", "a1111-jpeg", "a1111-jpeg-le", "a1111-webp", "a1111-avif"), "euler-a"
    )
    | dict.fromkeys(("forge-webp-utf8", "fooocus-a1111", "easy", "easy-jpeg"), "euler-a")
    | dict.fromkeys(("draw-things", "draw-things-jpeg"), "euler-a")
    | dict.fromkeys(("comfy", "comfy-webp", "comfy-jpeg", "invoke"), "euler")
    | dict.fromkeys(("novelai", "novelai-webp", "novelai-stealth"), "euler")
    | dict.fromkeys(("fooocus", "fooocus-jpeg"), "dpmpp-2m")
    | dict.fromkeys(("invoke-1", "invoke-2", "swarm", "swarm-jpeg"))
)


def samples() -> list[Sample]:
    """All programs, containers and variants."""
    return [
        Sample(f"{name}-{asked.name}", made, asked, producer)
        for asked in VARIANTS
        for name, producer, made in forms(asked)
        # Square brackets are InvokeAI's negative, and a few forms have no room for a LoRA.
        if not (asked.name == "weights" and name in ("invoke-1", "invoke-2"))
        and not (asked.loras and name.startswith(("invoke-1", "invoke-2", "novelai")))
    ]
