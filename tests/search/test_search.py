"""The search finds noise that flips, reports it truly, and gives the same whatever is searched beside it."""

import functools
from dataclasses import replace

import numpy as np
import numpy_runs
import pytest

from processes import content, kill_when_parts
from tfstab import SearchConfig, Stop, load_classifier, open_run, run_search, search_minimum_noise
from tfstab.errors import InputError, ModelError

QUICK = SearchConfig(max_queries=600, seed=7)
PAPER = SearchConfig(preset="paper", max_queries=2500, seed=7)


@pytest.fixture(scope="module")
def easy(digit_scores, digits):
    """Three digits near the decision boundary, which are quickly flipped."""
    true = digit_scores[np.arange(len(digits)), digits.labels]
    correct = np.flatnonzero(digit_scores.argmax(axis=1) == digits.labels)
    return digits.select(correct[np.argsort(true[correct])[[2, 5, 8]]])


@pytest.fixture(scope="module", params=[QUICK, PAPER], ids=["default", "paper"])
def config(request):
    return request.param


@pytest.fixture(scope="module")
def found(mnist_lenet, easy):
    """The results of a configuration, which is searched once."""
    return functools.cache(lambda config: search_minimum_noise(mnist_lenet, easy.images, easy.labels, config))


@pytest.fixture
def results(found, config):
    return found(config)


def test_the_noise_found_flips_the_prediction(results, mnist_lenet, easy, config):
    for result, label in zip(results, easy.labels, strict=True):
        assert result.found and result.predicted != label == result.class_index
        assert mnist_lenet.scores(result.degraded[None]).argmax() == result.predicted
        assert result.degraded.min() >= 0 and result.degraded.max() <= 255
        assert 0 < result.l2 < 700
        assert result.margin > 0
        assert result.objective == pytest.approx(result.margin + config.lambda_ * result.l2, abs=1e-5)
        assert result.l2_uint8 >= 0.8 * result.l2


def test_elitism_never_loses_the_best(results):
    for result in results:
        best, _, norm, share = result.history.T
        assert len(result.history) == result.generations
        assert (np.diff(best) <= 1e-9).all()
        assert norm[-1] == pytest.approx(result.l2, rel=1e-5)
        assert ((share >= 0) & (share <= 1)).all()


def test_queries_are_what_the_model_was_asked(mnist_lenet, easy, config, monkeypatch):
    from tfstab import Classifier

    asked = {"log_scores": 0, "scores": 0}

    def counting(name):
        function = getattr(Classifier, name)

        def counted(self, images):
            asked[name] += len(images)
            return function(self, images)

        return counted

    for name in asked:
        monkeypatch.setattr(Classifier, name, counting(name))
    (result,) = search_minimum_noise(mnist_lenet, easy.images[:1], easy.labels[:1], config)
    assert sum(asked.values()) == result.queries + 4  # and thrice the clean image, and once changed slightly
    engine = result.queries - result.repair_queries - 1  # the last check
    assert result.repair_queries == 100
    assert config.max_queries - 100 < engine <= config.max_queries or result.stop_reason == "patience"


def test_a_result_does_not_depend_on_order_or_company(mnist_lenet, easy, results, config):
    turned = search_minimum_noise(mnist_lenet, easy.images[[2, 0]], easy.labels[[2, 0]], config)
    alone = search_minimum_noise(mnist_lenet, easy.images[1:2], easy.labels[1:2], config)
    for result, again in zip(results, (turned[1], alone[0], turned[0]), strict=True):
        assert np.array_equal(result.noise, again.noise)
        assert np.array_equal(result.history, again.history)


def test_another_seed_gives_another_noise(mnist_lenet, easy, results, config):
    config = replace(config, max_queries=200, seed=8)
    other = search_minimum_noise(mnist_lenet, easy.images[:1], easy.labels[:1], config)
    assert not np.array_equal(other[0].history[0], results[0].history[0])


def test_the_default_finds_less_noise_than_the_papers_procedure_with_fewer_queries(found):
    assert all(a.l2 < b.l2 and a.queries < b.queries for a, b in zip(found(QUICK), found(PAPER), strict=True))


@pytest.mark.filterwarnings("ignore:.*the objective is least without any noise")
def test_whatever_lambda_and_beta_are_the_search_does_not_collapse(mnist_lenet, easy, config):
    odd = replace(config, lambda_=1e12, beta=1e-6)
    (result,) = search_minimum_noise(mnist_lenet, easy.images[:1], easy.labels[:1], odd)
    assert result.found and result.l2 > 0


def test_ensembles_whose_members_flip_one_after_the_other_are_flipped(digits):
    ensemble, one = load_classifier("mnist-lenet-ensemble"), digits.take(12).select([7])  # most of the 12 are easy
    (result,) = search_minimum_noise(ensemble, one.images, one.labels, SearchConfig(max_queries=1500))
    assert result.found and result.l2 < 2000


def test_it_stops_when_nothing_improves(mnist_lenet, easy):
    config = SearchConfig(preset="paper", patience=3, population=6, mutation_rate=1e-6)
    (result,) = search_minimum_noise(mnist_lenet, easy.images[:1], easy.labels[:1], config)
    assert result.stop_reason == "patience" and result.queries < 50_000
    assert len(set(result.history[-4:, 0])) == 1


