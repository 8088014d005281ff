"""Networks that answer where the pictures are."""

from __future__ import annotations

import copy
from typing import Any, Self

import torch
from torch import nn


class Follows(nn.Module):
    """A small network that, once its weights are frozen, goes to whatever device its pictures are on.

    Whoever holds it, sessions on several devices at once perhaps, finds it where it was: other devices get copies.
    """

    def on(self, device: torch.device) -> Self:
        """Itself, or the copy on another device, made when first asked for."""
        first = next(self.parameters())
        if first.device == device or first.requires_grad:  # weights that still learn have one place
            return self
        copies: dict[torch.device, Self] = self.__dict__.setdefault("_copies", {})
        if device not in copies:
            copies[device] = copy.deepcopy(self, {id(copies): {}}).to(device)
        return copies[device]

    def __call__(self, given: torch.Tensor) -> Any:
        """Ask the network where `given` is."""
        return nn.Module.__call__(self.on(given.device), given)
