"""The widget of a blind study: two pictures, a question, three keys; the page never learns which side is which."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast, final

from guidewidgets.prompt import Prompt
from guidewidgets.session.events import View
from guidewidgets.settings import RenderSettings
from guidewidgets.widgets import checks, encode
from guidewidgets.widgets.handlers import Answer, Handler
from guidewidgets.widgets.panel import Panel

if TYPE_CHECKING:
    from PIL import Image

    from guidewidgets.evaluate.study import Study
    from guidewidgets.session import Session

MOST_PX = 1024
"""Pixels of the longer side that a page gets; both pictures are reduced alike."""
A_DAY = 86_400.0
_NOTHING = RenderSettings(prompt=Prompt(""), steps=1, guidance=1.0, size=(1, 1))  # is rendered by a study
EXPORTS = {"json": "application/json", "csv": "text/csv"}


def _vote(panel: StudyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.study.vote(args["choice"], args["seconds"], trial=args["trial"])


def _back(panel: StudyPanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.study.back()


def _result(panel: StudyPanel, _args: Mapping[str, Any], _: Sequence[bytes]) -> None:
    panel.study.result()


def _export(panel: StudyPanel, args: Mapping[str, Any], _: Sequence[bytes]) -> Answer:
    if panel.study.remaining:
        raise ValueError("before the last vote only save() in Python writes the votes")
    text = panel.study.to_json() if args["format"] == "json" else panel.study.to_csv()
    return EXPORTS[args["format"]], [text.encode()]


@final
class StudyPanel(Panel):
    """A view of a study; what a notebook shows of one. Slots 2k and 2k + 1 are the left and the right of trial k."""

    KIND: ClassVar[str] = "study"
    COMMANDS: ClassVar[Mapping[str, Handler]] = {
        "vote": Handler(
            _vote,
            {
                "trial": checks.integer(0, checks.MAX_INT),
                "choice": checks.one_of("left", "right", "tie"),
                "seconds": checks.number(0, A_DAY),
            },
        ),
        "back": Handler(_back),
        "result": Handler(_result),
        "export": Handler(_export, {"format": checks.one_of(*EXPORTS)}, deferred=True),
    }

    def __init__(self, study: Study) -> None:
        self.study = study
        self._sent: frozenset[int] = frozenset()  # what the page has
        super().__init__(cast("Session", study))  # of which it asks nothing but to be told of changes

    @classmethod
    def handlers(cls) -> Mapping[str, Handler]:
        """Its own; those of sessions mean nothing here."""
        return cls.COMMANDS

    def view(self) -> View:
        """See `Panel`: a study has no jobs and leaves no notices."""
        return View(self.study.version, _NOTHING, None, None, (), can_undo=False, can_redo=False, notices=())

    def heard(self, event: object) -> None:
        """See `Panel`."""
        del event
        self.changed()

    def state(self) -> dict[str, Any]:
        """See `Panel`."""
        study, at = self.study, self.study.trials - self.study.remaining
        return {
            "question": study.question,
            "hash": study.hash,
            "trial": at,
            "trials": study.trials,
            "prompt": study.on_show().prompt if study.remaining else "",
            "back": study.can_go_back,
            "result": self._found(),
        }

    def _found(self) -> dict[str, Any] | None:
        found = self.study.finished
        if found is None:
            return None
        right = found.catches - found.missed
        figures = {
            "Votes": f"{found.n} on {found.prompts} prompt{'' if found.prompts == 1 else 's'}",
            "Can’t tell": str(found.ties),
            "Sign test": "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}",
            "Left chosen": _percent(found.side_bias + 0.5),
            "Catch pairs": f"{right} of {found.catches} right",
        }
        if found.agreement is not None:
            figures["Same answer again"] = _percent(found.agreement)
        if found.seconds is not None:
            figures["Median time"] = f"{found.seconds:.1f} s"
        return {
            "sentence": found.sentence,
            "share": round(found.share, 4),
            "low": round(found.low, 4),
            "high": round(found.high, 4),
            "figures": list(figures.items()),
        }

    def _on_show(self) -> list[int]:
        """Slots of the present pair and of the next, which is got ready."""
        at = self.study.trials - self.study.remaining
        return list(range(2 * at, 2 * min(at + 2, self.study.trials)))

    def pictures(self, wanted: Mapping[int, bool] | None) -> tuple[list[dict[str, Any]], list[bytes]]:
        """See `Panel`: the present pair and the next."""
        tiles: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for slot in self._on_show():
            if wanted is None or slot in wanted:
                shown = self.study.on_show(slot // 2)
                encoded = _encoded(shown.right if slot % 2 else shown.left)
                tiles.append(encoded.describe(slot, final=True))
                buffers.append(encoded.data)
        return tiles, buffers

    def tell_snapshot(self) -> None:
        """See `Outlet`."""
        self._sent = frozenset()
        self.tell_state()

    def tell_state(self) -> None:
        """See `Outlet`: with the pictures that the page has not got yet."""
        state, shown = self.whole_state(), self._on_show()
        tiles, buffers = self.pictures(dict.fromkeys(set(shown) - self._sent, True))
        self._sent = frozenset(shown)
        self.send({"kind": "snapshot", "state": state, "tiles": tiles}, buffers)

    def static_traits(self) -> dict[str, Any]:
        """See `Panel`: no picture, which would outlive the vote on it."""
        return {"tiles": [], "still": {"state": self.whole_state(), "tiles": []}}

    def static_html(self) -> str:
        """See `Panel`."""
        found = self.study.finished
        done = f"{self.study.trials - self.study.remaining} of {self.study.trials} choices made"
        said = done if found is None else found.sentence
        return f"<p>{html.escape(self.study.question)} {html.escape(said)}</p><p>Plan {self.study.hash}</p>"

    def _successor(self) -> Any:
        return self.study.panel()


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _encoded(image: Image.Image) -> encode.Encoded:
    return encode.exact(encode.reduced(image, MOST_PX))
