"""An ensemble is a classifier like any other, keeps its slope, saves to one file that needs no trust, and says no."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import log_softmax, logsumexp, softmax

from tfstab import Classifier, SearchConfig, load_classifier, make_ensemble, search_minimum_noise
from tfstab.degradations import standard_normal
from tfstab.errors import InputError, ModelError
from tfstab.models import ensemble_members, make_smoothed
from tfstab.models.smoothing import STREAM

SHAPE, CLASSES, MEMBERS = (5, 4, 3), 4, 3
IMAGES = np.random.default_rng(2).integers(0, 256, (40, *SHAPE), np.uint8)
each_mode = pytest.mark.parametrize("combine", ["mean", "geometric", "vote"])


def network(seed, scale=1.0, activation="softmax", classes=CLASSES, shape=SHAPE):
    start = keras.initializers.RandomNormal(stddev=scale, seed=seed)
    return keras.Sequential(
        [
            layers.Input(shape),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(classes, activation=activation, kernel_initializer=start, bias_initializer=start),
        ]
    )


def ensemble(combine="mean", scale=1.0):
    return make_ensemble([network(seed, scale) for seed in range(MEMBERS)], combine, "several")


def members_log_scores(scale=1.0):
    """float64 (MEMBERS, 40, K)."""
    logits = [network(seed, scale, None)(IMAGES.astype(np.float32)) for seed in range(MEMBERS)]
    return log_softmax(np.array(logits, np.float64), axis=-1)


def expected(combine, logs):
    if combine == "mean":
        return np.exp(logs).mean(axis=0)
    if combine == "geometric":
        return softmax(logs.mean(axis=0), axis=1)
    votes = np.stack([(logs.argmax(axis=2) == k).sum(axis=0) for k in range(CLASSES)], axis=1)
    return (votes + np.exp(logs).mean(axis=0)) / (MEMBERS + 1)


@each_mode
def test_scores_and_the_models_own_output_are_the_members_combined(combine):
    several = ensemble(combine)
    wanted = expected(combine, members_log_scores())
    np.testing.assert_allclose(several.scores(IMAGES), wanted, rtol=2e-5)
    np.testing.assert_allclose(several.model(IMAGES.astype(np.float32)), wanted, rtol=2e-5)
    np.testing.assert_allclose(several.log_scores(IMAGES), np.log(wanted), atol=2e-5)
    assert several.combine == combine and several.num_classes == CLASSES


def test_an_ensemble_compiled_beforehand_is_not_traced_again():
    several = ensemble()
    several.compile()
    several.scores(IMAGES)
    assert several._compiled.function.experimental_get_tracing_count() == 1


def test_a_vote_goes_to_most_members_and_their_mean_decides_ties():
    scores = ensemble("vote").scores(IMAGES)
    logs = members_log_scores()
    votes = np.stack([(logs.argmax(axis=2) == k).sum(axis=0) for k in range(CLASSES)], axis=1)
    winners = votes == votes.max(axis=1, keepdims=True)
    assert (winners.sum(axis=1) > 1).any()
    best = np.where(winners, np.exp(logs).mean(axis=0), 0).argmax(axis=1)
    np.testing.assert_array_equal(scores.argmax(axis=1), best)


@pytest.mark.parametrize(
    ("batch_size", "combine"), [(7, "mean"), (7, "geometric"), (7, "vote"), (2, "mean"), (33, "mean")]
)
def test_every_batch_size_gives_the_same_bits(batch_size, combine):
    several = ensemble(combine)
    other = several.with_batch_size(batch_size)
    np.testing.assert_array_equal(other.scores(IMAGES[:37]), several.scores(IMAGES)[:37])
    np.testing.assert_array_equal(other.log_scores(IMAGES[:37]), several.log_scores(IMAGES)[:37])


@pytest.mark.parametrize("combine", ["mean", "geometric"])
def test_log_scores_keep_their_slope_where_every_member_has_saturated(combine):
    several, logs = ensemble(combine, 3000.0), members_log_scores(3000.0)
    agreed = logs.argmax(axis=2).std(axis=0) == 0
    assert agreed.any() and (several.scores(IMAGES[agreed]).max(axis=1) == 1).all()
    joint = logsumexp(logs, axis=0) - np.log(MEMBERS) if combine == "mean" else log_softmax(logs.mean(axis=0), axis=1)
    np.testing.assert_allclose(several.log_scores(IMAGES), joint, rtol=1e-4, atol=1e-2)
    assert several.log_scores(IMAGES).min() < -1000


@pytest.mark.parametrize("combine", ["mean", "geometric"])
def test_gradients_are_those_of_the_combined_log_scores(combine):
    several, weights = ensemble(combine), np.tile([1.0, -1.0, 0, 0], (40, 1))
    log_scores, gradients = several.gradients(IMAGES, weights)
    np.testing.assert_array_equal(log_scores, several.log_scores(IMAGES))
    step = np.zeros(SHAPE, np.float32)
    step[2, 1, 0] = 0.5
    ahead, behind = (several.log_scores(IMAGES + sign * step) @ weights[0] for sign in (1, -1))
    np.testing.assert_allclose(gradients[:, 2, 1, 0], ahead - behind, rtol=0.02, atol=1e-5)


@each_mode
def test_it_saves_to_one_file_that_safe_loading_takes(combine, tmp_path):
    several = ensemble(combine)
    several.model.save(tmp_path / "several.keras")
    loaded = load_classifier(tmp_path / "several.keras")
    assert loaded.fingerprint == several.fingerprint and loaded.combine == combine
    np.testing.assert_array_equal(loaded.scores(IMAGES), several.scores(IMAGES))
    assert len({ensemble(other).fingerprint for other in ("mean", "geometric", "vote")}) == 3


def test_members_are_copies_and_can_be_had_back():
    originals = [Classifier(network(seed)) for seed in range(MEMBERS)]
    several = make_ensemble(originals)
    before = several.scores(IMAGES)
    originals[0].model.set_weights([0 * weight for weight in originals[0].model.get_weights()])
    np.testing.assert_array_equal(several.scores(IMAGES), before)
    members = ensemble_members(several)
    assert [m.fingerprint for m in members[1:]] == [m.fingerprint for m in originals[1:]]
    assert [m.name for m in members] == [f"ensemble/member-{k}" for k in (1, 2, 3)]
    with pytest.raises(InputError, match="not an ensemble"):
        ensemble_members(originals[0])


def test_members_of_an_ensemble_that_is_preprocessed_get_the_same_inputs():
    several = make_ensemble([network(seed) for seed in range(2)]).with_preprocess("unit")
    members = ensemble_members(several)
    assert [member.preprocess for member in members] == ["unit", "unit"]
    mean = np.mean([member.scores(IMAGES) for member in members], axis=0)
    np.testing.assert_allclose(mean, several.scores(IMAGES), rtol=1e-5)


def test_members_that_give_logits_and_ensembles_as_members():
    mixed = make_ensemble([network(0, activation=None), network(1), network(2)])
    np.testing.assert_allclose(mixed.scores(IMAGES), ensemble().scores(IMAGES), rtol=1e-5)
    assert mixed.combine == "mean" and len(ensemble_members(mixed)) == 3
    nested = make_ensemble([ensemble(), network(7)])
    both = (ensemble().scores(IMAGES) + Classifier(network(7)).scores(IMAGES)) / 2
    np.testing.assert_allclose(nested.scores(IMAGES), both, rtol=1e-5)


def test_class_names_come_from_the_members_that_have_them():
    names = tuple("abcd")
    named, other = (Classifier(network(seed), names) for seed in (1, 2))
    assert make_ensemble([network(0), named]).class_names == names
    assert make_ensemble([named, network(0), other]).class_names == names


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (lambda: [network(0)], "ensemble of 1 was asked for; expected 2"),
        (lambda: Classifier(network(0)), "expected a list of two members"),
        (lambda: [network(0), network(1, shape=(5, 5, 3))], r"takes images of shape \(5, 4, 3\) but .*\(5, 5, 3\)"),
        (lambda: [network(0), network(1, classes=5)], "has 4 classes but .* has 5 classes"),
        (
            lambda: [Classifier(network(0), tuple("abcd")), Classifier(network(1), tuple("abdc"))],
            "class 'c' where .* has 'd'",
        ),
    ],
)
def test_members_that_do_not_fit_are_refused(members, said):
    with pytest.raises(InputError, match=said):
        make_ensemble(members())


def test_an_unknown_combination_and_a_member_that_cannot_be_copied_are_refused():
    with pytest.raises(InputError, match="did you mean 'mean'"):
        make_ensemble([network(0), network(1)], "meen")

    class Own(keras.Model):
        def __init__(self, depth, **settings):
            super().__init__(**settings)
            self.inner = network(depth)

        def call(self, x):
            return self.inner(x)

    own = Own(1)
    own(IMAGES[:2].astype(np.float32))
    with pytest.raises(ModelError):
        make_ensemble([own, network(0)])


def test_a_search_takes_means_and_refuses_votes(mnist_lenet, digits):
    other = keras.models.clone_model(mnist_lenet.model)
    rng = np.random.default_rng(0)
    other.set_weights([w * rng.normal(1, 0.1, w.shape) for w in mnist_lenet.model.get_weights()])
    members, few = [mnist_lenet, other], digits.take(2)
    config = SearchConfig(max_queries=1000)
    found = search_minimum_noise(make_ensemble(members), few.images, few.labels, config)
    assert all(result.found and result.l2 > 0 for result in found)
    voting = make_ensemble(members, "vote")
    for classifier in (voting, voting.with_preprocess("unit")):
        with pytest.raises(InputError, match="votes, whose scores are steps"):
            search_minimum_noise(classifier, few.images, few.labels, config)


# --- the smoothed classifier ---


def test_the_smoothed_classifier_averages_over_noise_and_saves(tmp_path):
    plain = Classifier(network(0, 5.0))
    smoothed = make_smoothed(plain, 30.0, copies=6, seed=2)
    fields = [standard_normal(SHAPE, 2, copy, STREAM, 0) for copy in range(6)]
    noisy = [np.clip(IMAGES + np.float32(30) * field, 0, 255) for field in fields]
    np.testing.assert_allclose(smoothed.scores(IMAGES), np.mean([plain.scores(n) for n in noisy], axis=0), rtol=2e-5)
    smoothed.model.save(tmp_path / "s.keras")
    loaded = load_classifier(tmp_path / "s.keras")
    np.testing.assert_array_equal(loaded.scores(IMAGES), smoothed.scores(IMAGES))
    assert loaded.fingerprint == smoothed.fingerprint != make_smoothed(plain, 30.0, copies=6, seed=3).fingerprint
    np.testing.assert_array_equal(smoothed.with_batch_size(7).scores(IMAGES), smoothed.scores(IMAGES))
    for activation in ("softmax", None):
        smoothed = make_smoothed(network(0, activation=activation), 30.0, copies=2)
        assert smoothed.combine is None
        with pytest.raises(InputError, match="not an ensemble"):
            ensemble_members(smoothed)
    with pytest.raises(InputError, match="expected a sigma above 0"):
        make_smoothed(plain, 0)
    for seed in (-1, 2**63):
        with pytest.raises(InputError, match="from 0"):
            make_smoothed(plain, 30.0, seed=seed)
