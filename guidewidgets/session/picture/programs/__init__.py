"""Programs whose pictures tell their settings: one file each, with `read(sources) -> Facts | None`.

Written for this house, since the readers there are trust what they read: they unpack without end, follow EXIF tags
that point at one another, or take one byte order. None of them opens a file or a connection that a text names.
"""

from __future__ import annotations

from collections.abc import Callable

from guidewidgets.session.picture.programs import (
    a1111,
    comfyui,
    draw_things,
    easy_diffusion,
    fooocus,
    invokeai,
    novelai,
    swarmui,
)
from guidewidgets.session.picture.programs.facts import Facts, Sources

READERS: tuple[Callable[[Sources], Facts | None], ...] = (
    swarmui.read,
    fooocus.read,
    invokeai.read,
    novelai.read,
    draw_things.read,
    easy_diffusion.read,
    comfyui.read,
    a1111.read,  # last: others write its lines too, beside their own
)
