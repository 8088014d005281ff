"""The nets that come with the package: loaded when first asked for, once, frozen; data only (safetensors and JSON)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, final

from torch import Tensor, nn

from guidewidgets.engine.check import check_images
from guidewidgets.engine.model.load import EMBEDDED
from guidewidgets.engine.model.quiet import quiet
from guidewidgets.untrusted import parse_json
from guidewidgets.vision.encoder import ClipEncoder
from guidewidgets.vision.nets import AppealHead, ClassifierNet, ReaderNet, SaliencyNet
from guidewidgets.vision.reader import Reader
from guidewidgets.vision.weights import read_weights

Net = TypeVar("Net", bound=nn.Module)
_models: Path = EMBEDDED.parent
MOST_BYTES = 16 << 20  # no embedded net is larger


@contextmanager
def at(folder: Path) -> Generator[None]:
    """Take the nets from another folder for a while, as training does before it ships them. Not for threads."""
    global _models  # noqa: PLW0603 - one place, put back at once
    before, _models = _models, folder
    _forget()
    try:
        yield
    finally:
        _models = before
        _forget()


def _forget() -> None:
    for net in (guide, judge, reader, classifier, saliency_net, aesthetic_head):
        net.cache_clear()


@cache
def guide() -> ClipEncoder:
    """The dual encoder that may be optimised against.

    Raises:
        ValueError: its files are missing or damaged.
    """
    return _encoder("guide")


@cache
def judge() -> ClipEncoder:
    """The dual encoder that only ever scores: another seed, another architecture, other scenes than `guide`.

    Raises:
        ValueError: its files are missing or damaged.
    """
    return _encoder("judge")


@cache
def reader() -> Reader:
    """The scene reader: nouns, colours, places, styles and relations of a picture. It only ever scores.

    Raises:
        ValueError: its files are missing or damaged.
    """
    words = _words("reader", "nouns", "colours", "grounds", "styles")
    sizes = [len(words[key]) for key in ("nouns", "colours", "grounds", "styles")]
    net = ReaderNet(sizes[0], sizes[1], sizes[2], sizes[3])
    return Reader(_filled(net, "reader"), **words)


@final
class Classifier:
    """Names the object of a picture, held-out nouns among them, which no text model here has ever read."""

    def __init__(self, net: ClassifierNet, names: Sequence[str], held_out: Sequence[str]) -> None:
        self.net = net.eval().requires_grad_(False)  # noqa: FBT003 - torch's own signature
        self.names = tuple(names)
        self.held_out = tuple(held_out)

    def __call__(self, images: Tensor) -> Tensor:
        """Logits (n, k) of images (n, 3, H, W) in [0, 1]; differentiable.

        Raises:
            ValueError: these are no such images.
        """
        check_images(images)
        return self.net(images)


@cache
def classifier() -> Classifier:
    """The fine-grained classifier.

    Raises:
        ValueError: its files are missing or damaged.
    """
    words = _words("classifier", "names", "held_out")
    return Classifier(_filled(ClassifierNet(len(words["names"])), "classifier"), **words)


@cache
def saliency_net() -> SaliencyNet:
    """Images (n, 3, H, W) in [0, 1] to maps (n, H, W) in [0, 1] of where objects stand out; differentiable.

    Raises:
        ValueError: its files are missing or damaged.
    """
    return _filled(SaliencyNet(), "saliency")


@cache
def aesthetic_head() -> AppealHead:
    """Appeal (n,) of `guide`'s image vectors (n, D): a formula of contrast, colour and balance, not human taste.

    Raises:
        ValueError: its files are missing or damaged.
    """
    settings = _settings("aesthetic")
    dimension = settings.get("dimension")
    if not isinstance(dimension, int) or not 0 < dimension <= 4096:
        message = f"the embedded aesthetic's config.json says dimension={dimension!r}: expected a small whole number"
        raise ValueError(message)
    return _filled(AppealHead(dimension), "aesthetic")


def _encoder(name: str) -> ClipEncoder:
    folder = _models / name
    if not (folder / "model.safetensors").is_file():
        message = f"the embedded {name} is not there: {name}/model.safetensors is missing, install the package again"
        raise ValueError(message)
    with quiet():
        encoder = ClipEncoder.load(folder)
    encoder.model.float()
    return encoder


def _filled(net: Net, name: str) -> Net:
    """A net with the weights of its folder, in fp32, frozen."""
    file = _models / name / "model.safetensors"
    if file.is_file() and file.stat().st_size > MOST_BYTES:
        message = f"the embedded {name} has {file.stat().st_size:,} bytes: at most {MOST_BYTES:,} are read"
        raise ValueError(message)
    weights = read_weights(file)
    wanted = {key: value.shape for key, value in net.state_dict().items()}
    found = {key: value.shape for key, value in weights.items()}
    if wanted != found:
        odd = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
        raise ValueError(f"the embedded {name} does not fit its network: {', '.join(odd[:3])}")
    net.load_state_dict({key: value.float() for key, value in weights.items()})
    return net.eval().requires_grad_(requires_grad=False)


def _words(name: str, *keys: str) -> dict[str, list[str]]:
    settings = _settings(name)
    for key in keys:
        if not isinstance(settings.get(key), list) or not all(
            isinstance(word, str) for word in settings[key]
        ):
            raise ValueError(f"the embedded {name}'s config.json names no {key}")
    return {key: settings[key] for key in keys}


def _settings(name: str) -> dict[str, Any]:
    file = _models / name / "config.json"
    try:
        return parse_json(file.read_text(encoding="utf-8"), f"the embedded {name}'s config.json", 1 << 20)
    except OSError as error:
        message = f"the embedded {name} is not there: {name}/config.json: {type(error).__name__}"
        raise ValueError(message) from error
