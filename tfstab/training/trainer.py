"""Training that can be killed and resumed: one call of Keras' `fit` for each epoch, with its result saved."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.checks import checked_seed
from tfstab.classifier import Classifier, backend
from tfstab.datasets import Dataset
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.models import build_model, load_classifier
from tfstab.models.archive import save_compressed
from tfstab.paths import user_path
from tfstab.runs.atomic import write_atomically, write_json
from tfstab.training.augment import augment
from tfstab.training.card import model_card
from tfstab.training.checks import rank, read_card
from tfstab.training.folder import TrainingFolder
from tfstab.training.images import training_material
from tfstab.training.recipes import Recipe
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

OnEpoch = Callable[[dict[str, float]], None]
OnBatch = Callable[[int, int, int], None]


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training.

    Attributes
    ----------
    classifier : Classifier
        The trained network, with the weights of the best epoch.
    card : dict
        Its model card.
    history : list of dict
        Loss and accuracy of each epoch, on the training images and on those held out for validation.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES
    >>> recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=16)
    >>> images = tfstab.load_dataset("mnist-5k").take(40).without(digits)
    >>> result = tfstab.train(recipe, images, test=digits, out="runs/training")
    >>> result.card["parameters"], len(result.history)
    (431080, 1)
    """

    classifier: Classifier
    card: dict[str, Any]
    history: list[dict[str, float]]

    def summary(self) -> str:
        """Return a few lines: the network, what it was trained on, and its accuracy with 95 % intervals."""
        card, training = self.card, self.card["data"]["training"]
        lines = [
            f"{card['name']}, {card['parameters']:,} parameters, trained on {counted(training['images'])} of "
            f"{training['name']}"
        ]
        if "best_epoch" in card:
            lines.append(f"best of {counted(card['epochs_run'], 'epoch')}: {card['best_epoch']}")
        for kind in ("validation", "test"):
            measured = card["accuracy"].get(kind)
            if measured is not None:
                accuracy = Estimate(measured["accuracy"], *measured["interval_95"])
                lines.append(
                    f"{kind} accuracy: {percent(accuracy)}, {measured['correct']:,} of {counted(measured['images'])}"
                )
        return "\n".join(lines)

    __str__ = summary

    def to_pandas(self) -> "pd.DataFrame":
        """Return the history: one row for each epoch, with its loss and accuracy."""
        import pandas as pd

        return pd.DataFrame(self.history)


def train(
    recipe: Recipe,
    dataset: Dataset | None = None,
    test: Dataset | None = None,
    *,
    out: str | Path,
    seed: int = 0,
    data_dir: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    on_batch: OnBatch | None = None,
) -> TrainingResult:
    """Train a network, and write `NAME.keras` and its model card `NAME.json`.

    A training that was stopped is resumed at the epoch in which it was stopped, and ends with the same weights as
    without the interruption. A finished training is opened.

    Parameters
    ----------
    recipe : Recipe
        How to train the network.
    dataset : Dataset, optional
        The training images, part of which is held out for validation; by default those of the recipe. They must have
        the size that the network takes. The network gets an output for each class.
    test : Dataset, optional
        The images on which the trained network's accuracy is measured; by default the test images of the recipe's data
        set. If it has none, or `dataset` is another one, a fifth of the training images is held out and written to
        `test.npz` in `out`. They influence neither the training nor the choice of the best epoch.
    out : str or Path
        Folder for the trained network, its card and the state of the training.
    seed : int
        Seed of the initial weights, the order of images, augmentation and noise, 0 to 2^31 - 1.
    data_dir : str or Path, optional
        Folder of the official data sets.
    on_epoch : callable, optional
        Called as on_epoch(figures) after each epoch, with its loss and accuracy.
    on_batch : callable, optional
        Called as on_batch(epoch, batch, batches) after each batch, with the epoch counted from 0, the batch from 1.

    Returns
    -------
    TrainingResult
        The trained network, its card and its history.

    Raises
    ------
    InputError
        The seed is out of range, the images do not fit the network, or a class with test images has no training images.
    DataError
        The data set cannot be loaded, a class has too few images to hold some out, or test images are among the
        training images.
    RunError
        `out` holds other files or a training with other settings, or another process is training in it.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES
    >>> recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=16)
    >>> images = tfstab.load_dataset("mnist-5k").take(40).without(digits)
    >>> trained = tfstab.train(recipe, images, test=digits, out="runs/training")
    >>> trained.classifier
    Classifier('mnist-lenet', input=(28, 28, 1), classes=10)
    >>> Path("runs/training/mnist-lenet.keras").is_file()
    True
    """
    seed = checked_seed(seed, bits=31)
    material = training_material(recipe, dataset, test, data_dir, seed)
    fitting, validation = material.train.split_off(recipe.validation, seed)
    folder = TrainingFolder(user_path(out), recipe, fitting.num_classes)
    identity = {"recipe": recipe.settings, "seed": seed, "data": material.train.fingerprint}
    with folder.lock():
        state = folder.open(identity)
        material.save_held_out(folder.test_path)
        return _train(recipe, seed, folder, state, fitting, validation, material.test, on_epoch, on_batch)


