"""`run_search` as its callers see it: what it warns of, refuses and passes on; with NumPy classifiers."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import SHAPE, linear
from numpy_runs import classifier, dataset, search

from tfstab import Classifier, Dataset, SearchConfig, Stop, run_search, search_minimum_noise
from tfstab.errors import InputError, RunError
from tfstab.search import SearchRun, checks, running
from tfstab.search.precision import MedianRule
from tfstab.search.summary import SearchSummary


@pytest.fixture(scope="module")
def searched():
    """A result."""
    few = dataset(1)
    return search_minimum_noise(classifier(), few.images, few.labels, SearchConfig(max_queries=100))[0]


def test_a_data_set_is_matched_with_the_model_by_the_names_of_its_classes():
    model, few, config = classifier(), dataset(3), SearchConfig(max_queries=100)
    names = model.class_names[::-1]
    other = Dataset.from_arrays("mine", "test", few.images, len(names) - 1 - few.labels, names)
    expected = search_minimum_noise(model, few.images, few.labels, config)
    found = search_minimum_noise(model, other, config=config)
    assert [(r.class_index, r.predicted, r.l2) for r in found] == [(r.class_index, r.predicted, r.l2) for r in expected]
    for wrong in ((few, few.labels), (few.images,)):
        with pytest.raises(InputError, match="arrays of images and labels, or a Dataset"):
            search_minimum_noise(model, *wrong)


def collapsing():
    """A network, images and settings whose objective is smallest without any noise."""
    images = np.full((3, *SHAPE), 128, np.uint8)
    images[1, 0, 0], images[2, 0, 0] = 127, 129
    return linear(0.2), images, SearchConfig(max_queries=500, beta=1.0, lambda_=1e-1)


def test_a_run_warns_of_its_own_images_whose_objective_collapses(tmp_path):
    network, images, config = collapsing()
    labels = np.zeros(3, int)
    data = Dataset.from_arrays("flat", "test", images, labels, network.class_names)
    with pytest.warns(UserWarning, match="for 2 of 2 images the objective is smallest without any noise"):
        run_search(network, data.take(2), config, tmp_path / "run")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run_search(network, data.take(2), config, tmp_path / "run")  # of what was searched before nothing is said
        checks.warn_of_collapse(0, 3)
    next(iter((tmp_path / "run" / "parts").iterdir())).unlink()
    with pytest.warns(UserWarning, match="for 1 of 1 image "):
        run_search(network, data.take(2), config, tmp_path / "run")


def test_an_image_that_needs_no_noise_or_has_none_does_not_count():
    network, images, config = collapsing()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (result,) = search_minimum_noise(network, images[:1], [1], config)  # wrong when clean
        (hopeless,) = search_minimum_noise(linear(9), images[:1], [0], config)  # class 1 can gain 0.5 at most
    assert not hopeless.found and hopeless.l2 > 0
    assert result.found and result.l2 == 0 and result.stop_reason == "misclassified when clean"
    assert (result.queries, result.generations, result.seconds, result.history.shape) == (0, 0, 0.0, (0, 4))
    scores = network.scores(images[:1])[0]
    assert result.objective == pytest.approx(float(scores.max() - scores[1])) and not result.noise.any()


def test_settings_that_no_search_can_follow_are_refused(tmp_path):
    plain = classifier()
    for config, what in (
        (SearchConfig(refine=True), "refine"),
        (SearchConfig("lbfgs"), "engine 'lbfgs'"),
        (SearchConfig("boundary"), "engine 'boundary'"),
    ):
        with pytest.raises(InputError, match=f"^{what} needs gradients, which brightness \\(a predict function\\)"):
            run_search(plain, dataset(), config, tmp_path / "x")
    with pytest.raises(InputError, match="on_generation was given with a cluster"):
        run_search(plain, dataset(), None, tmp_path / "x", on_generation=print, cluster="tcp://x:1")
    votes = Classifier.from_function(
        plain.scores, plain.input_shape, 3, fingerprint="votes", class_names=plain.class_names
    )
    votes.combine = "vote"
    with pytest.raises(InputError, match="is an ensemble that votes"):
        run_search(votes, dataset(), None, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(RunError, match="holds other files"):
        run_search(plain, dataset(), None, tmp_path / "full")


def test_what_was_found_for_an_image_that_was_stopped_is_kept_and_not_searched_again(tmp_path):
    told = []

    def stop(progress):
        return Stop.IMAGE if progress.image == 2 and progress.flipped else None

    config = SearchConfig(max_queries=200)
    run = run_search(classifier(), dataset(4), config, tmp_path / "run", on_generation=stop, on_result=told.append)
    assert run.complete and {r.image: r.stop_reason for r in told}[2] == run.result(2).stop_reason == "observer"
    assert run.result(2).found and run.result(2).queries < run.result(1).queries
    again = []
    run_search(classifier(), dataset(4), config, tmp_path / "run", on_result=again.append)
    assert again == []


def test_a_search_that_is_cut_short_with_all_others_is_repeated(tmp_path):
    told = []

    def stop(progress):
        return Stop.ALL if progress.generation == 2 else None

    config = SearchConfig(max_queries=200)
    run = run_search(classifier(), dataset(4), config, tmp_path / "run", on_generation=stop, on_result=told.append)
    assert told and run.progress[1] == 4 and not run.complete
    cut = {result.image for result in told if result.stop_reason == "observer"}
    assert cut
    log = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    assert log[-1]["event"] == "stopped"
    again = []
    run = run_search(classifier(), dataset(4), config, tmp_path / "run", on_result=again.append)
    assert cut <= {result.image for result in again} and run.complete
    reference = search(tmp_path / "reference", data=dataset(4), queries=200)
    for image in range(4):
        np.testing.assert_array_equal(run.result(image).noise, reference.result(image).noise)


def test_results_come_back_in_the_order_given():
    few = dataset(6)
    labels = few.labels.copy()
    labels[4] = (labels[4] + 1) % 3  # wrong when clean, so reported first
    told = []
    results = search_minimum_noise(
        classifier(), few.images, labels, SearchConfig(max_queries=100), lambda p: told.append(p.image)
    )
    assert [result.image for result in results] == list(range(6)) and set(told) == {0, 1, 2, 3}
    assert results[4].l2 == 0 == results[5].l2 and all(r.queries == 100 + 101 for r in results[:4])


def test_a_search_takes_more_images_and_searches_none_twice(tmp_path):
    whole = search(tmp_path / "whole")
    some = search(tmp_path / "run", dataset().take(4))
    first = {name: path.read_bytes() for name, path in some.parts.items()}
    grown = search(tmp_path / "run")
    assert grown.complete and len(grown) == 9 and grown.info["parts"][:4] == some.info["parts"]
    assert {name: path.read_bytes() for name, path in grown.parts.items()} == {
        name: path.read_bytes() for name, path in whole.parts.items()
    }
    log = [json.loads(line) for line in (grown.path / "log.jsonl").read_text().splitlines()]
    assert len([line for line in log if line["event"] == "part"]) == 9
    assert {name: grown.parts[name].read_bytes() for name in first} == first
    assert search(tmp_path / "run", dataset().take(2)).info == grown.info  # fewer: nothing changes
    with pytest.raises(RunError, match="begun with other data"):
        search(tmp_path / "run", dataset(seed=3))


def test_a_search_stops_before_its_minutes_are_over(tmp_path):
    run = run_search(classifier(), dataset(), SearchConfig(max_queries=300), tmp_path, minutes=1e-6)
    assert len(run) == 1 and not run.complete  # one image, as the first decision comes after it
    assert "stopped" in (run.path / "log.jsonl").read_text().splitlines()[-1]
    for _ in range(2):  # the second time, nothing is left
        more = run_search(classifier(), dataset(), SearchConfig(max_queries=300), tmp_path, minutes=10)
    assert more.complete and all(len(group) <= 16 for group in running._growing(np.arange(100)))
    with pytest.raises(InputError, match="minutes is 0; expected a number above 0"):
        run_search(classifier(), dataset(), None, tmp_path / "x", minutes=0)


def test_images_are_searched_in_the_order_given_if_time_may_end_their_search(tmp_path):
    """Each call has time for one; a run keeps images in its own order, and those given later are among them."""
    first, every, found = dataset().take(4), dataset().select(np.array([5, 0, 8, 3, 1, 7, 2, 6, 4])), []
    run_search(classifier(), first, SearchConfig(max_queries=100), tmp_path, minutes=1e-6, in_order=True)
    for _ in range(5):
        before = SearchRun(tmp_path).images
        run = run_search(classifier(), every, SearchConfig(max_queries=100), tmp_path, minutes=1e-6, in_order=True)
        found += np.setdiff1d(run.images, before).tolist()
    assert found == [k for k in every.indices if k != first.indices[0]][:5]


def test_a_search_stops_once_its_median_is_known(tmp_path):
    many, config = dataset(120), SearchConfig(max_queries=100)
    run = run_search(classifier(), many, config, tmp_path, precision=60)
    known = SearchSummary.of(run)
    assert 30 <= known.needed < 120 and not run.complete
    assert known.median.low >= 0.4 * known.median.value and known.median.high <= 1.6 * known.median.value
    counts = np.bincount(run.clean.class_index[[run.clean.row(image) for image in run.images]])
    assert counts.max() - counts.min() <= 1 + len(run) * np.ptp(np.bincount(many.labels)) / 120
    again = run_search(classifier(), many, config, tmp_path, precision=60)
    assert len(again) == len(run)  # known already
    with pytest.warns(UserWarning, match="the median is known within .* %, from .* takes about"):
        assert run_search(classifier(), many, config, tmp_path, precision=0.5).complete
    with pytest.raises(InputError, match="precision is 0; expected a number above 0"):
        run_search(classifier(), many, config, tmp_path / "x", precision=0)


def test_a_median_is_known_precisely_from_thirty_images_on(searched):
    rule = MedianRule(10, [searched] * 29)
    assert not rule.reached and "29 images needed noise, and more are needed" in rule.shortage
    rule.take(replace(searched, stop_reason="observer"))
    rule.take(replace(searched, stop_reason="misclassified when clean"))
    assert not rule.reached
    rule.take(searched)
    assert rule.reached and rule.width == 0 and rule.shortage is None
    for _ in range(40):
        rule.take(replace(searched, found=False))
    assert not rule.reached and rule.width == np.inf
