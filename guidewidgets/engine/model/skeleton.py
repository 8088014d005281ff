"""A pipeline without its weights: judged and measured before anything large is downloaded, read or moved."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import diffusers
import diffusers.pipelines
import torch
from torch import nn


def skeleton(folder: Path) -> Any:
    """The pipeline that a folder describes, its networks made from their configs on torch's meta device.

    Args:
        folder: in diffusers' format; files of weights are not looked at.

    Raises:
        ValueError: it names a class that neither diffusers nor transformers has.
        OSError, KeyError, AttributeError: as their loaders.
    """
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    kind = _class(["diffusers", index["_class_name"]], "pipeline")
    given: dict[str, Any] = {}
    for name in inspect.signature(kind).parameters:
        value = index.get(name)
        if isinstance(value, list):
            value = None if value[0] is None else _part(_class(value, name), folder / name)
        if value is not None or name in index:
            given[name] = value
    return kind(**given)


def _class(entry: list[Any], part: str) -> Any:
    """What `model_index.json` names, of the two libraries: nothing else is imported, no model's own code."""
    library, name = entry[0], entry[1]
    if isinstance(library, str) and isinstance(name, str):
        if library not in ("diffusers", "transformers") and hasattr(diffusers.pipelines, library):
            library = f"diffusers.pipelines.{library}"
        if library.split(".")[0] in ("diffusers", "transformers"):
            found = getattr(importlib.import_module(library), name, None)
            if isinstance(found, type):
                return found
    message = f"its {part} is a {name!r} of {library!r}, which diffusers and transformers do not have here"
    raise ValueError(message)


def _part(kind: Any, folder: Path) -> Any:
    if not folder.is_dir():
        message = f"it has no folder {folder.name!r}, which its model_index.json names"
        raise FileNotFoundError(message)
    network, ours = issubclass(kind, nn.Module), issubclass(kind, diffusers.ModelMixin)
    if not network:
        return kind.from_pretrained(folder, local_files_only=True)
    with torch.device("meta"):
        if ours:
            return kind.from_config(kind.load_config(folder))
        return kind(kind.config_class.from_pretrained(folder, local_files_only=True))