def _train(
    recipe: Recipe,
    seed: int,
    folder: TrainingFolder,
    state: dict[str, Any],
    fitting: Dataset,
    validation: Dataset,
    test: Dataset,
    on_epoch: OnEpoch | None,
    on_batch: OnBatch | None,
) -> TrainingResult:
    """Train the network unless it is finished, and open the result."""
    if folder.model_path.exists():
        classifier = load_classifier(folder.model_path)
    else:
        _fit(recipe, seed, fitting, validation, folder, state, on_epoch, on_batch)
        classifier = Classifier(folder.best(state), fitting.class_names, recipe.name)
        card = model_card(recipe, seed, classifier, fitting, validation, test, state["history"])
        write_json(folder.card_path, card)
        write_atomically(folder.model_path, partial(save_compressed, classifier.model), suffix=".keras")
    folder.discard_working_files()
    return TrainingResult(classifier, read_card(folder.card_path), state["history"])


def _fit(
    recipe: Recipe,
    seed: int,
    fitting: Dataset,
    validation: Dataset,
    folder: TrainingFolder,
    state: dict[str, Any],
    on_epoch: OnEpoch | None,
    on_batch: OnBatch | None,
) -> None:
    """Train until the last epoch, or until the validation accuracy no longer improves."""
    keras = backend.keras()
    history: list[dict[str, float]] = state["history"]
    batches = _Batches(fitting, recipe, seed)
    steps = batches.count

    def compile_as_new(model: Any) -> None:
        schedule = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, recipe.epochs * steps)
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=[accuracy])
        # Now, because a training step that creates variables is traced twice.
        optimizer.build(model.trainable_variables)

    if history:
        model = folder.last(state, compile_as_new, steps)
    else:
        with _precision(recipe):
            model = build_model(recipe.model, seed, classes=fitting.num_classes)
        compile_as_new(model)
    held_out = _plain_batches(validation)
    while len(history) < recipe.epochs and not _stalled(history, recipe.patience):
        epoch = len(history)
        report = []
        if on_batch is not None:
            told = partial(_tell_batch, on_batch, epoch, steps)
            report.append(keras.callbacks.LambdaCallback(on_batch_end=told))
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


def _tell_batch(on_batch: OnBatch, epoch: int, batches: int, batch: int, logs: Any = None) -> None:
    """Pass on Keras' report of a finished batch, which it counts from 0."""
    on_batch(epoch, batch + 1, batches)


@contextlib.contextmanager
def _precision(recipe: Recipe) -> Iterator[None]:
    """Give layers that are built within this context the precision of the recipe."""
    config = backend.keras().config
    before = config.dtype_policy()
    config.set_dtype_policy("mixed_bfloat16" if recipe.mixed_precision else before)
    try:
        yield
    finally:
        config.set_dtype_policy(before)


def _stalled(history: list[dict[str, float]], patience: int) -> bool:
    """Return True if none of the last `patience` epochs was the best so far."""
    if not history:
        return False
    best = max(range(len(history)), key=lambda k: rank(history[k]))
    return len(history) - 1 - best >= patience


class _Batches:
    """The training images as a tf.data pipeline for each epoch.

    Their order, augmentation and noise depend on the seed and the epoch alone.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe, seed: int) -> None:
        """Keep the images in the memory of the CPU, whatever device trains."""
        tf = backend.tensorflow()
        self.recipe, self.seed, self.indices, self.shape = recipe, seed, dataset.indices, dataset.image_shape
        self.size = len(dataset) * (1 if recipe.noise is None else recipe.noise.per_image)
        self.count = -(-self.size // recipe.batch_size)
        with tf.device("CPU"):
            self.images, self.labels = tf.constant(dataset.images), tf.constant(dataset.labels)

    def epoch(self, epoch: int) -> Any:
        """Return the batches of an epoch, counted from 0."""
        tf = backend.tensorflow()
        order = np.random.Generator(np.random.Philox(key=self.seed, counter=epoch << 64)).permutation(self.size)
        images, labels, settings = self.images, self.labels, self.recipe.augmentation
        # Each batch of each epoch has its own seed, to whose second number augment() adds a stream number of 0..6.
        first = tf.constant([self.seed, 0], tf.int64)

        @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
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
        # There is nothing to tune, and on one core the end of an epoch would wait 20 s and more for the autotuner.
        options = tf.data.Options()
        options.autotune.enabled = False
        return places.enumerate().map(batch, num_parallel_calls=2).prefetch(4).with_options(options)

    def _noise(self, epoch: int, places: np.ndarray) -> np.ndarray:
        """Return the noise of a batch. Places number the clean images first, then their first copies, and so on."""
        assert self.recipe.noise is not None
        copies, rows = np.divmod(places, len(self.indices))
        return self.recipe.noise.draw(self.shape, self.seed, epoch, self.indices[rows], copies)


def _plain_batches(dataset: Dataset) -> Any:
    """Return the images in batches, in order and unchanged."""
    tf = backend.tensorflow()
    batches = tf.data.Dataset.from_tensor_slices((dataset.images, dataset.labels)).batch(250)
    return batches.map(lambda images, labels: (tf.cast(images, tf.float32), labels)).prefetch(2)
