"""How many images, copies and queries the time allows: by a clock that only the networks' own work moves."""

import itertools
import json
import re
import shutil
import threading
from dataclasses import asdict
from types import SimpleNamespace

import keras
import numpy as np
import numpy_runs
import pytest

import tfstab
from tfstab import Classifier
from tfstab.assessment import (
    before_after,
    family_sweep,
    noise_search,
    paired_clean,
    paired_search,
    paired_sweeps,
    plan,
    running,
    sample_size,
    speed,
)
from tfstab.assessment.before_after import MORE_PRECISELY, BeforeAfter
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.family_sweep import FamilySweep
from tfstab.assessment.figures import Figures
from tfstab.assessment.noise_search import NoiseSearch, search_settings
from tfstab.assessment.plan import Clock
from tfstab.assessment.recalls import recall_of
from tfstab.assessment.required import parse_requirements
from tfstab.assessment.requirements import check
from tfstab.assessment.results import RESULTS
from tfstab.assessment.running import Running
from tfstab.assessment.speed import DEGRADING, quick_speed_of, with_short_batches
from tfstab.classifier import inputs
from tfstab.datasets import Dataset
from tfstab.datasets.dataset import stratified_order
from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import ModelError, RunError
from tfstab.execution import stopping
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics.paired import mcnemar, mean_difference
from tfstab.report.recall_tables import recall_tables
from tfstab.runs.files import RARE, SIDES
from tfstab.runs.info import runs_in
from tfstab.search import SearchConfig
from tfstab.search.walks import group_size
from tfstab.sweep import SweepConfig, SweepRun, score
from tfstab.sweep import plan as sweep_plan
from tfstab.sweep import running as sweep_running
from tfstab.sweep.plan import Block
from tfstab.sweep.score import in_large_batches, large_batch


class Worked:
    """A clock that stands still but while a network scores."""

    def __init__(self):
        self.now, self._lock = 0.0, threading.Lock()

    def network(self, name, seconds, compiling, turned=False):
        """A network of so many seconds for an image, and for its first batch. turned: it takes dark for bright."""
        left = [compiling]

        def function(images):
            with self._lock:
                self.now += seconds * len(images) + (left.pop() if left else 0.0)
            return numpy_runs.brightness(255 - images if turned else images)

        return numpy_runs.classifier(function, name)


@pytest.fixture
def worked(monkeypatch):
    clock = Worked()
    for module in (before_after, paired_sweeps, plan, family_sweep, noise_search, speed, stopping):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


