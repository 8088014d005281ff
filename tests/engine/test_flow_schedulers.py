"""Every scheduler of diffusers that can walk a flow, on Stable Diffusion 3: its pixels, or one notice that names it."""

from __future__ import annotations

import inspect
import warnings

import diffusers
import families
import pytest

from guidewidgets.engine import Engine

TOLERANCE = 1e-4
FLOW = {"prediction_type": "flow_prediction", "use_flow_sigmas": True, "flow_shift": 3.0}
KINDS = {  # Helios' walk videos in stages
    name: getattr(diffusers, name)
    for name in sorted(dir(diffusers))
    if name.endswith("Scheduler")
    and not name.startswith("Helios")
    and inspect.isclass(getattr(diffusers, name))
}
CASES = {
    "static shift": ("FlowMatchEulerDiscreteScheduler", {"shift": 3.0}),
    "Karras": ("FlowMatchEulerDiscreteScheduler", {"use_karras_sigmas": True}),
    "exponential": ("FlowMatchEulerDiscreteScheduler", {"use_exponential_sigmas": True}),
    "beta": ("FlowMatchEulerDiscreteScheduler", {"use_beta_sigmas": True}),
    "terminal": ("FlowMatchEulerDiscreteScheduler", {"shift": 3.0, "shift_terminal": 0.1}),
    "by size": ("FlowMatchEulerDiscreteScheduler", {"use_dynamic_shifting": True}),
    "by size, linear": (
        "FlowMatchEulerDiscreteScheduler",
        {"use_dynamic_shifting": True, "time_shift_type": "linear"},
    ),
    "stochastic": ("FlowMatchEulerDiscreteScheduler", {"stochastic_sampling": True}),
    **{
        name: (name, {"shift": 3.0}) for name in KINDS if name.startswith("FlowMatch") and "Euler" not in name
    },
    **{
        name: (name, FLOW)
        for name, kind in KINDS.items()
        if "use_flow_sigmas" in inspect.signature(kind.__init__).parameters
    },
}


@pytest.fixture(scope="module")
def pipeline(words):
    made = families.FAMILIES["SD3"].build(words)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of numpy, in diffusers
def test_walked_or_named(pipeline, name):
    kind, changes = CASES[name]
    known = inspect.signature(KINDS[kind].__init__).parameters
    try:
        pipeline.scheduler = KINDS[kind](**{key: value for key, value in changes.items() if key in known})
    except ImportError as error:  # of a package that it needs
        pytest.skip(str(error).splitlines()[0][:80])
    case = families.FAMILIES["SD3"]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            engine = Engine.load(pipeline)
        except ValueError as error:
            assert kind in str(error)  # noqa: PT017 - either is right
            return
        x = engine.noise(2, seed=1, size=(24, 16))
        ours = case.ours(engine, x, 5, "guided")
    named = [str(w.message) for w in heard if kind in str(w.message) and "distilled" not in str(w.message)]
    theirs = case.theirs(pipeline, x, 5, "guided", (24, 16))
    same = float((ours - theirs).abs().max()) <= TOLERANCE
    assert same or len(set(named)) == 1, named
    if kind == "FlowMatchEulerDiscreteScheduler" and name != "stochastic":
        assert same
        assert not named
