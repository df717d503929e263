"""Training that can be killed and resumed: one Keras `fit` an epoch, its state kept in a folder."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.classifier import Classifier, backend
from tfstab.datasets import Dataset, load_dataset
from tfstab.errors import DataError, InputError
from tfstab.models import build_model, load_classifier
from tfstab.models.archive import save_compressed
from tfstab.runs.atomic import write_atomically, write_json
from tfstab.training.augment import augment
from tfstab.training.card import model_card
from tfstab.training.folder import TrainingFolder, rank, read_card
from tfstab.training.recipes import Recipe

OnEpoch = Callable[[dict[str, float]], None]
OnBatch = Callable[[int, int, int], None]


@dataclass(frozen=True)
class TrainingResult:
    """The trained classifier (the best epoch's weights), its model card, and one dict of figures an epoch.

    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES
    >>> recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=16)
    >>> images = tfstab.load_dataset("mnist-5k").take(40)
    >>> result = tfstab.train(recipe, images, test=digits, out="runs/training")
    >>> result.card["parameters"], len(result.history)
    (431080, 1)
    """

    classifier: Classifier
    card: dict[str, Any]
    history: list[dict[str, float]]


def train(
    recipe: Recipe, dataset: Dataset | None = None, test: Dataset | None = None, *, out: str | Path, seed: int = 0,
    data_dir: str | Path | None = None, on_epoch: OnEpoch | None = None, on_batch: OnBatch | None = None,
) -> TrainingResult:
    """Train a network by its recipe and write `NAME.keras` and its card `NAME.json` to the folder `out`.

    dataset: the training set, by default the recipe's own; part of it is held out for validation. test: only
    measured, never trained or chosen on. A run that was stopped goes on with the epoch it was in, and ends with
    the same weights; a finished one is opened. on_epoch(figures) follows each epoch, on_batch(epoch, batch,
    batches) each batch. Raises RunError where `out` holds a training with other settings.

    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES
    >>> recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=16)
    >>> images = tfstab.load_dataset("mnist-5k").take(40)
    >>> trained = tfstab.train(recipe, images, test=digits, out="runs/training")
    >>> trained.classifier
    Classifier('mnist-lenet', input=(28, 28, 1), classes=10)
    >>> Path("runs/training/mnist-lenet.keras").is_file()
    True
    """
    dataset = dataset if dataset is not None else training_set(recipe, data_dir)
    test = test if test is not None else load_dataset(recipe.data, "test", data_dir)
    if not 0 <= seed < 2**31:
        raise InputError(f"seed is {seed}; expected a whole number from 0 to {2**31 - 1}.")
    fitting, validation = dataset.split_off(recipe.validation, seed)
    if not len(fitting):
        raise DataError(f"{dataset.name} has {len(dataset)} images: too few to hold some out for validation.")
    folder = TrainingFolder(Path(out).expanduser(), recipe)
    identity = {"recipe": recipe.settings, "seed": seed, "data": dataset.fingerprint}
    with folder.lock():
        return _train(recipe, seed, folder, folder.open(identity), fitting, validation, test, on_epoch, on_batch)


def _train(
    recipe: Recipe, seed: int, folder: TrainingFolder, state: dict[str, Any], fitting: Dataset, validation: Dataset,
    test: Dataset, on_epoch: OnEpoch | None, on_batch: OnBatch | None,
) -> TrainingResult:
    if not folder.model_path.exists():
        _fit(recipe, seed, fitting, validation, folder, state, on_epoch, on_batch)
        classifier = Classifier(folder.best(state), fitting.class_names, recipe.name)
        card = model_card(recipe, seed, classifier, fitting, validation, test, state["history"])
        write_json(folder.card_path, card)
        write_atomically(folder.model_path, partial(save_compressed, classifier.model), suffix=".keras")
    folder.discard_working_files()
    return TrainingResult(load_classifier(folder.model_path), read_card(folder.card_path), state["history"])


def training_set(recipe: Recipe, data_dir: str | Path | None = None) -> Dataset:
    """The images that the recipe trains on, without those it excludes.

    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES, training_set
    >>> np.savez("mine.npz", x_train=digits.images, y_train=digits.labels, x_test=digits.images, y_test=digits.labels)
    >>> len(training_set(replace(RECIPES["mnist-lenet"], data="mine.npz", exclude=None)))
    10
    """
    dataset = load_dataset(recipe.data, "train", data_dir)
    return dataset.without(load_dataset(recipe.exclude)) if recipe.exclude else dataset


def _fit(
    recipe: Recipe, seed: int, fitting: Dataset, validation: Dataset, folder: TrainingFolder, state: dict[str, Any],
    on_epoch: OnEpoch | None, on_batch: OnBatch | None,
) -> None:
    keras = backend.keras()
    history: list[dict[str, float]] = state["history"]
    batches = _Batches(fitting, recipe, seed)
    steps = batches.count

    def compile_as_new(model: Any) -> None:
        schedule = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, recipe.epochs * steps)
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])

    if history:
        model = folder.last(state, compile_as_new, steps)
    else:
        with _precision(recipe):
            model = build_model(recipe.model, seed)
        compile_as_new(model)
    held_out = _plain_batches(validation)
    while len(history) < recipe.epochs and not _stalled(history, recipe.patience):
        epoch = len(history)
        report = [] if on_batch is None else [
            keras.callbacks.LambdaCallback(on_batch_end=lambda batch, logs, e=epoch: on_batch(e, batch + 1, steps))
        ]  # fmt: skip
        fit = model.fit(batches.epoch(epoch), epochs=1, verbose=0, callbacks=report, shuffle=False)
        loss, accuracy = model.evaluate(held_out, verbose=0)
        figures = {
            "epoch": epoch + 1,
            "loss": float(fit.history["loss"][0]),
            "accuracy": float(fit.history["accuracy"][0]),
            "validation_loss": float(loss),
            "validation_accuracy": float(accuracy),
        }
        is_best = rank(figures) > max(map(rank, history), default=(-1.0, -np.inf))
        history.append(figures)
        folder.save(state, model, is_best)
        if on_epoch is not None:
            on_epoch(figures)


@contextlib.contextmanager
def _precision(recipe: Recipe) -> Iterator[None]:
    """Layers made within compute as the recipe says."""
    config = backend.keras().config
    before = config.dtype_policy()
    config.set_dtype_policy("mixed_bfloat16" if recipe.mixed_precision else before)
    try:
        yield
    finally:
        config.set_dtype_policy(before)


def _stalled(history: list[dict[str, float]], patience: int) -> bool:
    if not history:
        return False
    best = max(range(len(history)), key=lambda k: rank(history[k]))
    return len(history) - 1 - best >= patience


class _Batches:
    """The training set as a tf.data pipeline for each epoch, whose order and changes depend on (seed, epoch) alone."""

    def __init__(self, dataset: Dataset, recipe: Recipe, seed: int) -> None:
        tf = backend.tensorflow()
        self.recipe, self.seed, self.indices, self.shape = recipe, seed, dataset.indices, dataset.image_shape
        self.size = len(dataset) * (1 if recipe.noise is None else recipe.noise.per_image)
        self.count = -(-self.size // recipe.batch_size)
        with tf.device("CPU"):
            self.images, self.labels = tf.constant(dataset.images), tf.constant(dataset.labels)

    def epoch(self, epoch: int) -> Any:
        tf = backend.tensorflow()
        order = np.random.Generator(np.random.Philox(key=self.seed, counter=epoch << 64)).permutation(self.size)
        images, labels, settings = self.images, self.labels, self.recipe.augmentation
        # Batch b of epoch e uses its own seed; augment() adds a stream number of 0..6 to the second part.
        first = tf.constant([self.seed, 0], tf.int64)

        def batch(number: Any, places: Any) -> tuple[Any, Any]:
            key = first + tf.stack([tf.constant(0, tf.int64), (epoch * (1 << 20) + number) * 16])
            rows = places % len(self.indices)
            augmented = augment(tf.cast(tf.gather(images, rows), tf.float32), settings, key)
            if self.recipe.noise is not None:
                noise = tf.numpy_function(lambda p: self._noise(epoch, p), [places], tf.float32)
                noise.set_shape(augmented.shape)
                augmented = tf.clip_by_value(augmented + noise, 0.0, 255.0)
            return augmented, tf.gather(labels, rows)

        places = tf.data.Dataset.from_tensor_slices(order).batch(self.recipe.batch_size)
        # Nothing is left to tune; on one core an epoch's end waits for the tuner's next round, 20 s and more.
        options = tf.data.Options()
        options.autotune.enabled = False
        return places.enumerate().map(batch, num_parallel_calls=2).prefetch(4).with_options(options)

    def _noise(self, epoch: int, places: np.ndarray) -> np.ndarray:
        """Of a batch, whose places run through the images, then through their first copies, and so on."""
        assert self.recipe.noise is not None
        copies, rows = np.divmod(places, len(self.indices))
        return self.recipe.noise.draw(self.shape, self.seed, epoch, self.indices[rows], copies)


def _plain_batches(dataset: Dataset) -> Any:
    tf = backend.tensorflow()
    batches = tf.data.Dataset.from_tensor_slices((dataset.images, dataset.labels)).batch(250)
    return batches.map(lambda images, labels: (tf.cast(images, tf.float32), labels)).prefetch(2)
