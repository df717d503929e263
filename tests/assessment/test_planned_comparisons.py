"""How many images and copies of two networks the time allows: by a clock that only the networks' own work moves."""

from dataclasses import asdict

import keras
import numpy as np
import numpy_runs
import pytest
from planned_time import FAMILIES

import tfstab
from tfstab import Classifier
from tfstab.assessment import before_after, noise_search, paired_clean, paired_sweeps
from tfstab.assessment.before_after import MORE_PRECISELY, BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.classifier import inputs
from tfstab.degradations import degradation_names, get_degradation
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.metrics.paired import mcnemar, mean_difference
from tfstab.runs.files import SIDES
from tfstab.sweep import SweepRun, score
from tfstab.sweep import running as sweep_running
from tfstab.sweep.plan import Block


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
