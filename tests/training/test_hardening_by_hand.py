"""The steps of a hardening on networks of a few weights: how long, on which images, and which weights are kept."""

import contextlib
import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfstab import Classifier, Dataset
from tfstab.errors import RunError
from tfstab.training import RECIPES, Augmentation, HardenConfig, hardening_training
from tfstab.training.finetune import FineTuning
from tfstab.training.hardening_card import shortened_sentence
from tfstab.training.hardening_folder import HardeningFolder
from tfstab.training.hardening_training import HardeningTraining
from tfstab.training.step_plan import fitting, seconds_per_step
from tfstab.training.too_slow import TooSlowError

L = keras.layers


def pixels(levels, labels=None, name="mine"):
    """Images of one pixel each."""
    images = np.uint8(levels).reshape(-1, 1, 1, 1)
    return Dataset.from_arrays(name, "train", images, np.arange(len(images)) % 2 if labels is None else labels)


def classifier(*layers, batch=None):
    return Classifier(keras.Sequential([L.Input((1, 1, 1), batch_size=batch), *layers]), outputs="logits")


def hardening(folder, config, validation=None, name="mine"):
    fitting = pixels(range(10), name=name)
    return HardeningTraining(
        classifier(L.Flatten(), L.Dense(2)), fitting, validation, config, HardeningFolder(folder, "n")
    )


def shaped(*shape):
    """Validation images of a shape, of which nothing else is asked."""
    return SimpleNamespace(image_shape=shape, images=np.zeros((4000, 1, 1, 1), np.uint8))


# --- plans ---


def test_epochs_set_the_steps_and_the_memory_of_images_how_many_are_watched(tmp_path):
    begun = hardening(tmp_path, HardenConfig())
    for epochs, size, shape, planned in (
        (2, 4, (1, 1, 1), (5, 4000)),
        (0.01, 4, (160, 160, 3), (1, 3495)),
        (1.3, 5, (1 << 14, 1 << 14, 3), (3, 1)),
    ):
        begun.config, begun.validation = HardenConfig(epochs=epochs, batch_size=size), shaped(*shape)
        assert begun._planned(None, np.inf) == {"steps": planned[0], "rounds": 20, "watched": planned[1]}


class Timed:
    """A network and its training by a clock of their own: the first call of each takes 3 s more."""

    batch_size = 4

    def __init__(self, image, step):
        self.now, self.image, self.step, self.taken, self.called = 0.0, image, step, [], set()

    def _work(self, what, seconds):
        self.now += seconds + 3 * (what not in self.called)
        self.called.add(what)

    def scores(self, images):
        self._work("scores", len(images) * self.image)

    def take(self, step):
        self._work("take", self.step)
        self.taken.append(step)
        return tf.constant(0.0)

    def arrays(self):
        return {"before": len(self.taken)}

    def restore(self, arrays):
        self.restored = arrays


def test_minutes_set_the_numbers_of_steps_and_watched_images(tmp_path, monkeypatch):
    """600 s are 60 s for (2 x 11 + 20) / 512 s an image, and 540 s less 6 1/64 s and 5 x 0.5 s by steps of 0.5 s.

    Of 120 s, 36 may be for watching a slow network, and of 20 s, 6 s: 100 images are then watched, and 4 rounds.
    """
    begun = hardening(tmp_path, HardenConfig())
    monkeypatch.setattr(hardening_training.time, "perf_counter", lambda: begun.tuned.now)
    for image, minutes, shape, planned in (
        (1 / 512, 10, (1, 1, 1), (1062, 20, 731)),
        (1 / 512, 2, (1, 1, 1), (190, 20, 200)),  # 12 s would be for 146 images
        (1 / 512, 0.01, (1, 1, 1), (20, 4, 20)),
        (1 / 65536, 10, (1, 1, 1), (1062, 20, 4000)),
        (1 / 512, 10, (1 << 14, 1 << 14, 1), (1062, 20, 1)),
        (1 / 128, 1, (1, 1, 1), (67, 4, 88)),
    ):
        begun.tuned, begun.validation, begun._began = Timed(image, 0.5), shaped(*shape), 0.0
        steps, rounds, watched = planned
        assert begun._planned(begun.tuned, 60 * minutes) == {"steps": steps, "rounds": rounds, "watched": watched}