def test_an_image_wrong_when_clean_needs_no_noise(mnist_lenet, digit_scores, digits):
    wrong = int(np.flatnonzero(digit_scores.argmax(1) != digits.labels)[0])
    (result,) = search_minimum_noise(mnist_lenet, digits.images[wrong : wrong + 1], digits.labels[wrong : wrong + 1])
    assert result.stop_reason == "misclassified when clean"
    assert result.found and result.l2 == 0 and result.queries == 0 and np.isinf(result.psnr)


def test_what_cannot_be_flipped_is_said_not_to_be_found(mnist_lenet, digits):
    (result,) = search_minimum_noise(
        mnist_lenet, digits.take(10).images[:1], digits.take(10).labels[:1], SearchConfig(max_queries=100)
    )
    assert not result.found and result.stop_reason == "queries"
    assert np.isnan(result.l2_uint8) and result.predicted == result.class_index


def test_an_observer_sees_each_generation_and_can_stop_one_image_or_all(mnist_lenet, easy):
    seen = {}

    def stop_first(progress):
        seen.setdefault(progress.image, []).append(progress)
        return Stop.IMAGE if progress.image == 0 and progress.generation == 3 else None

    config = SearchConfig(max_queries=300)
    first, second, _ = search_minimum_noise(mnist_lenet, easy.images, easy.labels, config, stop_first)
    assert [p.generation for p in seen[0]] == [1, 2, 3] and first.stop_reason == "observer"
    assert [p.generation for p in seen[1]] == [1, 2, 3, 4, 5, 6] and second.stop_reason == "queries"
    assert seen[1][-1].norm == pytest.approx(np.linalg.norm(seen[1][-1].noise))
    assert seen[1][-1].queries == second.queries - second.repair_queries - 1

    cut = search_minimum_noise(mnist_lenet, easy.images, easy.labels, config, lambda p: Stop.ALL)
    assert {r.stop_reason for r in cut} == {"observer"}
    unrefined = search_minimum_noise(
        mnist_lenet, easy.images, easy.labels, replace(config, refine=True), lambda p: Stop.ALL
    )
    assert [r.queries for r in unrefined] == [r.queries for r in cut]


def test_an_observers_answer_must_be_one(mnist_lenet, easy):
    with pytest.raises(InputError, match=r"answered True; expected Stop.IMAGE, Stop.ALL or None"):
        search_minimum_noise(mnist_lenet, easy.images, easy.labels, QUICK, lambda p: True)


def test_a_run_keeps_results_and_what_was_cut_short_is_made_again(mnist_lenet, easy, results, config, tmp_path):
    two = easy.select([0, 1])
    run = run_search(mnist_lenet, two, config, tmp_path / "run", on_generation=lambda p: Stop.ALL)
    assert len(run) == 0 and not run.complete
    run = run_search(mnist_lenet, two, config, tmp_path / "run")
    assert run.complete and list(run.images) == list(two.indices)
    for kept, result in zip(run, results[:2], strict=True):
        assert np.array_equal(kept.noise, result.noise)
        assert np.array_equal(kept.scores, result.scores)
        assert (kept.l2_uint8, kept.queries, kept.stop_reason) == (result.l2_uint8, result.queries, result.stop_reason)


def test_a_killed_search_resumes_to_the_same_files(tmp_path):
    """A search without TensorFlow, which the process that is killed need not load."""
    many = numpy_runs.dataset(90)
    numpy_runs.search(tmp_path / "whole", many)
    search = "import sys, numpy_runs; numpy_runs.search(sys.argv[1], numpy_runs.dataset(90))"
    kill_when_parts(tmp_path / "killed", 2, "-c", search, tmp_path / "killed")
    assert not open_run(tmp_path / "killed").complete
    numpy_runs.search(tmp_path / "killed", many)
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


@pytest.mark.parametrize(
    "wrong",
    [
        {"engine": "pygat"}, {"crossover": "unifrom"}, {"preset": "papre"}, {"objective": "eq1"}, {"population": 1},
        {"max_queries": 0}, {"elites": 80}, {"population": 50}, {"targets": 5}, {"targets": 0, "engine": "lbfgs"},
        {"mutation_rate": 0}, {"mutation_rate": float("nan")}, {"beta": -1}, {"lambda_": float("inf")}, {"seed": -1},
        {"seed": 1.5}, {"max_queries": float("nan")}, {"max_queries": "many"}, {"beta": None},
        {"patience": 5, "engine": "random"},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match=r"expected|did you mean"):
        SearchConfig(**wrong)


def test_labels_and_images_that_do_not_fit_are_refused(mnist_lenet, easy):
    with pytest.raises(ValueError, match="labels"):
        search_minimum_noise(mnist_lenet, easy.images, easy.labels[:2])
    with pytest.raises(InputError, match=r"of type .* was given; expected a Classifier"):
        search_minimum_noise(mnist_lenet.model, easy.images, easy.labels)
    with pytest.raises(InputError, match="takes"):
        search_minimum_noise(mnist_lenet, easy.images[:, :20], easy.labels)


def test_a_model_that_returns_nan_is_refused(easy):
    from tfstab import Classifier, build_model

    model = build_model("mnist-lenet")
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    with pytest.raises(ModelError, match="NaN"):
        search_minimum_noise(Classifier(model), easy.images, easy.labels)
