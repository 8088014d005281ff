"""What has to be the same before and after."""

from __future__ import annotations

from guidewidgets import SessionFileError
from guidewidgets.session import Session

SECONDS = 120


def told(session):
    """All there is to know of a session, without what is lazily read."""
    return {
        "settings": session.view().settings,
        "history": [(g.index, g.operator, g.job, [c.id for c in g]) for g in session.history],
        "marks": {c.id: c.marks for g in session.history for c in g},
        "can": (session.view().can_undo, session.view().can_redo),
        "seed": session.seed,
    }


def content(candidate):
    """What of a candidate must come back bit for bit."""
    return (
        candidate.hash,
        candidate.genome.hash,
        candidate.genome.latent.numpy().tobytes(),
        candidate.image.tobytes(),
        candidate.recipe,
        candidate.filtered,
    )


def attempt(call):
    """What the call gives, or None where it is refused as it should be: SessionFileError, one line."""
    try:
        return call()
    except SessionFileError as error:
        text = str(error)
    assert text
    assert text.isprintable(), text
    assert len(text) <= 400
    return None


def same_again(session):
    """Close a session, open it again, and compare all there is."""
    before = told(session), [content(c) for g in session.history for c in g], session.code()
    folder, engine = session.folder, session.engine
    session.close()
    again = Session.open(folder, model=engine)
    assert (told(again), [content(c) for g in again.history for c in g], again.code()) == before
    return again
