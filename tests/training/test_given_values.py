"""Settings, cards, states and changes of images in trainings, at the ends of their ranges and by hand."""

import json
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from explanation.small import of_function

from tfstab import Classifier, Dataset
from tfstab.errors import InputError, RunError
from tfstab.metrics import wilson_interval
from tfstab.training import RECIPES, HardenConfig, Recipe, TrainingNoise, step_plan
from tfstab.training.card import described, ensemble_card, model_card
from tfstab.training.checks import FIGURES, check_state, read_card
from tfstab.training.finetune import FineTuning
from tfstab.training.hardening_card import hardening_card, summary_of, untrained_card
from tfstab.training.hardening_folder import HardeningFolder
from tfstab.training.material import digests, fitted, relabelled
from tfstab.training.recipes import Augmentation
from tfstab.training.remedies import augmix, prime
from tfstab.training.remedies.averaging import ShareFigures
from tfstab.training.tried_shares import TriedShares, best_of_sentence, limited_sentence, tried_shares

CHANGES = (*augmix.CHANGES, *prime.CHANGES)
EXPECTED = (  # of each change, for three images: see `sums`
    [[141.2, 61.6, 72.2], [137.7, 65.8, 78.4], [125.1, 61.4, 61.3]],
    [[128.1, 74.7, 65.2], [127.5, 74.3, 74.2], [127.9, 74.8, 62.2]],
    [[127.4, 56.3, 65.4], [132.9, 58.9, 74.9], [125.8, 54.5, 62.0]],
    [[130.2, 54.4, 66.7], [137.1, 57.0, 76.8], [132.7, 53.3, 65.6]],
    [[132.8, 56.2, 67.7], [135.4, 59.9, 73.7], [113.3, 53.1, 57.7]],
    [[132.2, 55.7, 67.1], [138.6, 58.5, 77.3], [133.1, 54.0, 65.7]],
    [[131.1, 56.4, 65.7], [137.0, 59.1, 77.9], [132.3, 53.5, 66.0]],
    [[127.8, 60.8, 64.8], [141.2, 58.8, 79.1], [134.0, 54.6, 66.3]],
    [[135.1, 56.0, 69.2], [141.2, 58.8, 79.1], [134.0, 54.6, 66.3]],
    [[23.8, 70.3, 15.1], [107.5, 46.9, 60.4], [144.8, 96.0, 75.6]],
    [[133.0, 88.0, 68.8], [152.1, 56.9, 84.3], [136.9, 73.5, 66.9]],
    [[134.4, 55.7, 68.8], [139.3, 60.3, 78.4], [132.7, 54.1, 65.8]],
)  # fmt: skip

# --- settings ---


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "outside"),
    [
        ("clean_share", 0, 1, (-1e-9, 1.01)),
        ("keep_clean", 0, 100, (-1, 100.1)),
        ("learning_rate", 1e-9, 10, (0, 10.1)),
        ("weight_decay", 0, 10, (-1e-9, 10.1)),
        ("epochs", 1e-6, 1e6, (0, 1.1e6)),
        ("validation", 1e-9, 0.999, (0, 1)),
        ("batch_size", 2, 10**6, (1, 2.5)),
        ("seed", 0, 2**31 - 1, (-1, 2**31)),
    ],
)
def test_the_ends_of_the_settings_of_a_hardening(name, lowest, highest, outside):
    for value in (lowest, highest):
        assert getattr(HardenConfig(**{name: value}), name) == value
    for value in outside:
        with pytest.raises(InputError, match=f"{name} is {value}"):
            HardenConfig(**{name: value})
    with pytest.raises(InputError, match="clean_share is True"):
        HardenConfig(clean_share=True)


