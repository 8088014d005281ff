"""What happened in a session as the Python that makes it happen again, headless, with the same latents bit for bit."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

from guidewidgets.limits import LIMIT
from guidewidgets.session.history import Chosen, Made, Marked, Set, UserEvent
from guidewidgets.session.journal import Started
from guidewidgets.session.marks import Marks
from guidewidgets.session.recording import calls
from guidewidgets.session.recording.source import source
from guidewidgets.settings import LIMITS, RenderSettings
from guidewidgets.untrusted import SessionFileError, bad

MANY = ("parents", "candidates")
ONE = "candidate"
BY_NUMBER = "picks"
SITES = "sites"
NAMES = tuple(LIMITS)
PROPERTIES = ("prompt", "steps", "guidance", "sampler", "size")  # that a session sets by `=`


@dataclass(frozen=True, slots=True)
class Past:
    """What the code is made of.

    Attributes:
        model: id of the model, and whether `gw.Session()` finds it by itself.
        seed: of the session.
        settings: it began with.
        events: in force, by number.
        started: all jobs that ever began, by number.
        methods: that may have started them, by name.
    """

    model: tuple[str, bool]
    seed: int
    settings: RenderSettings
    events: Mapping[int, UserEvent]
    started: Mapping[int, Started]
    methods: Mapping[str, calls.Method]


def write(past: Past) -> str:
    """Python source; steps that were undone are left out unless something later was made of them.

    Raises:
        SessionFileError: the file that the session came from tells of jobs that cannot be.
    """
    try:
        return "\n".join(_Writer(past).lines()) + "\n"
    except (KeyError, TypeError, AttributeError) as error:  # what a file says of a job does not fit together
        raise bad(f"the session's jobs cannot be written as code: {type(error).__name__} {error}") from error


@final
class _Writer:
    """Writes the jobs and events in the order they happened, candidates under the numbers they get in the replay."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._faults = {n: fault for n, job in past.started.items() if (fault := _fault(job, past.methods))}
        self._started = {n: job for n, job in past.started.items() if n not in self._faults}
        self._settings = past.settings
        self._numbers: dict[int, int] = {}  # of the session → of the replay
        self._firsts: dict[str, int] = {}  # where a call's candidates begin in the replay
        self._next = 0

    def lines(self) -> Iterator[str]:
        """The source, line by line."""
        name, found = self._past.model
        yield "import guidewidgets as gw"
        yield ""
        for model in self._partners():
            yield f"# prompts name the model {model}: load it with gw.Engine.load(…) first, and keep it"
        if not found:
            yield f"# model = what the session was given: {name!r}"
        arguments = [repr(str(self._past.settings.prompt)), f"seed={self._past.seed}"]
        yield f"s = gw.Session({', '.join(arguments if found else [*arguments, 'model=model'])})"
        yield f"s.set({', '.join(self._begun())})"
        shown = {e.generation.job for e in self._past.events.values() if isinstance(e, Made)}
        needed = self._with_ancestors(shown)
        unreadable = sorted(shown - set(self._started))
        for why, jobs in itertools.groupby(unreadable, lambda n: self._faults.get(n, "gone")):
            yield f"# left out, unreadable here: jobs {', '.join(map(str, jobs))}: {why}"
        happened: dict[int, UserEvent | Started] = {
            n: e for n, e in self._past.events.items() if not isinstance(e, Made)
        }
        happened |= {n: self._started[n] for n in needed}
        for number, what in sorted(happened.items()):
            if isinstance(what, Started):
                yield from self._job(what, undone=number not in shown)
            elif isinstance(what, Set):
                yield from self._set(what)
            elif isinstance(what, Marked):
                yield from self._marked(what)
            elif isinstance(what, Chosen) and {c.id for c in what.shown} <= set(self._numbers):
                better = what.better and self._numbers[what.better.id]
                others = [self._numbers[c.id] for c in what.others]
                yield f"s.prefer({better}, over={others[0] if len(others) == 1 else others})"

    def _begun(self) -> list[str]:
        """Settings it began with that were defaults: of models, and ours for them, these change with the years."""
        begun = self._past.settings
        return [f"{name}={source(getattr(begun, name))}" for name in ("steps", "guidance", "sampler")]

    def _partners(self) -> list[str]:
        """Other models that prompts name: no file ever loads one."""
        told = [self._past.settings, *(e.after for e in self._past.events.values() if isinstance(e, Set))]
        told += [RenderSettings.from_data(job.call["settings"]) for job in self._started.values()]
        return sorted({name for settings in told for name in settings.prompt.models})

    def _with_ancestors(self, jobs: set[int]) -> set[int]:
        by_candidate = {i: n for n, s in self._started.items() for i in s.slots}
        todo, found = list(jobs), set[int]()
        while todo:
            number = todo.pop()
            if number not in found and number in self._started:
                found.add(number)
                parents = _parents(self._started[number].call["arguments"] or {})
                todo += [by_candidate[i] for i in parents if i in by_candidate]
        return found

    def _job(self, job: Started, *, undone: bool) -> Iterator[str]:
        call = job.call
        if call["arguments"] is None:
            yield f"# {call['method']}: with arguments that cannot be written down"
            return
        if lost := [i for i in _parents(call["arguments"]) if i not in self._numbers]:
            yield f"# {call['method']}: of candidate {lost[0]}, which cannot be written down"
            return
        arguments = {name: calls.from_data(value) for name, value in call["arguments"].items()}
        key = json.dumps([call[name] for name in ("method", "arguments", "n", "seed", "settings")])
        resumed = key in self._firsts
        first = self._firsts.setdefault(key, self._next)
        self._numbers |= {
            i: first + call["n"] - len(job.slots) + k for k, i in enumerate(job.slots)
        }  # a resumed job makes the last of its candidates
        if resumed:
            return  # here nothing interrupts it
        self._next += call["n"]
        method = self._past.methods[call["method"]]
        told = [f"seed={call['seed']}"] if method.standalone else self._overrides(call, arguments)
        text = ", ".join([*self._arguments(arguments, method), *told])
        yield f"s.{call['method']}({text}).wait()"
        if undone:
            yield "s.undo()"

    def _arguments(self, arguments: Mapping[str, Any], method: calls.Method) -> Iterator[str]:
        # Candidates come first, whatever order they were noted in.
        for name, value in sorted(arguments.items(), key=lambda item: item[0] not in (ONE, *MANY, BY_NUMBER)):
            if name == ONE:
                yield ("" if name == method.leading else f"{name}=") + repr(self._numbers[value])
            elif name in MANY:
                yield ("" if name == method.leading else f"{name}=") + source(
                    [self._numbers[i] for i in value]
                )
            elif name == BY_NUMBER:
                yield source({self._numbers[i]: spots for i, spots in value.items()})
            elif name == SITES:
                yield f"{name}={source({self._numbers[i]: spots for i, spots in value.items()})}"
            elif name not in NAMES or method.standalone:
                yield f"{name}={source(value)}"

    def _overrides(self, call: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[str]:
        used, session = (RenderSettings.from_data(call[name]) for name in ("settings", "session"))
        own = [n for n in NAMES if n in arguments]
        names = [n for n in NAMES if n != "size" or call["method"] == "sample"]
        if all(getattr(used, n) == getattr(session, n) for n in names if n not in own):
            # It took the session's settings of then; where they are others now, they are named.
            own = [n for n in names if getattr(used, n) != getattr(self._settings, n)]
        for name in own:
            yield f"{name}={source(getattr(used, name))}"
        if call["method"] != "restore":
            yield f"seed={call['seed']}"
            if call["n"] > LIMIT:
                yield "limit=None"

    def _set(self, event: Set) -> Iterator[str]:
        after = event.after
        changed = [name for name in NAMES if getattr(after, name) != getattr(self._settings, name)]
        self._settings = after
        if len(changed) == 1 and changed[0] in PROPERTIES:
            yield f"s.{changed[0]} = {source(getattr(after, changed[0]))}"
        elif changed:
            yield f"s.set({', '.join(f'{name}={source(getattr(after, name))}' for name in changed)})"

    def _marked(self, event: Marked) -> Iterator[str]:
        kinds: dict[tuple[str, str], list[int]] = {}
        for candidate, before, after in event.changes:
            for call in _said(before, after) if candidate.id in self._numbers else ():
                kinds.setdefault(call, []).append(self._numbers[candidate.id])
        for (kind, how), numbers in kinds.items():
            which = str(numbers) if kind == "note" and len(numbers) > 1 else ", ".join(map(str, numbers))
            yield f"s.{kind}({which}{how})"


def _said(before: Marks, after: Marks) -> Iterator[tuple[str, str]]:
    """The calls that change a candidate's marks: the method, and its arguments after the candidates."""
    if replace(before, note=after.note, tags=after.tags) != after:
        kind = "star" if after.starred else "reject" if after.rejected else "unmark"
        spots = after.points if kind == "star" and after.points != before.points else ()
        yield kind, f", at={source(list(spots))}" if spots else ""
    text = f", {source(after.note)}" if after.note != before.note else ""
    tags = f", tags={source(list(after.tags))}" if after.tags != before.tags else ""
    if text or tags:
        yield "note", text + tags


def _fault(job: Started, methods: Mapping[str, calls.Method]) -> str:
    """Why a job's call is none of ours, on one line, or "": such a job is left out, as its call would become code."""
    try:
        call = calls.check_call(job.call, methods)
    except SessionFileError:
        return "no call of a method that there is"
    try:
        for value in (call["arguments"] or {}).values():
            calls.from_data(value)
    except SessionFileError as error:
        return str(error)
    return ""


def _parents(arguments: Mapping[str, Any]) -> list[int]:
    """Numbers of the candidates among a call's arguments."""
    found = {name: calls.from_data(arguments[name]) for name in (ONE, *MANY, BY_NUMBER) if name in arguments}
    return [i for name, value in found.items() for i in ([value] if name == ONE else value)]
