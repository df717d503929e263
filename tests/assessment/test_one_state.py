"""Runs that get further parts between two readings: all figures are of the parts of the first one."""

from contextlib import contextmanager

import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import classifier, dataset, search, sweep

from tfstab import SweepConfig, open_assessment, open_run
from tfstab.assessment import Figures
from tfstab.assessment.verdict import verdict
from tfstab.experiments import SearchComparison, SweepComparison
from tfstab.gui.content.overview import Swept, overview_of_sweep
from tfstab.report.run_report import report_page

COPIES = SweepConfig(sigmas=(5, 30, 90), copies=6)


@contextmanager
def without_last_part(folder):
    """Take away the last part of a run; it comes back at the end."""
    part = sorted((folder / "parts").iterdir())[-1]
    hidden = part.rename(folder.parent / part.name)
    yield
    hidden.rename(part)


@pytest.fixture
def fog(tmp_path, monkeypatch):
    """The sweep of an assessment, in several parts."""
    monkeypatch.setattr("made_runs.MOST_ROWS", 300)
    folder = sweep_of(tmp_path / "assessment", "fog", first_of([0.6, 0.4, 0.2], 300)).path
    assert len(list((folder / "parts").iterdir())) > 1
    return folder


def test_figures_and_verdict_are_of_the_images_at_the_time(fog):
    with without_last_part(fog):
        figures, whole = Figures.of([open_run(fog)]), open_assessment(fog.parent)
        known, family = verdict(figures).text, figures.families[0]
        images, text = len(family.images), whole.summary()
        later = Figures.of([run := open_run(fog)])
    assert verdict(later).text == known == text
    assert len(later.families[0].labels) == len(later.families[0].images) == images < 300
    assert later.weakest_classes[0].images == figures.weakest_classes[0].images
    assert len(run.measures) == 300 and len(Figures.of([run]).families[0].images) == 300, "the run itself grows"


def test_the_overview_of_a_sweep_is_of_one_state(fog):
    with without_last_part(fog):
        swept = Swept("fog", open_run(fog).snapshot())
        known = overview_of_sweep(swept)
    later = overview_of_sweep(swept)
    assert (later.verdict, later.numbers, later.classes) == (known.verdict, known.numbers, known.classes)


def test_a_report_is_of_one_state(fog):
    """The last part arrives while the report is being written."""
    with without_last_part(fog):
        known = report_page([open_run(fog)])
        run, hidden = open_run(fog), next(fog.parent.glob("block-*"))

        def arrive(what, done, total):
            if what == "curves":
                hidden.rename(fog / "parts" / hidden.name)

        written = report_page([run], on_progress=arrive)
        assert run.complete
        (fog / "parts" / hidden.name).rename(hidden)
    assert written == known


def test_comparisons_are_of_one_state(tmp_path):
    one, other = sweep(tmp_path / "one", COPIES).path, sweep(tmp_path / "other", COPIES, dataset(), classifier()).path
    searched = search(tmp_path / "search").path
    with without_last_part(one), without_last_part(searched):
        sweeps, searches = (
            SweepComparison(open_run(one), open_run(other)),
            SearchComparison(open_run(searched), open_run(searched)),
        )
        shares, images = SweepComparison(open_run(one), open_run(other)).right_shares[0], len(searches.images)
    assert (sweeps.right_shares[0] == shares).all() and len(sweeps.first.parts) < len(open_run(one).parts)
    assert len(searches.size[0]) == len(searches.first) == images
