"""Take a picture or latent file into a session: its candidate, or as much as it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from guidewidgets.session.candidate import Candidate
from guidewidgets.session.events import Finished
from guidewidgets.session.history import Set
from guidewidgets.session.job import Job
from guidewidgets.session.operators.context import Context
from guidewidgets.session.operators.restore import Restore
from guidewidgets.session.picture import comfy, containers, foreign, png
from guidewidgets.session.recording.calls import Call
from guidewidgets.session.state import State
from guidewidgets.session.storage import disk
from guidewidgets.untrusted import SessionFileError, bad

MAX_NOTICE = 2500
"""Letters of the notice that names what a picture doesn't tell."""
Read = Candidate | foreign.Foreign


def read(path: Path) -> Read:
    """A candidate, or the settings of a picture by another program.

    Raises:
        SessionFileError: there is neither in the file.
    """
    data = disk.read(path)
    found = containers.read(data, path.name)
    if not png.carries(found):
        return foreign.read(found, data) or Candidate.load(path)  # which says why there is none
    try:
        return Candidate.load(path)
    except SessionFileError:
        settings = foreign.read(found)
        if settings is None:
            raise
        return settings


def restore(context: Context, file: Path) -> Job | None:
    """Take a file in; see `Session.restore`."""
    state = context.state
    if file.suffix.lower() == ".latent":
        latents = noise(file)
        return context.start(Restore(latents), len(latents), state.settings, None, None)
    found = read(file)
    if isinstance(found, Candidate):
        job = adopt(state, found, file.name)
        genome = found.genome
        if genome.concepts and (genome.model, genome.revision) == (context.model.id, context.model.revision):
            for concept in genome.concepts:
                context.engine.add_concept(concept, replace=False)
        return job
    missing = [*_take_settings(context, found), *found.missing]
    text = f"{file.name}: settings by {found.producer}; not restored: {'; '.join(missing)}"
    state.notice("warning", text[:MAX_NOTICE], about=state.settings)
    return None


def _take_settings(context: Context, found: foreign.Foreign) -> list[str]:
    """Set what this model can do, as one event; returns what it cannot."""
    refused: list[str] = []
    with context.state.lock:
        before = after = context.state.settings
        for name, value in found.settings.items():
            try:
                after = context.engine.checked(after.replace(**{name: value}))
            except (ValueError, TypeError) as error:
                refused.append(f"{name} ({error})")
        if after != before:
            context.state.push(Set(before, after))
    context.advise(before, after)
    return refused


def adopt(state: State, candidate: Candidate, name: str) -> Job:
    """Make a candidate from elsewhere a generation of its own; the job is over when this returns.

    Parents that are in the session are found by their hash; the others are number -1.
    """
    numbers = {c.hash: c.id for c in state.candidates.values()}
    recipe = candidate.recipe
    recipe = replace(recipe, parent_ids=tuple(numbers.get(parent, -1) for parent in recipe.parents))

    def work(job: Job) -> Iterator[None]:
        new = Candidate(job.slots[0], candidate.genome, recipe, candidate.image, filtered=candidate.filtered)
        state.keep(job, [new])
        job.report(done=1, step=1, message="restored")
        state.emit(Finished(job, (new,)))
        yield

    slots = state.numbers.candidates(1)
    job = Job(state.numbers.event(), "restore", slots, 1, work, state.job_ended)
    path = name.encode(errors="replace").decode()  # a file's name may hold bytes that are no text
    job.call = Call("restore", {"path": path}).to_data(1, 0, state.settings, state.settings)
    state.job_started(job)
    while job.runnable:  # nothing is rendered: this needs no worker
        job.advance()
    return job


def noise(path: Path) -> Tensor:
    """Initial noise (n, C, H, W) from a ComfyUI latent file.

    Raises:
        SessionFileError: it is no such file, or its numbers are no noise.
    """
    found = comfy.read(path)
    spread = float(found.std())
    if not 0.5 < spread < 2:
        raise bad(f"{path.name} is no initial noise: its numbers spread by {spread:.2g}, noise by 1")
    return found
