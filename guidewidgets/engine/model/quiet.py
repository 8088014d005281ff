"""Keep the libraries' bars and remarks out of the reader's notebook while a model is opened."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import diffusers.utils.logging as diffusers_logging
import transformers.utils.logging as transformers_logging


@contextmanager
def quiet() -> Generator[None]:
    """Errors still show; downloads keep their bars, which belong to the hub's client.

    What is silenced is true of every embedded model and of no use to anybody: that its autoencoder is a tiny one, that
    torchvision is missing, that three small files were read.
    """
    libraries = (diffusers_logging, transformers_logging)
    before = [(library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, (verbosity, bars) in zip(libraries, before, strict=True):
            library.set_verbosity(verbosity)
            if bars:
                library.enable_progress_bar()
