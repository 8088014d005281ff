"""Build the page that paints: the embedded model as ONNX, and the page's code beside it, in one folder of static files.

Usage: python docs/build_page.py [folder]    (docs/page/ unless told otherwise; an older page in it is replaced)

Any file server shows the folder; nothing in it is fetched from anywhere else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

import guidewidgets
from guidewidgets.engine.model.load import open_pipeline
from guidewidgets.engine.samplers.grids import make_schedule
from guidewidgets.engine.samplers.noise import draw_some
from guidewidgets.engine.samplers.schedule import Schedule

ROOT = Path(__file__).parents[1]
MODEL = Path(guidewidgets.__file__).parent / "models" / "emoji"
STEPS = 10
GUIDANCE = 5.0
SMALL = 64  # tensors with fewer numbers stay in single precision
PROOF = 16  # one number of so many
MOST_ROWS = 4096  # of a batch; any bound will do
WEIGHTS = "weights.f16"  # of all parts, so that no graph has to be taken apart for them


class Text(nn.Module):
    """Token ids (n, 32) to states (n, 32, D)."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor) -> Tensor:
        """States of the last layer."""
        return self.encoder(ids).last_hidden_state


class Unet(nn.Module):
    """Latents (n, C, H, W), one timestep (1,) and states (n, 32, D) to v (n, C, H, W)."""

    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, x: Tensor, t: Tensor, states: Tensor) -> Tensor:
        """The network's prediction."""
        return self.unet(x, t, encoder_hidden_states=states, return_dict=False)[0]


