"""Easy Diffusion: its own keys, each a PNG text, or all as JSON in the EXIF user comment; spaces of diffusers alike."""

from __future__ import annotations

from guidewidgets.session.picture.programs.facts import Facts, Sources, as_size, named

KEYS = {
    "Prompt": "prompt", "Negative Prompt": "negative_prompt", "Seed": "seed", "Sampler": "sampler_name",
    "Stable Diffusion model": "use_stable_diffusion_model", "Width": "width", "Height": "height",
    "Steps": "num_inference_steps", "Guidance Scale": "guidance_scale", "LoRA model": "use_lora_model",
    "ControlNet model": "use_controlnet_model", "Use Upscaling": "use_upscale",
    "Use Face Correction": "use_face_correction", "Hypernetwork model": "use_hypernetwork_model",
    "Prompt Strength": "prompt_strength", "Clip Skip": "clip_skip",
}  # fmt: skip
"""Its names for people, which it writes where it also saves text files, and those for programs."""


def read(sources: Sources) -> Facts | None:
    """Settings; None where another program wrote."""
    both = {**sources.texts, **sources.parameters}
    data = {KEYS.get(key, key): None if value == "None" else value for key, value in both.items()}
    if "num_inference_steps" not in data or "prompt" not in data:
        return None
    model = data.get("use_stable_diffusion_model")
    more = (
        "use_lora_model",
        "use_controlnet_model",
        "use_hypernetwork_model",
        "use_upscale",
        "use_face_correction",
    )
    facts = Facts(
        "Easy Diffusion" if model else "a program of diffusers",
        data["prompt"],
        data.get("negative_prompt"),
        data["num_inference_steps"],
        data.get("guidance_scale"),
        data.get("sampler_name", data.get("sampler")),
        as_size(data.get("width"), data.get("height")) or as_size(data.get("resolution")),
        data.get("seed"),
        model or data.get("Model"),
        more=[words for words in named(data, *more) if not words.endswith(" False")],
    )
    if data.get("prompt_strength") is not None:
        facts.more.append("the picture it started from")
    return facts
