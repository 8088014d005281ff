"""Using what others own: frozen and at rest while it computes, and as it was before and after."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from guidewidgets.engine.model.quiet import quiet
from guidewidgets.engine.weights import execution_device, materialised, modules_of, unwrapped

HOOKS = ("_hf_hook", "_diffusers_hook")  # of accelerate and diffusers

AtRest = Callable[[], Any]
"""A context in which networks are used."""


def at_rest(parts: Iterable[nn.Module]) -> AtRest:
    """A context in which networks have no dropout, and their weights no gradients; after it they are as they were."""
    modules: list[Any] = [module for part in parts for module in part.modules()]
    # By place: offloading puts other parameters there while a network computes.
    places = [(module, name) for module in modules for name, _ in module.named_parameters(recurse=False)]

    @contextmanager
    def rest() -> Generator[None]:
        learning = [module for module in modules if module.training]
        # Without a graph there is nothing to keep them out of, and a compiled network would be compiled again.
        graph = torch.is_grad_enabled()
        thawed = [(m, name) for m, name in places if getattr(m, name).requires_grad] if graph else []
        for module in learning:
            module.training = False
        for module, name in thawed:
            getattr(module, name).requires_grad_(requires_grad=False)
        try:
            yield
        finally:
            for module in learning:
                module.training = True
            for module, name in thawed:
                getattr(module, name).requires_grad_()

    return rest


def private_copy(module: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """A copy of a network, without wrappers and hooks, frozen, on a device in a dtype."""
    source = unwrapped(module)
    hooks = [vars(part)[name] for part in source.modules() for name in HOOKS if name in vars(part)]
    made = copy.deepcopy(source, {id(hook): None for hook in hooks})  # which would take other networks along
    for part in made.modules():
        held = vars(part)
        if any([held.pop(name, ...) is None for name in HOOKS]):  # noqa: C419 - all of them
            for name in ("forward", "_old_forward"):  # what the hook had put in its place
                held.pop(name, None)
    made.load_state_dict(materialised(source), strict=False, assign=True)
    with quiet():  # diffusers warns of casts that keep nothing in fp32, even where nothing asks for it
        made.to(device, dtype)
    return made.requires_grad_(requires_grad=False).eval()


def adapted(pipeline: Any, device: torch.device | None, dtype: torch.dtype | None) -> Any:
    """A pipeline on a device in a dtype: the same where it is so already, else another that shares what is so.

    Args:
        pipeline: that was lent.
        device: None is where each part is.
        dtype: None is that of each part. An autoencoder is never narrowed: it may overflow, and its owner knows.
    """
    made = pipeline
    for name, part in modules_of(pipeline).items():
        module: Any = part
        where, kind = device or execution_device(module), dtype or module.dtype
        if name == "vae" and kind.itemsize < module.dtype.itemsize:
            kind = module.dtype
        if (execution_device(module), module.dtype) != (where, kind):
            made = copy.copy(pipeline) if made is pipeline else made
            setattr(made, name, private_copy(module, where, kind))
    return made


def send_home(pipeline: Any) -> None:
    """Put the networks of a pipeline that is offloaded part by part back where they rest, as its own call does."""
    for hook in getattr(pipeline, "_all_hooks", ()):
        if hasattr(hook, "offload"):
            hook.offload()