class Decoder(nn.Module):
    """Latents (n, C, H, W) of the denoiser to images (n, 3, 4H, 4W) in [0, 1]."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae, self.scale = vae, float(vae.config.scaling_factor)

    def forward(self, x: Tensor) -> Tensor:
        """The finished picture."""
        return (self.vae.decode(x / self.scale, return_dict=False)[0] / 2 + 0.5).clamp(0, 1)


class Preview(nn.Module):
    """The linear map from latents to pixels; see `engine/model/preview.py`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        tensors = load_file(path)
        self.weight, self.bias = (
            nn.Parameter(tensors["weight"].float()),
            nn.Parameter(tensors["bias"].float()),
        )
        self.patch = round((self.weight.shape[0] / 3) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """A rough picture."""
        flat = F.conv2d(x, self.weight, self.bias, padding=1)
        return F.pixel_shuffle(flat, self.patch).clamp(0, 1)


def vocabulary() -> dict[str, Any]:
    """What the page's tokenizer needs of the model's."""
    told = json.loads((MODEL / "tokenizer" / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    config = json.loads((MODEL / "tokenizer" / "tokenizer_config.json").read_text(encoding="utf-8"))
    return {
        "ids": told["vocab"],
        "merges": [" ".join(pair) for pair in told["merges"]],
        "start": config["bos_token"],
        "end": config["eos_token"],
        "limit": config["model_max_length"],
    }


def strides(schedule: Schedule) -> list[list[float]]:
    """Steps as the page reads them: timestep, α and σ where a step begins, α and σ where it ends."""
    return [[s.t, s.now.alpha, s.now.sigma, s.then.alpha, s.then.sigma] for s in schedule.strides]


def proof(pipeline: Any, t: float) -> dict[str, Any]:
    """What a graphics chip has to come to before the page trusts it; see `Facts` in js/src/page/messages.ts."""
    config = pipeline.unet.config
    x = draw_some([0], (config.in_channels, config.sample_size, config.sample_size), 0)
    ids = pipeline.tokenizer("", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        v = pipeline.unet(x, t, pipeline.text_encoder(ids).last_hidden_state).sample
    return {"t": t, "every": PROOF, "v": [round(value, 5) for value in v.flatten()[::PROOF].tolist()]}


def export(folder: Path) -> None:
    """Write the networks and `model.json`, all that is to be known about them."""
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = open_pipeline(None, torch.device("cpu"), torch.float32).pipeline
    config = pipeline.unet.config
    channels, side, width = config.in_channels, config.sample_size, config.cross_attention_dim
    words = vocabulary()
    x = torch.zeros(2, channels, side, side)
    rows = torch.export.Dim("rows", min=1, max=MOST_ROWS)
    parts: dict[str, tuple[nn.Module, dict[str, Tensor]]] = {
        "text": (Text(pipeline.text_encoder), {"ids": torch.zeros(2, words["limit"], dtype=torch.int64)}),
        "unet": (
            Unet(pipeline.unet),
            {"x": x, "t": torch.ones(1), "states": torch.zeros(2, words["limit"], width)},
        ),
        "decoder": (Decoder(pipeline.vae), {"x": x}),
        "preview": (Preview(MODEL / "preview.safetensors"), {"x": x}),
    }
    weights = bytearray()
    for name, (module, inputs) in parts.items():
        shapes = {key: {0: rows} if len(value) > 1 else {} for key, value in inputs.items()}
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of the exporter, about itself
            made = torch.onnx.export(
                module.eval(),
                kwargs=inputs,
                output_names=["y"],
                dynamic_shapes=shapes,
                dynamo=True,
                verbose=False,
            )
        assert made is not None
        (folder / f"{name}.onnx").write_bytes(apart(made.model_proto, weights))
    (folder / WEIGHTS).write_bytes(weights)
    words_known = json.loads((MODEL / "vocabulary.json").read_text(encoding="utf-8"))
    schedule = make_schedule(pipeline.scheduler.config, STEPS, "dpmpp-2m")
    told = {
        "channels": channels,
        "side": side,
        "width": width,
        "pixels": side * 4,
        "schedule": strides(schedule),
        "guidance": GUIDANCE,
        "vocabulary": words,
        "words": words_known["words"],
        "nouns": words_known["nouns"],
        "places": [forms[0] for forms in words_known["places"].values()],
        "proof": proof(pipeline, schedule.strides[0].t),
    }
    files = sorted(folder.iterdir())
    told["size"] = sum(path.stat().st_size for path in files)
    told["version"] = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    (folder / "model.json").write_text(
        json.dumps(told, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )


def apart(model: Any, weights: bytearray) -> bytes:
    """A graph without its weights, which are added to those of all parts in half precision: they were stored so.

    The graph looks for them where they are once the page has made single precision of them all.
    """
    from onnx import numpy_helper
    from onnx.external_data_helper import set_external_data

    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != "float32" or values.size < SMALL:
            continue
        half = values.astype("float16")
        if (half != values).any():
            continue
        set_external_data(tensor, WEIGHTS, offset=2 * len(weights), length=values.nbytes)
        tensor.ClearField("raw_data")
        weights += half.tobytes()
    del model.graph.value_info[:], model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    return model.SerializeToString()


def model() -> Path:
    """A folder with the exported model; exporting takes a minute, so it is kept until something in it changes."""
    weights = sorted(path for path in MODEL.rglob("*") if path.suffix in (".safetensors", ".json"))
    told = hashlib.sha256(torch.__version__.encode())
    for path in (Path(__file__), *weights):
        told.update(path.read_bytes())
    kept = ROOT / ".make" / "page" / told.hexdigest()[:16]
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
            export(Path(temporary) / "model")
            (Path(temporary) / "model").rename(kept)
    return kept


def main(folder: Path) -> None:
    """Build into a folder, which is replaced only once everything is there, and only if it is empty or such a page."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "paint-offline.html").exists():
        sys.exit(f"{folder} is neither empty nor a page that this program built: nothing is done")
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        fresh = Path(temporary) / "page"
        shutil.copytree(model(), fresh / "model")
        subprocess.run(["node", "page.mjs", str(fresh)], cwd=ROOT / "js", check=True)  # noqa: S603, S607
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    alone = (folder / "paint-offline.html").stat().st_size
    both = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) - alone
    chip, processor = (
        sum((folder / name).stat().st_size for name in names)
        for names in (("worker-webgpu.js", "ort.webgpu.wasm.gz"), ("worker.js", "ort.wasm.gz"))
    )
    fetched = f"{(both - chip) / 1e6:.1f} MB, or {(both - processor) / 1e6:.1f} MB with a graphics chip"
    print(f"{fetched}, for any server of plain files: python -m http.server --directory {folder}")
    print(f"{alone / 1e6:.1f} MB in one file that needs none: {folder / 'paint-offline.html'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the page that paints.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=ROOT / "docs" / "page", help="docs/page, unless given"
    )
    main(parser.parse_args().folder.resolve())