def network(shape=(4, 4, 1), batch=None, name="net"):
    layers = [keras.Input(shape, batch_size=batch), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    return Classifier(keras.Sequential(layers), ("a", "b"), name, outputs="logits")


def test_batches_of_a_hardening():
    config, small, large, fixed = HardenConfig(), network((64, 64, 3)), network((64, 65, 3)), network(batch=7)
    assert [config.batch_size_for(small, n) for n in (1000, 128, 90, 1)] == [128, 128, 90, 2]
    assert [config.batch_size_for(large, n) for n in (1000, 32, 31)] == [32, 32, 31]
    assert replace(config, batch_size=40).batch_size_for(large, 50) == 40 and config.batch_size_for(fixed, 3) == 7
    identity = HardenConfig(against={"fog": (10, 80)}, seed=3).identity
    assert identity["against"] == {"fog": [10, 80]} and (identity["seed"], identity["remedy"]) == (3, "mixture")


def test_the_ends_of_training_noise_and_recipes():
    assert TrainingNoise((0,), 1).per_image == 2 and TrainingNoise((5,), 1000).copies == 1000
    for given in (((5,), 0), ((5,), 1001), ((), None), ((-1,), None), ((np.inf,), None)):
        with pytest.raises(InputError, match=r"noise (copies|sigmas)"):
            TrainingNoise(*given)
    for change in ({"epochs": 0}, {"batch_size": 1}, {"validation": 0}, {"validation": 1}):
        with pytest.raises(InputError, match=r"is 0|is 1"):
            replace(RECIPES["mnist-lenet"], **change)
    assert replace(RECIPES["mnist-lenet"], epochs=1, batch_size=2).name == "mnist-lenet"


def test_fresh_noise_is_drawn_by_image_and_epoch():
    noise = TrainingNoise.fresh((0.0, 10.0, 20.0, 40.0))
    images = np.arange(400)
    drawn = noise.draw((20, 20, 1), 3, 1, images, 0 * images).std(axis=(1, 2, 3))
    uniform = np.random.Generator(np.random.Philox(key=[3, 2], counter=[0, 0, 0, 1])).random(400, np.float32)
    np.testing.assert_allclose(drawn, np.array([0, 10, 20, 40])[(4 * uniform).astype(int)], rtol=0.2)
    assert (noise.draw((20, 20, 1), 3, 1, images[5:9], 0 * images[5:9]).std(axis=(1, 2, 3)) == drawn[5:9]).all()


def test_what_networks_are_called():
    recipe = RECIPES["cifar10-quick"]
    called = {"folder:photos": "-photos", "folder:/a/b c!d/": "-b-c-d", f"folder:{'x' * 50}": "-" + "x" * 40,
              "my.images.npz": "-my.images", "cifar10": ""}  # fmt: skip
    for data, name in called.items():
        assert replace(recipe, data=data).name == f"cifar10-quick{name}"
    own = recipe.on("folder:photos")
    assert (own.validation, own.exclude) == (0.1, None) and replace(recipe, validation=0.3).on("x").validation == 0.3
    assert replace(recipe, noise=TrainingNoise.fixed(2)).name == "cifar10-quick-augmented"
    assert Recipe("mine", "any", 1, 2, 1, 0, noise=TrainingNoise.fresh()).name == "mine-fresh-noise"
    assert "noise" not in recipe.settings and replace(recipe, mixed_precision=True).settings["mixed_precision"]


# --- states and cards ---


def epoch(number, accuracy=0.5, loss=1.0):
    return dict.fromkeys(FIGURES, 1.0) | {"epoch": number, "validation_accuracy": accuracy, "validation_loss": loss}


def state(*figures, best, **other):
    history = [epoch(k, *given) for k, given in enumerate(figures, 1)]
    names = {"last": f"last-{len(history):04d}.keras", "best": f"best-{best:04d}.keras"}
    return {"identity": {}, "history": history, "random": [], **names, **other}


def test_states_that_a_training_writes():
    check_state({"identity": {}, "history": [], "last": None, "best": None}, 1)
    check_state(state((0.0, 2.0), (1.0, 3.0), (1.0, 2.0), (1.0, 2.0), best=3), 4)
    check_state(state((0.0, np.inf), best=1, random=[[0, 2**32 - 1], [7, 7]]), 1)


@pytest.mark.parametrize(
    ("damaged", "epochs"),
    [
        (state((0.5,), (0.5,), best=1), 1),
        (state((0.5,), (0.6,), best=1), 2),
        (state((0.5, 1.0), (0.5, 0.9), best=1), 2),
        (state((1.01,), best=1), 1),
        (state((-0.01,), best=1), 1),
        (state((0.5,), best=1, random=[[0, 2**32]]), 1),
        (state((0.5,), best=1, random=[[-1, 0]]), 1),
        (state((0.5,), best=1, random=[[True, 0]]), 1),
        (state((0.5,), best=1, last="last-0002.keras"), 1),
        (state((True,), best=1), 1),
    ],
)
def test_states_that_no_training_writes(damaged, epochs):
    with pytest.raises(ValueError, match=r"epoch|random|no settings"):
        check_state(damaged, epochs)


def test_a_card_has_its_entries(tmp_path):
    path = tmp_path / "card.json"
    path.write_text(json.dumps({"name": "x", "data": {"images": 3, "share": 1}, "loss": np.inf}))  # it has diverged
    assert read_card(path, {"name": str, "data/images": int})["name"] == "x"
    for entries, said in (
        ({"data/images": str}, "data/images is not a text"),
        ({"data/share": float}, "not a number"),
        ({"data/none": int}, "'none' is missing"),
        ({"name": int}, "not a whole number"),
    ):
        with pytest.raises(RunError, match=said):
            read_card(path, entries)


def test_a_hardening_without_training_has_no_steps(tmp_path):
    folder = HardeningFolder(tmp_path, "my net!")
    assert folder.model_path.name == "my-net.keras" and HardeningFolder(tmp_path, "?").card_path.name == "hardened.json"
    folder.begin({"seed": 1})
    assert folder.open({"seed": 1}) == {"identity": {"seed": 1}, "steps": 0, "watched": 0, "history": []}
    history = [{"step": 1, "loss": 1.0, "clean": 0.5}, {"step": 9, "loss": 1.0, "clean": 0.5}]
    known = {
        "identity": {"seed": 1},
        "steps": 9,
        "watched": 3,
        "history": history,
        "checkpoint": "checkpoint-00000009.npz",
    }
    for change, fits in (({}, True), ({"steps": 8}, False), ({"steps": 2**31}, False), ({"watched": -1}, False),
                         ({"planned": 9}, True), ({"planned": 8}, False), ({"planned": 9.5}, False),
                         ({"raised": 20}, True), ({"raised": 8}, False), ({"raised": "20"}, False),
                         ({"watched": 2**31 - 1}, True), ({"history": history[::-1]}, False),
                         ({"history": [history[1]] * 2}, False), ({"checkpoint": "checkpoint-00000005.npz"}, False),
                         ({"history": [history[1] | {"clean": 1}]}, False)):  # fmt: skip
        folder.state_path.write_text(json.dumps(known | change))
        if fits:
            assert folder.open({"seed": 1})["watched"] == (known | change)["watched"]
        else:
            with pytest.raises(RunError, match=r"hardening.json is damaged"):
                folder.open({"seed": 1})


@pytest.fixture(scope="module")
def pixels():
    return Dataset.from_arrays("few", "test", np.full((4, 4, 4, 1), 9, np.uint8), [0, 0, 0, 1], ("a", "b"))


def test_the_cards_of_networks_and_ensembles(pixels):
    made = network()
    made.model.set_weights([np.zeros((1, 2)), np.array([1.0, 0])])
    history = [epoch(1, 0.5), epoch(2, 0.75, 2.0), epoch(3, 0.75, 1.5), epoch(4, 0.75, 1.5)]
    card = model_card(RECIPES["mnist-lenet"], 5, made, pixels, pixels, pixels, history)
    assert (card["epochs_run"], card["best_epoch"], card["seed"], card["parameters"]) == (4, 3, 5, 4)
    low, high = wilson_interval(3, 4)
    assert card["accuracy"]["test"] == {"correct": 3, "images": 4, "accuracy": 0.75, "interval_95": [low, high]}
    assert card["data"]["training"] == described(pixels) and described(pixels)["images"] == 4
    assert card["data"]["excluded"] == "mnist-5k" and card["accuracy"]["training_with_augmentation"] == 1
    second = card | {"seed": 6, "data": {"training": described(pixels) | {"images": 2}}}
    both = ensemble_card(RECIPES["mnist-lenet"], made, "mean", [card, second], pixels)
    assert both["data"]["training"] == described(pixels) and not both["members"][1]["mixed_precision"]
    assert [member["training_images"] for member in both["members"]] == [4, 2]
    assert [member["seed"] for member in both["members"]] == [5, 6] and both["members"][0]["best_epoch"] == 3
    assert both["members"][1]["test"] == card["accuracy"]["test"] and "of 2 networks" in both["about"]


def test_the_cards_of_hardened_networks():
    figures = [ShareFigures(0.0, 0.9, 0.5), ShareFigures(0.5, 0.89, 0.7), ShareFigures(1.0, 0.8, 0.75)]
    told = {
        share: hardening_card(network(name="old"), network(), HardenConfig(), figures, share, 100)
        for share in (0, 0.5, 1)
    }
    seen = told[0.5]["validation"]
    assert [seen[f"{what}_{when}"] for what in ("clean", "degraded") for when in ("before", "after")] == [
        0.9,
        0.89,
        0.5,
        0.7,
    ]
    assert len(seen["by_share"]) == 3 and told[1]["inference_cost"] == 1 and told[1]["parameters"] == 4
    assert summary_of(told[0.5]).splitlines() == [
        "net: old, fine-tuned (remedy: mixture of degradations)",
        "The weights are a weighted average: 50 % fine-tuned, 50 % original.",
        "Accuracy on clean validation images: 90.0 % before, 89.0 % after.",
        "Accuracy on degraded validation images: 50.0 % before, 70.0 % after.",
    ]
    control = hardening_card(network(name="old"), network(), HardenConfig(clean_share=1), figures, 1, 100)
    assert summary_of(control).startswith("net: old, fine-tuned (remedy: clean images only)\n")
    assert control["about"] == "old hardened by tfstab: clean images only", "not a mixture of degradations"
    assert summary_of(told[0]) == (
        "old stays unchanged. With the fine-tuned weights alone, accuracy on 100 degraded validation images is 75.0 % "
        "instead of 50.0 %, but 10.0 points of clean accuracy are lost (10 of 100 images); the limit is 1 point (1 of "
        "100). `--keep-clean 10` (in Python keep_clean=10) allows this loss. It was the best of 3 averages on these "
        "images, so it may gain "
        "less on others."
    )
    worse = hardening_card(network(name="old"), network(), HardenConfig(), [figures[0], ShareFigures(1.0, 0.9, 0.5)],
                           0, 0)  # fmt: skip
    assert summary_of(worse) == (
        "old stays unchanged. None of the weighted averages with fine-tuned weights is more accurate on degraded "
        "validation images than the original (50.0 %)."
    )
    assert len(summary_of(told[1]).splitlines()) == 3
    compared = [
        {"remedy": "none", "clean": 0.9, "degraded": 0.4},
        {"remedy": "smoothed", "clean": 0.8, "degraded": 0.6},
    ]
    found = {"compared": compared, "remedy": "smoothed", "about": "smoothed", "left_out": [], "summary": "S.",
             "measure": "accuracy", "validation_images": 3, "not_saved": "", "inference_cost": 8}  # fmt: skip
    function = of_function(lambda images: images.mean(axis=(1, 2, 3)))
    card = untrained_card(function, function, HardenConfig(), found, "it is a function")
    assert (card["validation"]["degraded_before"], card["validation"]["clean_after"]) == (0.4, 0.8)
    assert (card["inference_cost"], card["share_of_new_weights"]) == (8, 1.0)
    assert summary_of(card) == f"{function.name} cannot be trained: it is a function.\nS."


@pytest.mark.parametrize(
    ("rows", "share", "keep", "images", "said"),
    [
        (
            [(0, 0.632, 0.46), (0.2, 0.624, 0.488), (1, 0.612, 0.552)], 0.2, 1, 250,
            "Because of the limit for clean accuracy, the hardened weights are 20 % fine-tuned and 80 % original: with "
            "the fine-tuned weights alone, accuracy on 250 degraded validation images is 55.2 % instead of 48.8 %, but "
            "2.0 points of clean accuracy are lost (5 of 250 images); the limit is 1 point (2 of 250), and "
            "`--keep-clean 2` (in Python keep_clean=2) allows this loss. With so few images, it is largely chance "
            "whether the loss is above the "
            "limit.",
        ),
        (
            [(0, 0.8, 0.5), (0.1, 0.8, 0.52), (0.9, 0.75, 0.7), (1, 0.7, 0.6)], 0.1, 1, 2000,
            "Because of the limit for clean accuracy, the hardened weights are 10 % fine-tuned and 90 % original: with "
            "an average of 90 % fine-tuned and 10 % original weights, accuracy on 2,000 degraded validation images is "
            "70.0 % instead of 52.0 %, but 5.0 points of clean accuracy are lost (100 of 2,000 images); the limit is 1 "
            "point (20 of 2,000), and `--keep-clean 5` (in Python keep_clean=5) allows this loss.",
        ),
        ([(0, 0.9, 0.5), (0.5, 0.89, 0.6), (1, 0.85, 0.608)], 0.5, 1, 250, ""),  # less than a point better
        ([(0, 0.9, 0.5), (1, 0.85, 0.7)], 1, 5, 250, ""),  # all weights are adopted
        ([(0, 0.9, 0.5), (0.5, 0.8, 0.8), (1, 0.9, 0.7)], 1, 5, 250, ""),  # all, though less of them would gain more
        ([(0, 0.9, 0.5), (1, 0.85, 0.7)], 0, 1, 250, ""),  # none: the first sentence says why
        ([(0, 0.9, 0.5), (0.5, 0.9, 0.8), (1, 0.85, 0.7)], 0.5, 1, 250, ""),  # all would be no better
    ],
)  # fmt: skip
def test_what_the_limit_for_clean_accuracy_cost_is_said_only_if_less_was_adopted(rows, share, keep, images, said):
    by_share = [dict(zip(("share", "clean", "degraded"), row, strict=True)) for row in rows]
    card = {"validation": {"images": images, "by_share": by_share}, "settings": {"keep_clean": keep}}
    tried = tried_shares(card | {"share_of_new_weights": share})
    assert limited_sentence(tried) == said and bool(best_of_sentence(tried)) == bool(said)


@pytest.mark.parametrize(("lost", "images", "chance"), [(8 / 300, 300, True), (0.03, 300, False), (0.015, 2000, True),
                                                        (0.02, 2000, False)])  # fmt: skip
def test_few_validation_images_leave_it_to_chance_whether_a_loss_is_above_the_limit(lost, images, chance):
    """Of 300 images, 8 and 9 are lost where 3 may be: 5 and 6 more, with 1.96 standard errors of 5.5 and 5.9."""
    rows = (ShareFigures(0, 0.9, 0.5), ShareFigures(0.1, 0.9, 0.6), ShareFigures(1, 0.9 - lost, 0.8))
    tried = TriedShares(rows, rows[1], 1, images)
    assert tried.by_chance(rows[2]) == chance == limited_sentence(tried).endswith("chance whether the loss is above "
                                                                                  "the limit.")  # fmt: skip


# --- images ---


def test_images_are_made_to_fit(pixels):
    coloured = fitted(pixels, (4, 4, 3), "net")
    assert coloured.images.shape == (4, 4, 4, 3) and (np.asarray(coloured.images) == 9).all()
    assert fitted(pixels, (4, 4, 1), "net") is pixels
    for shape, said in (((5, 4, 1), "images of 4 x 4 pixels but net takes 4 x 5"), ((4, 5, 1), "net takes 5 x 4")):
        with pytest.raises(InputError, match=said):
            fitted(pixels, shape, "net")
    with pytest.raises(InputError, match="in colour but net takes grey"):
        fitted(coloured, (4, 4, 1), "net")
    turned = relabelled(pixels, ("b", "c", "a"), "test")
    assert turned.labels.tolist() == [2, 2, 2, 0] and relabelled(pixels, ("a", "b"), "test") is pixels
    with pytest.raises(InputError, match="validation images of class 'a'"):
        relabelled(pixels, ("b", "c"), "validation")
    for others, listing in (("bcdef", "b, c, d, e, f: add"), ("bcdefg", r"b, c, d, e, f, \.\.\.: add")):
        with pytest.raises(InputError, match=f"only of {listing}"):
            relabelled(pixels, tuple(others), "test")
    assert list(digests(pixels, 3)) == list(digests(coloured, 3)) != list(digests(pixels, 1))


def test_posterising_and_solarising_by_hand():
    levels = np.tile(np.arange(256, dtype=np.float32).reshape(1, 16, 16, 1), (200, 1, 1, 1))
    seed = tf.constant([1, 2], tf.int64)
    bits = augmix.CHANGES[2](tf.constant(levels), seed).numpy()
    kept = [levels[0] // step * step for step in (16, 32)]
    which = [(bits == one).all(axis=(1, 2, 3)) for one in kept]
    assert (which[0] | which[1]).all() and 0.75 < which[0].mean() < 0.95, "strengths 0.01 to 0.25 of 0.01 to 0.3"
    inverted = augmix.CHANGES[4](tf.constant(levels), seed).numpy()
    thresholds = (inverted == levels).reshape(200, -1).sum(axis=1)
    assert thresholds.min() < 190 and thresholds.max() > 248 and thresholds.min() >= 256 - 0.3 * 256
    np.testing.assert_array_equal(inverted, np.where(levels < thresholds[:, None, None, None], levels, 255 - levels))


def sums(images):
    """Three numbers for each image that change if any of its values does, or their order."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    order = np.arange(1, flat.shape[1] + 1) / flat.shape[1]
    return np.round(np.stack([flat.mean(axis=1), flat.std(axis=1), (flat * order).mean(axis=1)], axis=1), 1).tolist()


def test_a_seed_stands_for_the_same_changes_of_augmix_and_prime_as_ever():
    rng = np.random.default_rng(0)
    images = tf.image.resize(rng.uniform(0, 255, (3, 4, 4, 3)), (16, 20)).numpy().astype(np.float32)
    found = [sums(change(tf.constant(images), tf.constant([5, 7], tf.int64)).numpy()) for change in CHANGES]
    for change, sum_of, expected in zip(CHANGES, found, EXPECTED, strict=True):
        np.testing.assert_allclose(sum_of, expected, atol=0.3, err_msg=change.__name__)


class Slow:
    """Training whose every step takes a second, by its own clock."""

    taken = 0

    def arrays(self):
        return {}

    def take(self, step):
        self.taken += 1
        return tf.constant(0.0)

    def restore(self, arrays):
        self.restored = arrays


def test_slow_steps_are_timed_for_a_few_seconds_only(monkeypatch):
    tuning = Slow()
    monkeypatch.setattr(step_plan.time, "perf_counter", lambda: float(tuning.taken))
    assert step_plan.seconds_per_step(tuning) == 1
    assert tuning.taken <= 2 + step_plan.MEASURED_SECONDS and tuning.restored == {}


def test_what_layers_add_to_the_loss_counts():
    remedy = SimpleNamespace(
        views=lambda images, seed, mixture: [images], loss=lambda labels, scores: 0 * tf.reduce_mean(scores[0])
    )
    data = Dataset.from_arrays("mine", "train", np.zeros((2, 4, 4, 1), np.uint8), [0, 1])
    dense = keras.layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.5))
    penalised = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), dense])
    tuning = FineTuning(
        Classifier(penalised, outputs="logits"), data, remedy, None, Augmentation(), HardenConfig(batch_size=2), 20
    )
    tuning.compile()
    kernel = dense.kernel.numpy()
    assert float(tuning.take(0)) == pytest.approx(0.5 * float((kernel**2).sum()))


def test_each_step_has_its_own_images_seeds_and_learning_rate():
    """Five images make two batches of two an epoch; the rate rises in one step of twenty, then falls as a cosine."""
    seen = []

    def views(images, seed, mixture):
        seen_now = tf.numpy_function(lambda *values: seen.append(values), [images[:, 0, 0, 0], seed], [])
        with tf.control_dependencies([seen_now]):
            return [tf.identity(images)]

    remedy = SimpleNamespace(views=views, loss=lambda labels, scores: tf.reduce_mean(scores[0]))
    images = np.broadcast_to(np.arange(5, dtype=np.uint8)[:, None, None, None], (5, 4, 4, 1))
    data = Dataset.from_arrays("mine", "train", images, [0, 1, 0, 1, 0])
    config = HardenConfig(batch_size=2, seed=3, learning_rate=0.5)
    tuning = FineTuning(network(), data, remedy, None, Augmentation(), config, 20)
    tuning.compile()
    assert tuning.steps_per_epoch == 2
    rates = []
    for step in range(6):
        rates.append(float(tuning.optimizer.learning_rate))
        tuning.take(step)
    assert [seed.tolist() for _, seed in seen] == [[3, step * 4096 + 16] for step in range(6)]
    epochs = [np.concatenate([batch for batch, _ in seen[k : k + 2]]).tolist() for k in (0, 2, 4)]
    # Recorded, because a training that is resumed must go on with the same images.
    assert epochs == [[4, 0, 1, 2], [1, 3, 4, 0], [0, 1, 2, 3]]
    falling = [0.25 * (1 + np.cos(np.pi * k / 19)) for k in range(5)]
    np.testing.assert_allclose(rates, [0, *falling], rtol=1e-5)
    tuning.plan(40)
    assert float(tuning.optimizer.learning_rate) == pytest.approx(0.25 * (1 + np.cos(np.pi * 4 / 38)))
