"""Why a picture is not shown; whatever the reason, it is never counted as disliked."""

from __future__ import annotations

from enum import IntEnum

from guidewidgets.engine.workers.renderer import Done


class Filtered(IntEnum):
    """The reason, as files hold it; false where the picture is shown."""

    NO = 0
    SAFETY = 1
    NOT_FINITE = 2

    @property
    def reason(self) -> str:
        """For people; empty where the picture is shown."""
        return _REASONS[self]

    @classmethod
    def each(cls, done: Done) -> list[Filtered]:
        """Of each of some finished pictures."""
        pairs = zip(done.hidden, done.not_finite, strict=True)
        return [cls.NOT_FINITE if bad else cls(hidden) for hidden, bad in pairs]


_REASONS = {
    Filtered.NO: "",
    Filtered.SAFETY: "hidden by the model's safety checker",
    Filtered.NOT_FINITE: "the autoencoder gave numbers that are not finite: try dtype='float32'",
}
