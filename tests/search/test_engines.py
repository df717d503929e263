"""Every engine keeps one contract; gradients are those of the log-scores; refinement never makes a result worse."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from numpy_networks import curved, images_of

from tfstab import Classifier, SearchConfig, Stop, search_minimum_noise
from tfstab.errors import InputError
from tfstab.search.engines import engine_names

CONFIGS = {
    "default": SearchConfig(max_queries=600),
    "paper": SearchConfig(preset="paper", max_queries=2500),
    "lbfgs": SearchConfig(engine="lbfgs", max_queries=100),
    "boundary": SearchConfig(engine="boundary", max_queries=200),
    "random": SearchConfig(engine="random"),
    "labels": SearchConfig(engine="labels", max_queries=300),
    "refined": SearchConfig(max_queries=300, refine=True),
    "refined, few gradients": SearchConfig(max_queries=300, refine=20),
}
MASK = np.arange(64).reshape(8, 8) % 3 > 0  # for images of NumPy networks
NORMS = {
    f"{name}, {norm}": replace(CONFIGS[name], norm=norm)
    for norm in ("linf", "l1")
    for name in ("default", "boundary", "random", "labels", "refined, few gradients")
} | {f"{name}, l0": replace(CONFIGS[name], norm="l0") for name in ("default", "boundary", "refined, few gradients")}


@pytest.fixture(scope="module", autouse=True)
def short():
    """Fewer and shorter minimisations of lbfgs, and a quarter of a full refinement, which keep the same contract."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfstab.search.engines.lbfgs.BISECTIONS", 4)
        patch.setattr("tfstab.search.engines.lbfgs.ITERATIONS", 20)
        patch.setattr("tfstab.search.refine.FULL", 160)
        yield


@pytest.fixture(scope="module")
def network(mnist_lenet):
    """It in batches of few images, as a search of two asks for few."""
    return Classifier(mnist_lenet.model, batch_size=8)


@pytest.fixture(scope="module")
def easy(digit_scores, digits):
    correct = np.flatnonzero(digit_scores.argmax(axis=1) == digits.labels)
    true = digit_scores[correct, digits.labels[correct]]
    return digits.select(correct[np.argsort(true)[[3, 6]]])


@pytest.fixture(scope="module")
def found(network, easy):
    """The results of a configuration, by its name; searched once."""
    return functools.cache(lambda name: search_minimum_noise(network, easy.images, easy.labels, CONFIGS[name]))


@pytest.fixture(params=CONFIGS)
def searched(request, found):
    return CONFIGS[request.param], found(request.param)


def test_a_result_flips_and_says_the_truth_about_itself(searched, network):
    config, results = searched
    for r in results:
        assert r.found and network.scores(r.degraded[None]).argmax() == r.predicted != r.class_index
        assert r.l2 == pytest.approx(np.linalg.norm((r.degraded - r.clean).astype(np.float64)), rel=1e-6)
        assert r.objective == pytest.approx(r.margin + config.lambda_ * r.l2, abs=1e-5)
        assert 0 < r.queries <= config.most_scored + (200 if config.engine == "lbfgs" else 0)
        assert (r.gradients > 0) == config.needs_gradients
        assert r.gradients <= config.most_gradients or not config.refine
        assert r.history.shape == (r.generations, 4)
        assert np.isnan(r.l2_uint8) or r.l2_uint8 > 0.5 * r.l2


@pytest.mark.parametrize("name", [name for name in CONFIGS if name != "refined"])  # few gradients do the same
def test_the_same_seed_gives_the_same_noise_in_any_company(name, found, network, easy):
    (again,) = search_minimum_noise(network, easy.images[1:], easy.labels[1:], CONFIGS[name])
    assert np.array_equal(again.noise, found(name)[1].noise)


def test_only_masked_pixels_change():
    network = curved()
    images, labels = images_of(network, 1)
    for config in CONFIGS.values():
        (result,) = search_minimum_noise(network, images, labels, config, mask=MASK)
        assert not result.noise[~MASK].any() and result.noise[MASK].any()


@pytest.mark.parametrize("name", NORMS)
def test_every_engine_keeps_its_contract_in_every_norm(name):
    config, network = NORMS[name], curved()
    images, labels = images_of(network, 2)
    results = search_minimum_noise(network, images, labels, config, mask=MASK)
    for r in results:
        assert not r.noise[~MASK].any()
        noise = (r.degraded - r.clean).astype(np.float64).ravel()
        assert r.found and network.scores(r.degraded[None]).argmax() == r.predicted != r.class_index
        assert r.norm == config.norm
        assert r.size == pytest.approx(np.linalg.norm(noise, {"linf": np.inf, "l1": 1, "l0": 0}[config.norm]), rel=1e-6)
        assert r.objective == pytest.approx(r.margin + config.lambda_ * r.size, abs=1e-5)
        assert np.isnan(r.size_uint8) or r.size_uint8 > 0.5 * r.size
        assert r.queries <= config.most_scored
    (again,) = search_minimum_noise(network, images[1:], labels[1:], config, mask=MASK)
    assert np.array_equal(again.noise, results[1].noise)


