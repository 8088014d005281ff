"""Write the nets that look at pictures into the package: fp16 safetensors and JSON."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

from safetensors.torch import load_file, save_file
from transformers import CLIPTokenizer

from guidewidgets.vision.nets import AppealHead, ReaderNet
from training import dual, export, train_classifier, train_reader, train_saliency
from training.flat import load
from training.world.nouns import HELD_OUT

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

SHAPES: Final = {"guide": dual.GUIDE, "judge": dual.JUDGE}
_PREPROCESSOR: Final = {
    "image_processor_type": "CLIPImageProcessor",
    "do_resize": True,
    "do_center_crop": False,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "image_mean": list(dual.MEAN),
    "image_std": list(dual.STD),
    "resample": 3,
    "rescale_factor": 1 / 255,
}


def export_dual(shape: dual.Shape, folder: Path, tokens: Path, target: Path) -> None:
    """Save one dual encoder from its training folder as a `transformers.CLIPModel` folder, tokenizer included."""
    tokenizer = CLIPTokenizer.from_pretrained(tokens)
    model = dual.make(shape, tokenizer)
    load({"model": model}, load_file(folder / "average.safetensors"))
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target, safe_serialization=True)
    tokenizer.save_pretrained(target)
    for name in ("vocab.json", "merges.txt"):  # transformers before 5 reads these instead of tokenizer.json
        shutil.copy(tokens / name, target / name)
    size = {"height": shape.side, "width": shape.side}
    (target / "preprocessor_config.json").write_text(
        json.dumps(_PREPROCESSOR | {"size": size}, indent=1) + "\n"
    )
    _relax(target / "config.json")
    _finish(folder, target)


def _relax(file: Path) -> None:
    """Let transformers load fp32 with its usual attention, and name no path."""
    entries = json.loads(file.read_text()) | {"dtype": "float32"}
    for part in ("text_config", "vision_config"):
        entries[part].pop("dtype", None)
    entries.pop("_name_or_path", None)
    file.write_text(json.dumps(entries, indent=1) + "\n")


def _save(net: nn.Module, folder: Path, target: Path, config: dict[str, Any]) -> None:
    trained = load_file(folder / "average.safetensors")
    eye = folder.parent / "style"
    if isinstance(net, ReaderNet) and (eye / "average.safetensors").exists():
        found = load_file(eye / "average.safetensors")
        trained |= {name.replace("net.", "net.style.", 1): weight for name, weight in found.items()}
    load({"net": net}, trained)
    target.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.half().contiguous() for name, weight in net.state_dict().items()}
    save_file(weights, target / "model.safetensors")
    (target / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    _finish(folder, target)


def _finish(folder: Path, target: Path) -> None:
    (target / "model.safetensors").chmod(
        0o644
    )  # safetensors writes 0600, which a wheel would carry to its users
    report = json.loads((folder / "report.json").read_text())
    if folder.name == "reader" and (folder.parent / "style" / "report.json").exists():
        also = json.loads((folder.parent / "style" / "report.json").read_text())
        report |= {
            "style": also["style"],
            **{key: report[key] + also[key] for key in ("samples", "cpu_seconds")},
        }
    report |= {key: round(report[key]) for key in ("steps", "samples", "cpu_seconds")}
    (target / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    shutil.copy(export.MODEL / "NOTICE", target / "NOTICE")


def export_vision(folder: Path, tokens: Path, target: Path) -> None:
    """Save every net that has been trained in `folder` into `target`/<name>.

    Args:
        folder: one sub-folder per net, as `run_vision` leaves them.
        tokens: folder of the tokenizer.
        target: guidewidgets/models, or where a trial should go.
    """
    for name, shape in SHAPES.items():
        if (folder / name / "average.safetensors").exists():
            export_dual(shape, folder / name, tokens, target / name)
    words = train_reader.WORDS
    names = {"names": list(train_classifier.NAMES), "held_out": list(HELD_OUT)}
    nets: tuple[tuple[str, str, nn.Module, dict[str, Any]], ...] = (
        ("reader", "reader", train_reader.make(), words),
        ("classifier", "classifier", train_classifier.make(), names),
        ("saliency", "saliency", train_saliency.make(), {"output": "(n, H, W) in [0, 1]"}),
        ("appeal", "aesthetic", AppealHead(dual.GUIDE.projection), {"dimension": dual.GUIDE.projection}),
    )
    for source, name, net, config in nets:
        if (folder / source / "average.safetensors").exists():
            _save(net, folder / source, target / name, config)