def test_a_network_that_is_too_slow_is_refused_once_its_speed_is_known(tmp_path, monkeypatch):
    """20 steps of 9 s and 26 x 20 images of 1/8 s, after 3 s each for the first ones, are 259 s with the measuring."""
    begun = hardening(tmp_path, HardenConfig())
    begun.tuned, begun.validation, begun._began = Timed(1 / 8, 9.0), shaped(1, 1, 1), 0.0
    monkeypatch.setattr(hardening_training.time, "perf_counter", lambda: begun.tuned.now)
    with pytest.raises(TooSlowError, match=r"it takes at least 5 minutes here \(--minutes 5, in Python minutes=5\)"):
        begun._planned(begun.tuned, 120.0)
    begun.tuned = Timed(1 / 8, 9.0)
    assert begun._planned(begun.tuned, 300.0)["steps"] >= 20


def test_a_training_that_gets_slower_takes_fewer_steps_and_tries_the_averages_on_fewer_images(
    tmp_path, monkeypatch, no_training
):
    """Each step takes 2 s, so that 1000 do not fit into 360 s, and trying all averages on 40 images takes 110 s."""
    begun = hardening(tmp_path, HardenConfig(against=["contrast"], batch_size=2), pixels(range(40)))
    now, scores = [0.0], begun.tuned.scores

    def slow_scores(images):
        now[0] += len(images) / 8
        return scores(images)

    def slow_step(step):
        now[0] += 2.0

    monkeypatch.setattr(hardening_training.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(begun.tuned, "scores", slow_scores)
    no_training(slow_step)
    planned = {"steps": 1000, "rounds": 20, "watched": 40}
    monkeypatch.setattr(begun, "_planned", lambda *_: planned)
    begun._began = 0.0
    begun.run({"identity": {}}, 6, None)
    card = begun.folder.card()
    assert 50 <= card["steps"] < 180 and card["history"][-1]["step"] == card["steps"]
    assert now[0] < 360 + 20
    begun._began = now[0]
    assert 20 <= len(begun._affordable(begun.validation, now[0] + 60)) < 40
    assert len(begun._affordable(begun.validation, now[0] + 600)) == 40
    monkeypatch.setattr(begun.tuned, "scores", scores)
    assert len(begun._affordable(begun.validation, now[0] - 9)) == 40, "a fast network is tried on all of them"
    assert card["planned_steps"] == 1000
    said = f"no time for all planned steps of the training: it was shortened from 1,000 to {card['steps']} steps."
    assert said in shortened_sentence(card)
    assert fitting(30, 30, 4, 2.0, -9.0) == 20, "the fewest steps are taken once they were planned"


@pytest.fixture
def timed_training(tmp_path, monkeypatch, no_training):
    """Runs a training of 200 planned steps, by default with a minute for each call, by a clock of its own.

    Its argument `seconds` returns how long a step takes, from the step and from how many this call has taken before.
    """
    now = [0.0]
    monkeypatch.setattr(hardening_training.time, "perf_counter", lambda: now[0])

    def run(seconds, until=200, minutes=1, steps=None):
        state, calls = json.loads(state_path.read_text()) if state_path.exists() else {"identity": {}}, []

        def timed(step):
            now[0] += seconds(step, len(calls))
            calls.append(step)

        def stop(progress):
            seen.append((progress.step, progress.steps))
            if progress.step == until != 200:
                raise KeyboardInterrupt

        seen = []
        no_training(timed)
        begun = hardening(tmp_path, HardenConfig(against=["contrast"], batch_size=2, steps=steps), pixels(range(40)))
        monkeypatch.setattr(begun, "_planned", lambda *_: {"steps": 200, "rounds": 20, "watched": 40})
        with contextlib.suppress(KeyboardInterrupt):
            begun.run(state, minutes, stop)
        return seen, begun.folder

    state_path = tmp_path / "hardening.json"
    return run


def test_an_interrupted_training_takes_all_its_steps_though_the_first_one_compiles_again(timed_training):
    """A step takes a quarter of a second, so 200 fit into a minute; the first one of each call takes ten seconds."""

    def seconds(step, taken):
        return 0.25 if taken else 10.0

    seen, _ = timed_training(seconds, until=103)
    assert seen[-1] == (103, 200)
    seen, folder = timed_training(seconds)
    assert seen[0] == (104, 200) and {planned for _, planned in seen} == {200}
    assert folder.card()["steps"] == folder.card()["planned_steps"] == 200
    assert shortened_sentence(folder.card()) == ""


def test_a_training_that_goes_on_with_less_time_is_not_called_slow(timed_training):
    """A step always takes a quarter of a second: only the time of the second call is shorter."""
    timed_training(lambda step, taken: 0.25, until=103)
    seen, folder = timed_training(lambda step, taken: 0.25, minutes=0.2)
    assert seen[-1][0] == folder.card()["steps"] < 160
    assert shortened_sentence(folder.card()).startswith("There was no time for all planned steps")


def test_a_training_that_was_shortened_takes_more_steps_again_in_a_call_that_has_more_time(timed_training):
    """In the first call a step takes a second, so at step 10 the plan is cut to 59: it goes on at 53, near its end."""
    seen, _ = timed_training(lambda step, taken: 1.0, until=53)
    assert seen[-1][1] < 62
    seen, folder = timed_training(lambda step, taken: 0.1)
    assert seen[0] == (54, 200) and folder.card()["steps"] == 200


def test_a_training_whose_plan_was_far_too_short_takes_more_steps_in_rounds_that_are_as_many(timed_training):
    """A step takes a twentieth of a second, so that the 200 steps of the plan leave 50 of 60 seconds unused."""
    seen, folder = timed_training(lambda step, taken: 0.05, until=10_000)
    card = folder.card()
    assert 1000 < card["steps"] <= 1200 and card["planned_steps"] == 200 and shortened_sentence(card) == ""
    assert len(card["history"]) <= 30 and seen[-1][0] == card["steps"]


def test_no_more_steps_are_taken_than_were_asked_for(timed_training):
    _, folder = timed_training(lambda step, taken: 0.05, until=10_000, steps=200)
    assert folder.card()["steps"] == 200


def test_a_training_that_goes_on_is_not_made_longer(timed_training):
    """Else it would end with other weights than without the interruption, which has left it twice the time."""
    timed_training(lambda step, taken: 0.25, until=153)
    _, folder = timed_training(lambda step, taken: 0.25, minutes=3)
    assert folder.card()["steps"] == folder.card()["planned_steps"] == 200


def test_a_training_that_was_slow_for_a_while_takes_more_steps_again(timed_training):
    """Until step 20 a step takes a second, then a fifth: 20 + 160 / 5 seconds are less than a minute."""
    seen, folder = timed_training(lambda step, taken: 1.0 if step < 20 else 0.2)
    planned = [steps for _, steps in seen]
    assert min(planned) < 100 and max(planned) == planned[-1] == 200
    history = [row["step"] for row in folder.card()["history"]]
    assert history == list(range(10, 201, 10))


@pytest.mark.parametrize(
    ("step", "taken"), [(1 / 64, [0, *range(20)]), (0.25, [0, *range(8)]), (1.0, [0, 0, 1]), (30.0, [0, 0])]
)
def test_how_many_steps_are_timed_after_the_first(monkeypatch, step, taken):
    timed = Timed(0, step)
    monkeypatch.setattr(hardening_training.time, "perf_counter", lambda: timed.now)
    assert seconds_per_step(timed) == step
    assert timed.taken == taken and timed.restored == {"before": 0}


def test_only_images_of_a_bundled_network_are_augmented(tmp_path):
    for name, expected in (("cifar10", RECIPES["cifar10-quick"].augmentation), ("mine", Augmentation())):
        assert hardening(tmp_path, HardenConfig(), name=name)._tuning(5).augmentation == expected


# --- the share of the fine-tuned weights ---


def test_the_share_that_loses_at_most_so_many_points(tmp_path):
    """An image is of class 1 if its level is above 100 x (1 - share): clean ones are lost from 0.9 on, degraded won."""
    watched = pixels([5, 15, 0, 0, 0] + [255] * 5, [0] * 5 + [1] * 5)
    degraded = np.float32([0] * 5 + [95, 75, 55, 15, 5]).reshape(-1, 1, 1, 1)
    begun = hardening(tmp_path, HardenConfig(), watched)
    begun.degraded = lambda images: degraded
    original, tuned = ([np.float32([[0, 1]]), np.float32([0, -level])] for level in (100, 0))
    for keep_clean, share in ((0, 0.5), (9.99, 0.5), (10, 0.9), (19.9, 0.9), (20, 1), (100, 1)):
        begun.config = HardenConfig(keep_clean=keep_clean)
        begun.tuned.model.set_weights(tuned)  # as after the training
        found, figures = begun._choose(original, tuned, watched)
        assert found == share
        assert [(row.clean, row.degraded) for row in figures[-3:]] == [(1, 0.8), (0.9, 0.9), (0.8, 1)]


def test_where_one_class_is_common_the_share_is_chosen_by_mean_recall(tmp_path):
    """Class 0 has 18 of 20 images. All that new weights win under degradations are images of this class."""
    watched = pixels([5] * 18 + [105, 255], [0] * 18 + [1] * 2)
    begun = hardening(tmp_path, HardenConfig(keep_clean=10), watched)
    begun.degraded = lambda images: np.float32([115] * 18 + [255, 255]).reshape(-1, 1, 1, 1)
    original, tuned = ([np.float32([[0, 1]]), np.float32([0, -level])] for level in (100, 120))
    begun.tuned.model.set_weights(tuned)
    share, figures = begun._choose(original, tuned, watched)
    assert share == 0, "1 of 2 defects would be lost, 25 points of mean recall, but only 5 points of accuracy"
    assert [(row.clean, row.degraded) for row in (figures[0], figures[-1])] == [(1, 0.5), (0.75, 1)]
    begun.config = HardenConfig(keep_clean=25)
    assert begun._choose(original, tuned, watched)[0] > 0


def test_validation_images_are_degraded_by_as_many_as_fit(tmp_path, monkeypatch):
    """Their seeds are below 0, where those of no training step are, and are the same for the same images."""
    asked = []

    def degrade(images, seed):
        asked.append((len(images), seed.tolist()))
        return images + 1

    begun = hardening(tmp_path, HardenConfig(seed=7))
    monkeypatch.setattr(hardening_training, "augment", lambda against, seed: SimpleNamespace(degrade=degrade))
    for memory, sizes in ((100, [25, 5]), (40, [10, 10, 10]), (3, [1] * 30), (4000, [30])):
        monkeypatch.setattr(hardening_training, "TOGETHER_BYTES", memory)
        asked.clear()
        degraded = begun.degraded(pixels(range(30)))
        assert degraded.dtype == np.float32 and degraded.ravel().tolist() == list(range(1, 31))
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        assert asked == [(size, [7, -1 - start]) for size, start in zip(sizes, starts, strict=True)]


# --- checkpoints ---


def test_a_checkpoint_replaces_the_one_before_even_if_that_is_gone(tmp_path):
    folder, state = HardeningFolder(tmp_path, "n"), {"history": []}
    for step in (1, 5, 9):
        state["history"].append({"step": step})
        folder.save(state, {"a": np.arange(step), "b": np.ones(2)})
        (kept,) = tmp_path.glob("*.npz")
        assert kept.name == state["checkpoint"] == f"checkpoint-{step:08d}.npz"
        assert len(folder.arrays(state, ["a", "b"])["a"]) == step
        if step == 5:
            kept.unlink()
    np.savez(kept, a=np.arange(3), b=np.array([1.0, np.nan]))
    with pytest.raises(RunError, match="holds infinite or missing values"):
        folder.arrays(state, ["a", "b"])


# --- steps ---


def tuning(network, data, views, loss, steps=20, **settings):
    remedy = SimpleNamespace(views=views, loss=loss)
    made = FineTuning(network, data, remedy, None, Augmentation(), HardenConfig(**settings), steps)
    made.compile()
    return made


def test_images_fill_the_batches_of_a_network_for_larger_ones_view_by_view():
    seen = []

    def views(images, seed, mixture):
        with tf.control_dependencies([tf.numpy_function(seen.append, [images[:, 0, 0, 0]], [])]):
            return [images, images + 1]

    network = classifier(L.Flatten(), L.Dense(2), batch=7)
    made = tuning(network, pixels([10, 20, 30]), views, lambda labels, scores: tf.reduce_mean(scores[1]))
    for step in range(2):
        made.take(step)
    assert made.steps_per_epoch == 1 and [np.unique(rows).tolist() for rows in seen] == [[10, 20, 30]] * 2


def test_batch_statistics_are_those_of_all_views_together():
    """Views of 0 and of 2 have the mean 1 and the variance 1, so that the first one is normalised to -1."""
    last = L.Dense(2, use_bias=False)
    network = classifier(L.BatchNormalization(epsilon=1e-9), L.Flatten(), last)
    last.set_weights([np.float32([[1, 0]])])
    made = tuning(
        network, pixels([0, 0]), lambda images, seed, mixture: [images, images + 2],
        lambda labels, scores: tf.reduce_mean(scores[0][:, 0]), batch_size=2,
    )  # fmt: skip
    assert float(made.take(0)) == pytest.approx(-1 - np.log1p(np.exp(-1)), rel=1e-4)


@pytest.mark.parametrize(("mixed", "first"), [(False, 128.125), (True, 128.0)])
def test_all_but_the_last_layer_compute_in_half_precision_if_asked(mixed, first):
    """A weight of 1 + 1/1024 is 1 in bfloat16; the last layer's is kept."""
    network = classifier(L.Flatten(), L.Dense(1, use_bias=False), L.Dense(2))
    weights = [np.float32([[1 + 2**-10]]), np.float32([[0, -1 - 2**-10]]), np.float32([1, 1])]
    network.model.set_weights(weights)
    made = tuning(
        network, pixels([128, 128]), lambda images, seed, mixture: [images],
        lambda labels, scores: -tf.reduce_mean(scores[0][:, 1]) + 0 * tf.reduce_sum(scores[0]),
        batch_size=2, mixed_precision=mixed, learning_rate=1e-9, weight_decay=10,
    )  # fmt: skip
    assert float(made.take(0)) == first * (1 + 2**-10)
    assert {layer.dtype_policy.name for layer in network.model.layers} == {"float32"}


def test_kernels_decay_and_biases_do_not():
    network = classifier(L.Flatten(), L.Dense(2))
    network.model.set_weights([np.float32([[1, 1]]), np.float32([1, 1])])
    made = tuning(
        network, pixels([9, 9]), lambda images, seed, mixture: [images],
        lambda labels, scores: 0 * tf.reduce_sum(scores[0]), batch_size=2, learning_rate=0.1, weight_decay=0.5,
    )  # fmt: skip
    made.take(0)  # at a rate of 0
    made.take(1)
    kernel, bias = network.model.get_weights()
    assert kernel.tolist() == [[pytest.approx(0.95), pytest.approx(0.95)]] and bias.tolist() == [1, 1]
