"""How many images and copies an assessment measures in its time: by a clock that only the network's own work moves."""

import itertools
import json
import re
import shutil

import numpy as np
import numpy_runs
import pytest
from planned_time import FAMILIES

from tfstab.assessment import noise_search, running, sample_size
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.family_sweep import FamilySweep
from tfstab.assessment.figures import Figures
from tfstab.assessment.noise_search import NoiseSearch
from tfstab.assessment.plan import Clock
from tfstab.assessment.recalls import recall_of
from tfstab.assessment.required import parse_requirements
from tfstab.assessment.requirements import check
from tfstab.assessment.results import RESULTS
from tfstab.assessment.running import Running
from tfstab.assessment.speed import DEGRADING, quick_speed_of, with_short_batches
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import RunError
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.report.recall_tables import recall_tables
from tfstab.runs.files import RARE
from tfstab.runs.info import runs_in
from tfstab.sweep import SweepConfig, SweepRun, score
from tfstab.sweep import plan as sweep_plan
from tfstab.sweep.score import in_large_batches, large_batch


def balanced(count):
    """Images of which a third is of each class, so that none is rare."""
    every = numpy_runs.dataset(9 * count)
    return every.select(np.sort(np.concatenate([np.flatnonzero(every.labels == k)[: count // 3] for k in range(3)])))


OPTIONS = {"reserve": 0.0, "as_is": True, "search": False}


@pytest.mark.parametrize(
    ("seconds", "images", "asked", "expected"),
    [
        (60.0, 102, [], ["gaussian_noise: 85 x 1, 0 x 0, 0", "fog: 85 x 1, 102 x 1, 0", "search: 85 x 1, 102 x 1, 5",
                         "fog: 85 x 1, 120 x 1, 5", "gaussian_noise: 102 x 1, 120 x 1, 5"]),
        (240.0, 120, [(4, 1), (8, 1)], [
            "gaussian_noise: 85 x 1, 0 x 0, 0", "fog: 85 x 1, 120 x 1, 0",
            "search: 85 x 1, 120 x 1, 5", "search: 85 x 1, 120 x 1, 10",
            "gaussian_noise: 120 x 1, 120 x 1, 10", "gaussian_noise: 120 x 2, 120 x 1, 10",
            "search: 120 x 2, 120 x 1, 15", "gaussian_noise: 120 x 4, 120 x 1, 15",
            "search: 120 x 4, 120 x 1, 20", "gaussian_noise: 120 x 8, 120 x 1, 20",
        ]),
    ],
)  # fmt: skip
def test_the_steps_of_an_assessment(worked, tmp_path, monkeypatch, seconds, images, asked, expected):
    """A number for each family comes first, a block of 1024 rows at most. The search has a share of the time.

    Noise, whose interval counts double, gets all images and then more copies. Each step is told with the images and
    copies of both families and the number of images searched. What is known is judged once all images are used and
    20 searched, and then whenever there are more copies.
    """
    monkeypatch.setattr(noise_search, "GENETIC", (200, 100))
    told, judged, searches = [], [], []

    def prepared(*given):
        assert given[4:7] == pytest.approx((0.25 * (seconds - 2.0 - worked.now), 1.25 / 64, 0.0))
        searches.append(NoiseSearch(*given))
        return searches[0]

    monkeypatch.setattr(running, "NoiseSearch", prepared)

    def on_state(state):
        working = [family.name for family in state.families if family.working] + ["search"] * state.noise.working
        families = [f"{family.images} x {family.copies}" for family in state.families]
        told.append((working, ", ".join([*families, str(state.noise.searched)])))
        assert state.left == pytest.approx(seconds - worked.now)

    def enough(runs):
        judged.append(tuple(run.config.copies for run in runs[:2]))
        return False

    network, data = worked.network("net", 1 / 64, 1.0), balanced(120)
    assessment = Running(
        network, data, FAMILIES, tmp_path, Clock(seconds), reserve=2.0, on_state=on_state, enough=enough
    )
    assessment.run()
    assert assessment.state.images == images and judged == asked
    steps = [(before[0], after) for before, (_, after) in itertools.pairwise(told) if before[0]]
    assert [f"{working}: {after}" for (working,), after in steps] == expected
    assert [run.path.name for run in assessment.runs] == ["gaussian_noise", "fog", "search"] and len(searches) == 1


def test_more_time_is_kept_for_the_report_on_a_machine_that_has_become_slower(worked, tmp_path):
    """Images take twice or ten times as long as in the call before: twice its 3 seconds, or a quarter of the time."""
    left = []
    for before, kept in ((1 / 64, 3.0), (1 / 128, 6.0), (1 / 640, 10.0)):
        (folder := tmp_path / str(kept)).mkdir()
        (folder / RESULTS).write_text(json.dumps({"image_seconds": 1.25 * before}))
        network, clock = worked.network("net", 1 / 64, 0.0), Clock(40.0)
        assessment = Running(network, balanced(999), FAMILIES[:1], folder, clock, reserve=3.0, search=False)
        assessment.run()
        assert assessment.image_seconds == 1.25 / 64 and assessment.reserve == kept
        left.append(clock.left)
    assert left[0] < left[1] <= left[2]


def test_what_the_next_step_of_a_family_costs_and_by_how_much_it_narrows_the_interval(tmp_path):
    """Of gaussian noise at three sigmas; a step has a block of rows at most, and its number of images is known."""
    noise, network, data = FAMILIES[1], numpy_runs.classifier(), numpy_runs.dataset()
    new = FamilySweep(network, noise, tmp_path / "new", 0, None, 9)
    assert new.next_step(4, 0.01) == ("gaussian_noise", np.inf, pytest.approx(0.5 + 4 * 12 * 0.01))
    assert new.next_step(10**6, 0.01).cost == pytest.approx(0.5 + large_batch((4, 4, 1)) * 0.01)
    for copies in (1, 6):
        run = numpy_runs.sweep(tmp_path / str(copies), SweepConfig(sigmas=(5, 90, 30), copies=copies), data)
        begun = FamilySweep(network, noise, run.path, 0, None, 9)
        kept = FamilyFigures.of(run).kept
        assert (begun.images, begun.state.images, begun.state.copies) == (9, 9, copies) and begun.state.kept == kept
        assert begun.next_step(4, 0.01).width == pytest.approx((kept.high - kept.low) / copies)
        assert begun.next_step(4, 0.01).cost == pytest.approx(0.5 + 9 * 12 * 0.01)
        assert begun.next_step(20, 0.01).cost == pytest.approx(0.5 + 20 * 12 * 0.01)


def test_a_bad_and_slow_network_gets_an_estimate_of_every_family(worked, tmp_path, monkeypatch):
    """One image of 8 is right when clean, not one of the first; they count as large, so a block has one or two."""
    monkeypatch.setattr(score, "LARGE_BATCH", 24)
    monkeypatch.setattr(sweep_plan, "SECONDS", 1e-6)
    families = [get_degradation(name) for name in ("gaussian_noise", "fog", "jpeg", "contrast")]
    data = numpy_runs.dataset(120)
    right = np.random.default_rng(1).permutation(len(data)) % 8 == 0
    right[stratified_order(data.labels)[:4]] = False
    labels = np.where(right, data.labels, (data.labels + 1) % 3)
    data = Dataset.from_arrays("bad", "test", np.asarray(data.images), labels, numpy_runs.NAMES)
    network, options = worked.network("slow", 1 / 64, 0.0), {"reserve": 0.0, "as_is": True, "search": False}
    assessment = Running(network, data, families, tmp_path, Clock(42.0), **options)
    assessment.run()
    told = {family.name: (family.images, family.estimated) for family in assessment.state.families}
    assert all(estimated for _, estimated in told.values()), told


def test_more_copies_cannot_give_an_estimate_so_they_come_last(tmp_path):
    data = numpy_runs.dataset()
    wrong = Dataset.from_arrays("wrong", "test", np.asarray(data.images), (data.labels + 1) % 3, numpy_runs.NAMES)
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(sigmas=(5, 90, 30), copies=1), wrong)
    for available, width in ((9, 0.0), (10, np.inf)):
        begun = FamilySweep(numpy_runs.classifier(), FAMILIES[1], run.path, 0, None, available)
        assert not begun.state.estimated and begun.next_step(4, 0.01).width == width


@pytest.mark.parametrize(("seconds", "size"), [(1.0, 2), (10.0, 12), (1000.0, 104)])
def test_a_batch_of_a_function_takes_a_fiftieth_of_the_time_at_most(worked, tmp_path, seconds, size):
    """Of 1/64 s an image; there are 20 images at five severities, or at twelve."""
    network, clock = worked.network("net", 1 / 64, 0.0), Clock(seconds)
    sizes = {3: 32, 1000: in_large_batches(network).batch_size, 20: 104}
    for count, expected in sizes.items():
        assessment = Running(network, numpy_runs.dataset(count), FAMILIES, tmp_path, clock, reserve=0.0)
        assert assessment.classifier.batch_size == expected
    assert with_short_batches(assessment.classifier, assessment.dataset, seconds).batch_size == size


def test_the_speed_of_a_function_is_that_of_the_images_it_gets_though_these_do_not_fill_a_batch(worked):
    network = worked.network("net", 1 / 64, 0.0).with_batch_size(100)
    assert network.any_batch and quick_speed_of(network, numpy_runs.dataset(20), 60.0)[1] == DEGRADING / 64


def test_an_assessment_that_ends_before_the_search_names_minutes_that_are_enough_for_it(worked, tmp_path, monkeypatch):
    monkeypatch.setattr(noise_search, "GENETIC", (200, 100))
    network, data = worked.network("net", 1 / 64, 0.0), balanced(120)

    def assessed(seconds):
        assessment = Running(network, data, FAMILIES, tmp_path, Clock(seconds), reserve=2.0)
        assessment.run()
        return assessment

    said = assessed(12.0).unsearched
    assert said.startswith("The minimum noise was not searched for, because the assessment ended before the search: ")
    minutes = int(re.search(r": give it more minutes, about (\d+) for 20 images\.$", said)[1])
    assert 2 < minutes < 6, "20 images take 20 * 100 * 1.2 * 1.25 / 64 s, 47 s, at 40 % of the time"
    enough = assessed(60.0 * minutes)
    assert enough.state.noise.searched >= 20 and not enough.unsearched


def test_more_images_of_a_rare_class_are_degraded_for_its_recall_alone(worked, tmp_path, monkeypatch):
    """Of 240 images 12 are of class 0, and there is time for about a third of the others. Blocks have 8 images of fog.

    Those of rare classes are the last ones of the order, so that all are used if both sweeps are complete.
    """
    monkeypatch.setattr(score, "LARGE_BATCH", 40)
    monkeypatch.setattr(sweep_plan, "SECONDS", 1e-6)
    every = numpy_runs.dataset(720)
    rows = np.concatenate([np.flatnonzero(every.labels == 1)[:228], np.flatnonzero(every.labels == 0)[:12]])
    data, families = every.select(np.sort(rows)), FAMILIES[:1]

    def assessed(name, seconds, given=data):
        """The figures of fog, from an assessment of so many seconds."""
        network = worked.network(name, 1 / 64, 0.0)
        done = Running(network, given, families, tmp_path / name, Clock(worked.now + seconds, 0.0), **OPTIONS)
        done.run()
        return done.state, Figures.of(done.runs)

    state, figures = assessed("net", 16.0)
    (family,) = figures.families
    own, found = family.labels == 0, family.of_classes
    assert 0 < own.sum() < 8 and (found.labels == 0).sum() == 12 and (found.labels == 1).sum() == (~own).sum()
    assert state.rare == 12 - own.sum() == (~found.sampled).sum()
    assert abs(own.mean() - 12 / 240) < 1 / len(own), "the sample keeps the share of each class"
    alone = FamilyFigures.of(SweepRun(shutil.copytree(family.run.path, tmp_path / "alone")))
    assert (family.kept, family.chance) == (alone.kept, alone.chance) and len(family.images) == len(own)
    assert recall_of(alone, 0).high - recall_of(alone, 0).low > recall_of(family, 0).high - recall_of(family, 0).low
    (outcome,) = check(figures, parse_requirements(["recall cat under fog:1"]))
    assert "of the 12 images of class cat" in outcome.sentence
    assert recall_tables(figures)[0].columns[1] == "cat (12)"
    assert {one.name: one.images for one in figures.weakest_classes}["cat"] == 12
    _, other = assessed("other", 16.0)
    assert SweepComparison(family.run, other.families[0].run).recall(0).count == 12
    both = FolderComparison(*(Folder.open(tmp_path / name) for name in ("net", "other")))
    assert {(c.class_name, c.paired.count) for c in both.recalls} >= {("cat", 12)}
    for seconds, given in ((1.0, data.take(20)), (60.0, data)):  # continued with other samples
        _, figures = assessed("net", seconds, given)
    assert len(figures.families[0].images) == 240 == len(figures.families[0].of_classes.images)
    shutil.rmtree(tmp_path / "net" / RARE / "fog")
    shutil.copytree(tmp_path / "other" / RARE / "fog", tmp_path / "net" / RARE / "fog")
    with pytest.raises(RunError, match="is not of the same model, images and settings as"):
        recall_of(FamilyFigures.of(family.run), 0)


class OneStep:
    """Interrupts an assessment after its first step: before it, `measuring` is told twice."""

    def __init__(self):
        self.told = 0

    def __call__(self, state):
        self.told += state.stage == "measuring"
        if self.told > 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize(("rare", "large", "whole"), [(False, False, True), (False, True, False), (True, True, True)])
def test_a_tenth_of_the_time_may_go_to_all_clean_images(worked, tmp_path, monkeypatch, rare, large, whole):
    """An image is taken for 1.25 / 64 s, at 90 severities or more; those of which the inputs are checked for 3 times.

    If images are large, only those of rare classes need all of them.
    """
    if large:
        monkeypatch.setattr(sample_size, "LARGEST_COPY", 0)
    families = [get_degradation(name) for name in degradation_names()]
    data = numpy_runs.dataset(240) if rare else balanced(240)

    network, clock = worked.network("net", 1 / 64, 0.0), Clock(150.0)
    assessment = Running(network, data, families, tmp_path, clock, **OPTIONS, on_state=OneStep())
    with pytest.raises(KeyboardInterrupt):
        assessment.run()
    assert (assessment.state.images == 240) == whole and assessment.state.images > 100
    sweep = SweepRun(tmp_path / "gaussian_noise")
    assert len(sweep.clean.indices) == assessment.state.images
    # Progress is of twice as many images as there is time for, not of all that are clean.
    seconds = 1.25 / 64 * sum(len(family.severities) for family in families)
    assert len(sweep.measures.images) / sweep.share_done == pytest.approx(2 * 150 / seconds, rel=0.15)


def test_the_other_clean_images_are_scored_once_there_is_time(worked, tmp_path):
    """A tenth of the 85 seconds is too little to score 240 images, but enough for the few not yet scored."""
    families = [get_degradation(name) for name in degradation_names()]
    for continued in (False, True):
        network, clock = worked.network("net", 1 / 64, 0.0), Clock(85.0)
        assessment = Running(network, balanced(240), families, tmp_path, clock, **OPTIONS, on_state=OneStep())
        with pytest.raises(KeyboardInterrupt):
            assessment.run()
        assert (assessment.state.images == 240) == continued and assessment.state.images > 70
        runs = [SweepRun(path) for path in runs_in(tmp_path)]
        assert Figures.of(runs).images == assessment.state.images
