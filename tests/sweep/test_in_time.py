"""A sweep or search with limited time scores no more clean images than it has time for; later calls add the others."""

import time
import warnings

import numpy as np
import pytest
from numpy_runs import brightness, classifier, dataset

from tfstab import SearchConfig, SweepConfig, run_search, run_sweep
from tfstab.sweep.score import score_shard

SECONDS = 0.01  # that the model takes for an image
JPEG = SweepConfig(degradation="jpeg", severities=(20, 50))


@pytest.fixture
def slow(monkeypatch):
    """A model that takes SECONDS for an image, by a clock that nothing else advances; and that clock."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def scored(images):
        now[0] += SECONDS * len(images)
        return brightness(images)

    return classifier(scored), now


def rows(run):
    """What is known of each degraded image, by image and severity."""
    table = run.samples().to_pandas() if hasattr(run.samples(), "to_pandas") else run.samples()
    return table.sort_values(["image", "severity"]).reset_index(drop=True)


def test_a_sweep_keeps_to_its_minutes_and_the_next_calls_add_the_other_images(slow, tmp_path):
    model, now = slow
    many, sizes = dataset(300), []
    for _ in range(20):
        began = now[0]
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            run = run_sweep(model, many, JPEG, tmp_path / "run", minutes=0.2)
        assert now[0] - began < 12 * 1.1
        sizes.append(len(run.clean.indices))
        few = [str(each.message) for each in said if "the time is not enough for all images" in str(each.message)]
        assert len(few) == (sizes[-1] < 300)
        if sizes[-1] == len(many):
            break
        assert run.complete and len(run.measures.images) == sizes[-1], "each image that is scored clean is degraded"
    assert 50 < sizes[0] < sizes[1] and sizes[-1] == 300 and run.complete
    alone = run_sweep(model, many, JPEG, tmp_path / "alone")
    np.testing.assert_array_equal(alone.clean.indices[alone.clean.order], run.clean.indices[run.clean.order])
    assert rows(run).equals(rows(alone))


def test_a_sweep_that_has_the_time_is_the_same_as_without_a_limit(slow, tmp_path):
    model, _ = slow
    limited = run_sweep(model, dataset(60), JPEG, tmp_path / "limited", minutes=1)
    alone = run_sweep(model, dataset(60), JPEG, tmp_path / "alone")
    assert limited.complete and limited.info == alone.info


def test_a_search_takes_a_quarter_of_its_time_for_clean_images(slow, tmp_path):
    model, now = slow
    began = now[0]
    with pytest.warns(UserWarning, match="the time is not enough for all images"):
        run = run_search(model, dataset(900), SearchConfig(max_queries=100), tmp_path / "run", minutes=0.1)
    assert now[0] - began < 6 * 1.2 and 50 < len(run.clean.indices) < 200 and len(run.images)


def test_a_fast_cluster_does_not_make_clean_images_faster(slow, tmp_path, monkeypatch):
    """They are scored in this process, whatever the speed of the workers."""
    model, now = slow

    def quick(*given, **more):
        began = now[0]
        scores = score_shard(*given, **more)
        now[0] = began + (now[0] - began) / 50
        return scores

    monkeypatch.setattr("tfstab.sweep.sweeping.score_shard", quick)
    began = now[0]
    with pytest.warns(UserWarning, match="the time is not enough for all images"):
        run = run_sweep(model, dataset(3000), JPEG, tmp_path / "run", minutes=0.2)
    assert now[0] - began < 12 * 1.1 and run.complete


def test_a_precision_that_needs_more_images_is_told_once(slow, tmp_path):
    model, _ = slow
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run_sweep(model, dataset(300), JPEG, tmp_path / "run", minutes=0.2, precision=0.5)
    assert len([each for each in said if "do not bring that down to 0.5" in str(each.message)]) == 1
