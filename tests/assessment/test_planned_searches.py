"""How many images are searched with how many queries: by a clock that only the networks' own work moves."""

import shutil
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from planned_time import FAMILIES

from tfstab.assessment import noise_search, paired_search, plan
from tfstab.assessment.before_after import BeforeAfter
from tfstab.assessment.noise_search import NoiseSearch, search_settings
from tfstab.assessment.plan import Clock
from tfstab.assessment.running import Running
from tfstab.datasets.dataset import stratified_order
from tfstab.errors import ModelError
from tfstab.runs.files import SIDES
from tfstab.search import SearchConfig
from tfstab.search.walks import group_size


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


def test_at_most_two_hundred_images_are_searched(tmp_path):
    search = NoiseSearch(numpy_runs.classifier(), numpy_runs.dataset(202), tmp_path, 0, 1.0, 1.0, 1.0)
    assert len(search.dataset) == 200
