"""What the composer keeps: the picture on show, or the best of several from new noise."""

from __future__ import annotations

import pytest

from guidewidgets.widgets.checks import ProtocolError
from guidewidgets.widgets.composer import ComposerPanel


@pytest.fixture
def composer(session):
    session.prompt = "a fox AND a hat"
    panel = ComposerPanel(session)
    yield panel
    panel.close()


def test_the_one_on_show_has_the_noise_it_is_composed_on(composer, session):
    session.sample(2).wait()
    session.star(1)
    (kept,) = composer.keep().wait()
    assert kept.genome.latent.equal(session[1].genome.latent)
    assert kept.holds == {}


def test_the_best_of_several_is_the_surest_of_them(composer, session):
    job = composer.keep(of=3)
    (kept,) = job.wait()
    assert composer.state()["kept"] == kept.id
    everyone = session.sample(3, of=3, seed=kept.recipe.seed).wait()
    assert kept.genome.latent.equal(everyone[0].genome.latent)
    assert min(kept.holds.values()) == max(min(one.holds.values()) for one in everyone)


def test_a_page_asks_for_a_number_that_makes_sense(composer):
    check = composer.COMMANDS["keep"].optional["of"]
    assert check("of", 4) == 4
    for wrong in (0, 101, "4", True):
        with pytest.raises(ProtocolError):
            check("of", wrong)