@pytest.mark.parametrize("norm", ["linf", "l1"])
def test_a_search_in_a_norm_finds_less_of_it_than_a_search_in_l2(network, easy, found, norm):
    in_it = search_minimum_noise(network, easy.images, easy.labels, replace(CONFIGS["boundary"], norm=norm))
    assert all(f.size < 0.9 * getattr(r, norm) for f, r in zip(in_it, found("boundary"), strict=True))


@pytest.mark.parametrize("norm", ["l2", "linf", "l1"])
def test_the_fewest_gradients_flip_what_a_short_search_did_not(network, easy, norm):
    config = SearchConfig(max_queries=100, norm=norm)
    plain = search_minimum_noise(network, easy.images, easy.labels, config)
    refined = search_minimum_noise(network, easy.images, easy.labels, replace(config, refine=8))
    assert not all(r.found for r in plain) and all(r.found and r.gradients == 8 for r in refined)


@pytest.mark.parametrize("name", ["default", "lbfgs", "boundary", "refined, few gradients"])
def test_a_target_is_what_the_image_is_taken_for(network, easy, name):
    clean = np.argsort(network.scores(easy.images[:1])[0])
    target = int(clean[-3])
    config = CONFIGS[name]
    (result,) = search_minimum_noise(network, easy.images[:1], easy.labels[:1], config, target=target)
    assert result.found and result.predicted == target


def test_a_mask_or_target_that_does_not_fit_is_refused(network, easy):
    for wrong in (np.ones((27, 28), bool), np.ones((28, 28)), np.zeros((28, 28), bool)):
        with pytest.raises(InputError, match="mask"):
            search_minimum_noise(network, easy.images, easy.labels, mask=wrong)
    for wrong in (10, 1.5, "3"):
        with pytest.raises(InputError, match="target"):
            search_minimum_noise(network, easy.images, easy.labels, target=wrong)
    with pytest.raises(InputError, match="the class of some of the images"):
        search_minimum_noise(network, easy.images, easy.labels, target=int(easy.labels[0]))


def test_refinement_never_adds_noise_and_helps(network, easy, found):
    refined = found("refined")
    plain = search_minimum_noise(network, easy.images, easy.labels, replace(CONFIGS["refined"], refine=False))
    assert all(a.found and b.l2 <= a.l2 * (1 + 1e-6) for a, b in zip(plain, refined, strict=True))
    assert sum(b.l2 for b in refined) < 0.99 * sum(a.l2 for a in plain)


def test_noise_found_is_far_less_than_random_noise_needs(found):
    assert all(f.l2 < 0.5 * r.l2 for f, r in zip(found("refined"), found("random"), strict=True))


def test_a_short_walk_along_the_boundary_ends_near_what_the_refined_search_finds(found):
    pairs = zip(found("boundary"), found("refined"), strict=True)
    assert all(s.queries <= 200 + 100 and s.l2 < 1.2 * r.l2 for s, r in pairs)


@pytest.mark.parametrize("engine", engine_names())
def test_every_engine_can_be_stopped(network, easy, engine):
    config = SearchConfig(engine=engine)
    seen = []

    def stop(progress):
        seen.append(progress)
        return Stop.ALL

    results = search_minimum_noise(network, easy.images, easy.labels, config, stop)
    assert 1 <= len(seen) <= 2 and {r.stop_reason for r in results} == {"observer"}


def test_gradients_are_those_of_the_log_scores(network, digits):
    images = digits.take(3).images.astype(np.float32) * 0.8 + 20
    weights = np.random.default_rng(0).normal(size=(3, 10))
    log_scores, gradients = network.gradients(images, weights)
    np.testing.assert_allclose(log_scores, network.log_scores(images), atol=1e-5)
    direction = gradients / np.sqrt(np.square(gradients).sum(axis=(1, 2, 3), keepdims=True))
    step = 2.0
    change = network.log_scores(images + step * direction) - network.log_scores(images - step * direction)
    slope = np.sqrt(np.square(gradients).sum(axis=(1, 2, 3)))
    np.testing.assert_allclose((change * weights).sum(axis=1) / (2 * step), slope, rtol=0.05)