def balanced(count):
    """Images of which a third is of each class, so that none is rare."""
    every = numpy_runs.dataset(9 * count)
    return every.select(np.sort(np.concatenate([np.flatnonzero(every.labels == k)[: count // 3] for k in range(3)])))


OPTIONS = {"reserve": 0.0, "as_is": True, "search": False}
FAMILIES = [get_degradation(name) for name in ("fog", "gaussian_noise")]


def test_more_time_adds_images_and_then_copies_to_both_networks(worked, tmp_path):
    """Compiling takes 5 s and 80 images twice another 10 s, so that a row is planned with 6.25 s / 80.

    Each image has 17 rows, and 12 more with each further copy. A row takes 1/16 s, which is known after a sweep.
    """
    seen = []

    def measured(seconds):
        """Numbers of images and of copies under noise, the same for both networks."""
        networks = [worked.network("before", 1 / 64, 3.0), worked.network("after", 3 / 64, 2.0)]
        clock = Clock(seconds)
        compared = BeforeAfter(
            *networks, numpy_runs.dataset(80), FAMILIES, tmp_path, clock, on_progress=lambda *told: seen.append(told)
        )
        before, after = compared.measure()
        assert [run.path.relative_to(tmp_path).as_posix() for run in (*before, *after)] == [
            f"{side}/{family}" for side in ("original", "hardened") for family in ("gaussian_noise", "fog")
        ]
        numbers = {(len(runs[1].measures.images), runs[0].config.copies) for runs in (before, after)}
        assert all(run.complete for run in (*before, *after))
        assert len(numbers) == 1 and {run.config.copies for run in (before[1], after[1])} == {1}
        return numbers.pop()

    images, copies = measured(32.0)  # at most 12 have 217 rows, for 85 % of the time
    assert 5 <= images <= 12 and copies == 1
    assert seen[0] == ("clean images", 0, 0) and [what for what, *_ in seen[1:3]] == ["Gaussian noise"] * 2
    rounds = [k for k, (what, *_) in enumerate(seen) if what == "clean images"]  # a further round begins at 0 again
    told = [done for _, done, _ in seen[: rounds[1] + 1]]
    assert len(rounds) == 2 and told == sorted(told) and told[-1] == seen[rounds[1]][2] >= 34 * 5
    assert images < measured(60.0)[0] < 80
    assert measured(100.0)[0] == 80
    assert measured(1000.0) == (80, 5)  # the most


def test_slow_networks_are_compared_on_as_few_images_and_families_as_there_is_time_for(worked, tmp_path):
    """Measuring the speed takes 64 s, though the batch of 1024 is not full; 5 images are 170 rows of 1/64 s."""
    for seconds, least, most, left_out in ((100.0, 15, 50, []), (68.0, 5, 5, []), (30.0, 5, 5, ["fog"])):
        networks, clock = [worked.network(name, 1 / 64, 0.0) for name in SIDES], Clock(seconds)
        compared = BeforeAfter(*networks, numpy_runs.dataset(1000), FAMILIES, tmp_path / str(seconds), clock)
        before, after = compared.measure()
        images = len(RemedyComparison(before, after).images)
        assert least <= images <= most and compared.left_out == left_out
        assert len(before) == len(after) == 2 - len(left_out)
        assert clock.left > (-5 if seconds > 64 else seconds - 75)
    networks = [worked.network(name, 1 / 64, 0.0) for name in SIDES]
    other = BeforeAfter(*networks, numpy_runs.dataset(1000), FAMILIES, tmp_path / "fog", Clock(30.0), first=["fog"])
    assert [run.degradation.name for run in other.measure()[0]] == ["fog"] and other.left_out == ["Gaussian noise"]
    enough = compared.seconds_for(50)  # the family that was left out included
    again = BeforeAfter(*networks, numpy_runs.dataset(1000), FAMILIES, tmp_path / str(seconds), Clock(enough))
    assert 45 <= len(RemedyComparison(*again.measure()).images) <= 110 and not again.left_out


def test_all_families_get_the_fewest_images_before_any_gets_more(worked, tmp_path, monkeypatch):
    """About 40 images are planned, but after the probe one takes eight times as long: 40 under noise take 120 s."""
    swept, run_sweep = [], paired_sweeps.sweep_in_own_batches

    def watched(*arguments, **options):
        swept.append(options["degraded"])
        return run_sweep(*arguments, **options)

    def network(name):
        def function(images):
            worked.now += len(images) / (64 if len(swept) < 3 else 8)
            return numpy_runs.brightness(images)

        return numpy_runs.classifier(function, name)

    monkeypatch.setattr(paired_sweeps, "sweep_in_own_batches", watched)
    clock = Clock(60.0)
    compared = BeforeAfter(*map(network, SIDES), numpy_runs.dataset(100), FAMILIES, tmp_path, clock)
    before, after = compared.measure()
    assert not compared.left_out and len(before) == len(after) == 2 and clock.left > -20
    assert len(RemedyComparison(before, after).images) >= 5


@pytest.mark.parametrize("slower", [1, 2, 3])
def test_all_19_families_get_five_images_even_if_large_images_take_longer_than_measured(
    worked, tmp_path, monkeypatch, slower
):
    """As for 224 x 224 pixels, batches of 48 are padded. By the first guess, half of the time is for 10 images."""
    monkeypatch.setattr(score, "LARGE_BATCH", 8)
    monkeypatch.setattr(inputs, "DEFAULT_BATCH", 48)
    seconds = 10 / 64

    def network(name):
        def function(images):
            worked.now += seconds * len(images)
            return numpy_runs.brightness(images)

        padded = numpy_runs.classifier(function, name).with_batch_size(48)
        padded.any_batch = False
        return padded

    monkeypatch.setattr(before_after, "speed_of", lambda *_: (0.0, seconds / slower))
    families = [get_degradation(name) for name in degradation_names()]
    clock = Clock(800.0 / slower)
    compared = BeforeAfter(*map(network, SIDES), numpy_runs.dataset(400), families, tmp_path, clock)
    before, after = compared.measure()
    assert not compared.left_out and len(before) >= len(families) == 19
    assert len(RemedyComparison(before, after).images) >= 5 and clock.left > -20


def test_a_slow_network_is_measured_in_smaller_batches_instead_of_filling_large_ones(tmp_path, monkeypatch):
    """As it seems, an image takes a second. In batches of 256, 51 images would take as long as 6 in batches of 32."""
    swept, sweeping = [], sweep_running.Sweeping

    def watched(classifier, *arguments, **options):
        swept.append((classifier.batch_size, options["degraded"]))
        return sweeping(classifier, *arguments, **options)

    monkeypatch.setattr(sweep_running, "Sweeping", watched)
    monkeypatch.setattr(before_after, "speed_of", lambda *_: (0.0, 1.0))
    layers = [keras.Input((numpy_runs.SIDE, numpy_runs.SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    network = Classifier(keras.Sequential(layers), numpy_runs.NAMES, outputs="logits")
    measuring = BeforeAfter(network, network, numpy_runs.dataset(90), FAMILIES, tmp_path, Clock(60.0))
    before, _ = measuring.measure()
    assert set(swept[:6]) == {(32, 6)}, swept
    assert not measuring.left_out and len(before[1].measures.images) >= 6


def test_time_to_go_on_follows_what_the_first_images_took(worked, tmp_path, monkeypatch):
    """Forty times too slow a guess, which the few images do not correct: 45 more take 1530 rows of 1/32 s, 48 s."""
    monkeypatch.setattr(before_after, "speed_of", lambda *_: (0.0, 40 / 64))
    networks, data = [worked.network(name, 1 / 64, 0.0) for name in SIDES], numpy_runs.dataset(200)
    compared = BeforeAfter(*networks, data, FAMILIES, tmp_path, Clock(200.0))
    monkeypatch.setattr(compared, "_note_pace", lambda scored, seconds: None)
    monkeypatch.setattr(paired_clean, "SHARE", 1e9)  # all of them are scored
    images = len(RemedyComparison(*compared.measure()).images)
    assert images == 5
    assert 48 < compared.seconds_for(50) < 120


def test_the_first_images_correct_a_guess_that_is_far_too_slow(worked, tmp_path, monkeypatch):
    """Forty times, as on a machine that was busy for a moment. Few clean images are scored before any are degraded.

    A row takes 1/32 s with both networks, so 200 s are enough for 188 images under 34 of them.
    """
    monkeypatch.setattr(before_after, "speed_of", lambda *_: (0.0, 40 / 64))
    networks, data, clock = (
        [worked.network(name, 1 / 64, 0.0) for name in SIDES],
        numpy_runs.dataset(2000),
        Clock(200.0),
    )
    begun, told = [], []

    def note(what, done, total):
        told.append(what)
        if what == "Gaussian noise" and not begun:
            begun.append(worked.now)

    measuring = BeforeAfter(*networks, data, FAMILIES, tmp_path, clock, on_progress=note)
    before, after = measuring.measure()
    compared = RemedyComparison(before, after)
    assert begun[0] < 0.25 * 200 < worked.now < 200
    rounds = [what.removeprefix(f"{MORE_PRECISELY}Gauss") for what in told if what.endswith("Gaussian noise")]
    assert rounds == sorted(rounds) and set(rounds) == {"Gaussian noise", "ian noise"}, "the first round comes first"
    assert 100 < len(compared.images) < len(compared.on_clean.images) < len(data)


@pytest.mark.parametrize(("batch", "images"), [(None, 5), (64, 12)])
def test_if_the_time_is_over_as_many_images_are_degraded_as_fill_a_batch(tmp_path, batch, images):
    """At five severities, as fewer would not take less time; some functions take any number of images."""
    given = numpy_runs.brightness, (numpy_runs.SIDE, numpy_runs.SIDE, 1), 3
    networks = [Classifier.from_function(*given, fingerprint=name, batch_size=batch) for name in SIDES]
    measuring = BeforeAfter(*networks, numpy_runs.dataset(300), FAMILIES[:1], tmp_path, Clock(1e-3))
    assert len(RemedyComparison(*measuring.measure()).images) == images


def test_two_hardenings_measure_the_same_images_first(worked, tmp_path, monkeypatch):
    """One begins short of time and goes on twice, so it has scored other numbers of clean images than the other."""
    monkeypatch.setattr(noise_search, "GENETIC", (100,))
    before, data = worked.network("before", 1 / 64, 0.0), numpy_runs.dataset(2000)
    for name, seconds, turned in (("harden", (90.0, 200.0, 400.0), False), ("control", (280.0,), True)):
        after, begun = worked.network(name, 1 / 64, 0.0, turned=turned), 0
        for time in seconds:
            BeforeAfter(before, after, data, FAMILIES, tmp_path / name, Clock(worked.now + time, 0.0)).measure()
            sweep = SweepRun(tmp_path / name / "hardened" / "fog")
            assert begun < len(sweep.measures.images) < len(data)
            begun = len(sweep.measures.images)
    both = tfstab.compare(tmp_path / "control" / "hardened", tmp_path / "harden" / "hardened")
    for pair in both.pairs:
        few = min((pair.first, pair.second), key=lambda run: len(run.measures.images))
        assert set(pair.images) == set(few.measures.images)
    assert both.overall.count == min(len(pair.images) for pair in both.pairs)
    searches = [set(run.images) for run in (both.first.search, both.second.search)]
    assert min(map(len, searches)) - len(searches[0] & searches[1]) <= 1, "an image that only one gets wrong"


def test_more_images_are_searched_than_degraded(worked, tmp_path):
    """Those that both networks get right when clean; and no more than 50 in all."""
    networks, data = [worked.network(name, 1 / 64, 0.0) for name in SIDES], numpy_runs.dataset(80)
    compared = BeforeAfter(*networks, data, FAMILIES, tmp_path, Clock(100.0))
    compared._measure_speed()
    compared.clean.begin(5, compared._pace)
    clean = compared.clean.scores
    right = clean[0].indices[clean[0].correct]
    searched = compared.noise._searchable(clean, [], 9).indices
    assert len(right) > 9 == len(searched) and set(searched) <= set(right)
    assert len(compared.noise._searchable(clean, [], 99)) == min(50, len(right))


def test_fewer_images_are_degraded_if_they_take_longer_than_planned(worked, tmp_path, monkeypatch):
    """Four times as long, here, which a fifth of the first family's images shows; then both get equally many."""
    clock, scored = Clock(200.0), []

    def watched(*arguments, **options):
        scored.append(options["degraded"])
        return run_sweep(*arguments, **options)

    run_sweep = paired_sweeps.sweep_in_own_batches
    monkeypatch.setattr(paired_sweeps, "sweep_in_own_batches", watched)
    monkeypatch.setattr(before_after, "speed_of", lambda *_: (0.0, 1 / 256))
    networks = [worked.network(name, 1 / 64, 0.0) for name in SIDES]
    before, after = BeforeAfter(*networks, numpy_runs.dataset(1000), FAMILIES, tmp_path, clock).measure()
    images, planned = len(RemedyComparison(before, after).images), 5 * scored[0]
    assert scored[0] == scored[1] < images < planned and max(scored) == images, scored
    assert before[0].complete and len(before[0].measures.images) == images


def test_clean_accuracy_is_compared_on_all_images_though_few_are_degraded(worked, tmp_path):
    """The second network takes dark for bright; interrupted after the original's first sweep, it takes the same."""
    networks = worked.network("before", 1 / 64, 3.0), worked.network("after", 3 / 64, 2.0, turned=True)
    data = numpy_runs.dataset(80)

    def interrupt(what, done, total):
        if done and done >= total * 12 // 34:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        BeforeAfter(*networks, data, FAMILIES, tmp_path, Clock(100.0), on_progress=interrupt).measure()
    before, after = BeforeAfter(*networks, data, FAMILIES, tmp_path, Clock(85.0)).measure()
    compared = RemedyComparison(before, after)
    assert len(after[0].measures.images) == len(before[0].measures.images) >= len(compared.images)
    assert 5 <= len(compared.images) == compared.change("accuracy").images < 80
    levels = data.images.astype(float)
    right = [numpy_runs.brightness(images).argmax(axis=1) == data.labels for images in (levels, 255 - levels)]
    clean, test = compared.change("clean"), mcnemar(*right)
    assert (clean.images, clean.paired) == (80, mean_difference(*right))
    assert compared.to_json()["mcnemar"] == asdict(test)
    said = compared.summary()
    assert (
        f"Clean accuracy on 80 images falls from {100 * right[0].mean():.1f} % to {100 * right[1].mean():.1f} %" in said
    )
    assert (
        f"Of 80 clean images, {test.only_first} are right with 'before' only, and {test.only_second} with 'after' only"
        in said
    )
    kept = compared.change("kept")
    shown = np.isin(data.indices, compared.images)
    assert kept.paired.second == pytest.approx(compared.shares_right[1].mean() / right[1][shown].mean())
    assert "ccuracy kept" not in said, "a share of other clean images than the summary's"
    assert kept.images == len(compared.images)
    beside = FolderComparison(*(Folder.open(tmp_path / side) for side in SIDES))  # as `compare` and the viewer have it
    assert beside.largest.clean == clean.paired


def test_both_networks_are_searched_at_images_that_both_get_right(worked, tmp_path, monkeypatch):
    """The second network takes dark for bright, so both are right about the middling images alone.

    Compiling and measuring the speed take 7.5 s, so that a row is planned with 1.25 s / 16, and a search of 100
    queries with 120 rows. A quarter of what is then left is planned for.
    """
    monkeypatch.setattr(noise_search, "GENETIC", (200, 100))
    data, seen = numpy_runs.dataset(20), []

    def measured(seconds):
        """The searches of both networks."""
        networks = worked.network("before", 1 / 64, 3.0), worked.network("after", 3 / 64, 2.0, turned=True)
        clock, seen[:] = Clock(seconds), []
        told = BeforeAfter(
            *networks, data, FAMILIES[:1], tmp_path, clock, seed=4, on_progress=lambda *told: seen.append(told)
        )
        before, after = told.measure()
        return [*before[1:], *after[1:]]

    assert measured(40.0) == [] == measured(232.0)  # after the sweeps, which are then there, 5.98 images
    first = measured(234.0)  # 6.03 images
    steps = [done for what, done, _ in seen if what == "minimum noise"]
    assert steps == sorted(steps) and steps[0] == 0
    levels = data.images.astype(float)
    right = [numpy_runs.brightness(images).argmax(axis=1) == data.labels for images in (levels, 255 - levels)]
    middling = data.indices[right[0] & right[1]]
    assert 6 < len(middling) < 16
    expected = sorted([k for k in data.indices[stratified_order(data.labels)] if k in middling][:6])
    again = measured(3000.0)  # enough for more queries, but it keeps its settings; and for more images, which are added
    for run in (*first, *again):
        assert (run.config.max_queries, run.config.seed) == (100, 4)
    assert [sorted(run.clean.indices) for run in first] == [expected] * 2
    assert [sorted(run.images) for run in again] == [sorted(middling)] * 2
    assert [run.path.relative_to(tmp_path).as_posix() for run in again] == ["original/search", "hardened/search"]
    shutil.rmtree(tmp_path / "hardened" / "search")  # as if it had been interrupted before
    assert [sorted(run.images) for run in measured(3000.0)] == [sorted(middling)] * 2
    told = [one for one in seen if one[0] == "minimum noise"]
    assert told[0] == ("minimum noise", 0, 2 * len(middling)) and told[-1][1:] == (2 * len(middling),) * 2


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


@pytest.mark.parametrize(
    ("scores", "gradients", "labels_only", "expected"),
    [
        (800, True, False, ("boundary", 400)),
        (799, True, False, ("boundary", 200)),
        (1, True, False, ("boundary", 200)),
        (24_000, False, False, ("pygad", 20_000)),
        (23_999, False, False, ("pygad", 10_000)),
        (6_000, False, True, ("labels", 5_000)),
        (5_999, False, False, ("pygad", 2_000)),
        (1, False, True, ("labels", 2_000)),
    ],
)
def test_a_search_has_as_many_queries_as_its_time_allows(scores, gradients, labels_only, expected):
    found = search_settings(7, scores, gradients, labels_only)
    assert (found.engine, found.max_queries, found.seed) == (*expected, 7)


def test_a_search_goes_on_by_groups_of_images(tmp_path, monkeypatch):
    """Of twelve images; its 5,000 queries fit into a twentieth of the time, 6,000 scores of 0.001 s, by a hair."""
    network, data = numpy_runs.classifier(), numpy_runs.dataset(13)
    right = data.select(np.arange(12))
    planned = NoiseSearch(network, right, tmp_path / "none", 3, 120.0, 0.001, 1.0)
    assert (planned.config.engine, planned.config.max_queries, planned.config.seed) == ("pygad", 5_000, 3)
    assert planned.next_step() == ("search", 0.0, pytest.approx(5 * 5_000 * 1.2 * 0.001)) and planned.run is None
    monkeypatch.setattr(noise_search, "GENETIC", (200, 100))
    search = NoiseSearch(network, right, tmp_path / "run", 3, 1.0, 1.0, 1.0)
    first = search.next_step()
    assert first.cost == pytest.approx(5 * 100 * 1.2)
    search.step(1e9)
    assert search.state.searched == 5 and search.next_step() == first and search.spent > 0
    before = search.spent
    search.step(0.0)
    assert search.state.searched == 10
    assert search.next_step().cost == pytest.approx(plan.CAUTION * 2 * (search.spent - before) / 5)
    again = NoiseSearch(network, right, tmp_path / "run", 3, 1e9, 1.0, 1.0)
    assert again.config == search.config and again.state == search.state and again.next_step() == first
    search.step(1e9)
    assert search.state.searched == 12 and search.next_step() is None
    slower = NoiseSearch(network, right, tmp_path / "slower", 3, 1e-6, 1e-9, 0.0)
    slower.step(0.0)
    assert slower.next_step().cost == slower.spent > 0, "as the first group, which took longer than was planned"
    lengths = np.array([result.l2 if result.found else np.inf for result in search.run])
    assert search.state.found == np.isfinite(lengths).sum() and search.state.median == np.median(lengths)
    assert search.state.quartiles == (np.sort(lengths)[2], np.sort(lengths)[8])


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


def test_why_the_votes_of_an_ensemble_are_not_searched(tmp_path):
    assessment = Running(numpy_runs.classifier(), numpy_runs.dataset(), FAMILIES, tmp_path, Clock(1.0), reserve=0.0)
    assert "because the assessment ended before the search" in assessment.unsearched
    assessment.classifier.combine = "vote"
    assert "because the votes of an ensemble have no slope" in assessment.unsearched


def test_a_model_whose_gradients_fail_is_searched_without():
    def gradients(images, weights):
        raise ModelError("an operation has none")

    network, sizes = SimpleNamespace(differentiable=True, num_classes=3), []
    network.with_batch_size = lambda size: sizes.append(size) or network
    for method, known in ((gradients, False), (lambda images, weights: images, True)):
        network.gradients = method
        assert noise_search.has_gradients(network, numpy_runs.dataset(), 0.019) == known
        assert noise_search.has_gradients(network, numpy_runs.dataset(), 0.021) == known
    assert sizes == [16, 2] * 2, "the batch of the walks, unless its images take long"


def test_walks_are_planned_with_their_compilation_and_in_small_batches(tmp_path, monkeypatch):
    """800 scores of 0.001 s, a twentieth of 16 s, are for 400 queries; four pixels are searched with many others."""
    monkeypatch.setattr(noise_search, "has_gradients", lambda classifier, dataset, pace: True)
    planned = NoiseSearch(numpy_runs.classifier(), numpy_runs.dataset(), tmp_path, 3, 16.0, 0.001, 5.0)
    assert (planned.config.engine, planned.config.max_queries, planned.classifier.batch_size) == ("boundary", 400, 16)
    assert planned.next_step().cost == pytest.approx(8 * 5.0 + group_size(16) * 400 * 2.0 * 0.001)


@pytest.mark.parametrize("both", [True, False])
def test_a_comparison_leaves_time_to_compile_gradients_if_both_networks_have_them(worked, tmp_path, monkeypatch, both):
    """Of the quarter of the time for the search; a row takes 1 s / 16.

    Walks along the boundary have the fewest queries, whatever the time, so that two hardenings can be compared.
    """
    asked, counts, clock = [], [], Clock(10_000.0)
    tried = 0 if both else 16 * (1 / 64 + 3 / 64)  # seconds in which slight noise was tried on 8 images of each

    def settings(seed, scores, gradients, by_labels):
        asked.append((scores * 50, clock.left + tried, gradients, by_labels))
        return search_settings(seed, scores, gradients, by_labels)

    def searchable(self, clean, begun, count):
        counts.append(count)
        raise KeyboardInterrupt

    monkeypatch.setattr(
        paired_search, "has_gradients", lambda classifier, dataset, pace: both or classifier.name == "after"
    )
    monkeypatch.setattr(paired_search, "search_settings", settings)
    monkeypatch.setattr(paired_search.PairedSearch, "_searchable", searchable)
    networks = worked.network("before", 1 / 64, 3.0), worked.network("after", 3 / 64, 2.0)
    with pytest.raises(KeyboardInterrupt):
        BeforeAfter(*networks, numpy_runs.dataset(20), FAMILIES[:1], tmp_path, clock).measure()
    ((scores, left, *others),) = asked
    there = (0.25 * left - 8 * 5.0 * both) * 16
    assert scores == pytest.approx(0 if both else there) and others == [both, False]
    assert counts == [int(there / (200 * 2.0) if both else there / (2_000 * 1.2))]


def test_each_network_is_searched_in_its_half_of_the_time(worked, tmp_path, monkeypatch):
    given = []

    def run_search(classifier, chosen, config, folder, **options):
        given.append((folder.parent.name, classifier.batch_size, options["minutes"]))
        return SimpleNamespace(images=chosen.indices)

    monkeypatch.setattr(paired_search, "run_search", run_search)
    networks, data = [worked.network(name, 1 / 64, 0.0) for name in ("before", "after")], numpy_runs.dataset()
    compared = BeforeAfter(*networks, data, FAMILIES, tmp_path, Clock(100.0))
    for side, engine, end in ((0, "boundary", 40.0), (1, "pygad", 40.0), (0, "pygad", 99.5)):
        compared.noise._searched(side, data, SearchConfig(engine=engine), end, 2 * len(data))
    large = compared.classifiers[0].batch_size
    assert large > 16
    assert given == [("original", 16, 0.5), ("hardened", large, 1.0), ("original", large, 1 / 60)]


def test_the_second_network_is_searched_only_where_the_first_one_was(worked, tmp_path, monkeypatch):
    """There was time for four images; others could not be compared."""
    given = []

    def run_search(classifier, chosen, *_, **__):
        given.append(len(chosen))
        return SimpleNamespace(images=chosen.indices[:4])

    monkeypatch.setattr(paired_search, "run_search", run_search)
    networks = [worked.network(name, 1 / 64, 0.0) for name in SIDES]
    compared = BeforeAfter(*networks, numpy_runs.dataset(80), FAMILIES, tmp_path, Clock(1e9))
    compared._measure_speed()
    compared.clean.score(80)
    searched = compared.noise.run(compared.clean.scores, compared._pace, compared._compiling)
    assert len(searched) == 2 and given[0] > 4 == given[1]


def test_the_largest_run_of_either_network_says_how_many_images_are_there(worked, tmp_path, monkeypatch):
    there = {"fog": (7, {}), "gaussian_noise": (9, {"copies": 3}), "search": (20, {"copies": 9})}
    infos = {tmp_path / "hardened" / name: {"parts": [Block(0, images, 0, 1).name], "settings": settings}
             for name, (images, settings) in there.items()}  # fmt: skip
    networks = [worked.network(name, 1 / 64, 0.0) for name in ("before", "after")]
    begun = [BeforeAfter(*networks, numpy_runs.dataset(count), FAMILIES, tmp_path, Clock(1.0)) for count in (8, 80)]
    assert begun[0].sweeps.begun() == (0, 1)
    begun[0]._measure_speed()
    assert begun[0]._compiling == 0, "the first batch takes no longer than the second"
    begun[0].classifiers[1].combine = "vote"
    assert begun[0].noise.run([], 1.0, 0.0) == []
    monkeypatch.setattr(paired_sweeps, "runs_in", lambda folder: [path for path in infos if path.parent == folder])
    monkeypatch.setattr(paired_sweeps, "read_info", infos.get)
    assert [compared.sweeps.begun() for compared in begun] == [(8, 3), (9, 3)]
    infos[tmp_path / "original" / "fog"] = {"parts": [Block(0, 8, 0, 1).name], "settings": {"copies": 6}}
    assert [compared.sweeps.begun() for compared in begun] == [(8, 5), (9, 5)]


def test_at_most_two_hundred_images_are_searched(tmp_path):
    search = NoiseSearch(numpy_runs.classifier(), numpy_runs.dataset(202), tmp_path, 0, 1.0, 1.0, 1.0)
    assert len(search.dataset) == 200


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
