"""Fine-tuning: trains a Keras classifier step by step on the views that a remedy makes of training images."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.classifier import Classifier, backend
from tfstab.classifier.keras_graph import holds_layers, nested_layers
from tfstab.classifier.logits import training_log_scores
from tfstab.classifier.running import explained
from tfstab.datasets import Dataset
from tfstab.training.augment import augment
from tfstab.training.recipes import Augmentation
from tfstab.training.remedies import Remedy

if TYPE_CHECKING:
    from tfstab.training.hardening_config import HardenConfig

WARM_UP = 0.05  # share of the steps in which the learning rate rises to its maximum
NO_DECAY = ["bias", "gamma", "beta", "scale"]  # parts of the names of weights that must not decay
STREAMS = 1 << 12  # seeds of each step: those below VIEWS for augmentation, the others for the remedy
VIEWS = 16


class FineTuning:
    """The training of a network. Equal arguments give equal weights, however often it is interrupted.

    Parameters
    ----------
    classifier : Classifier
        The network, whose weights are changed.
    fitting : Dataset
        Training images; their labels are outputs of the network.
    remedy : Remedy
        Makes views of each batch, and the loss of their scores.
    mixture : RandomDegradation
        The families of degradations to harden against.
    augmentation : Augmentation
        Changes, such as flips and shifts, of the training images before the remedy.
    config : HardenConfig
        Batch size, learning rate and seed.
    steps : int
        Number of steps, over which the learning rate rises and falls.
    """

    def __init__(
        self,
        classifier: Classifier,
        fitting: Dataset,
        remedy: Remedy,
        mixture: Any,
        augmentation: Augmentation,
        config: "HardenConfig",
        steps: int,
    ) -> None:
        tf, keras = backend.tensorflow(), backend.keras()
        self.classifier, self.fitting, self.config = classifier, fitting, config
        self.remedy, self.mixture, self.augmentation = remedy, mixture, augmentation
        self.batch_size = config.batch_size_for(classifier, len(fitting))
        # Variables, so that another number of steps needs no second compilation, which takes seconds.
        self._warm_up, self._decay = (tf.Variable(1, dtype=tf.int64, trainable=False) for _ in range(2))
        self.plan(steps)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, self._decay, warmup_target=config.learning_rate, warmup_steps=self._warm_up
        )
        self.optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
        self.optimizer.exclude_from_weight_decay(var_names=NO_DECAY)
        self.optimizer.build(classifier.model.trainable_variables)
        # Keras gives dropout another seed whenever a model is loaded.
        for k, state in enumerate(_random_states(classifier.model)):
            state.assign([config.seed, k])
        self._epoch, self._order = -1, np.array([], np.int64)

    @property
    def steps_per_epoch(self) -> int:
        """Number of whole batches in the training images."""
        return max(1, len(self.fitting) // self.batch_size)

    def plan(self, steps: int) -> None:
        """Set the number of steps, over which the learning rate rises and falls."""
        warm_up = max(1, round(WARM_UP * steps))
        self._warm_up.assign(warm_up)
        self._decay.assign(max(1, steps - warm_up))

    def take(self, step: int) -> Any:
        """Take a step, counted from 0, of the compiled training, and return its loss, a tensor of float32."""
        rows = self._rows(step)
        images = np.ascontiguousarray(self.fitting.images[rows])
        with explained(self.classifier.name, self.batch_size):
            return self._step(images, self.fitting.labels[rows], np.array([self.config.seed, step * STREAMS]))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what is needed to continue from here: weights, and the states of dropout and the optimiser."""
        return {name: variable.value.numpy() for name, variable in self._variables()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Set what `arrays` returned; raises ValueError if it does not fit this network."""
        for name, variable in self._variables():
            there, expected = arrays[name], variable.value.numpy()
            if (there.shape, there.dtype) != (expected.shape, expected.dtype):
                raise ValueError(
                    f"{name} has shape {there.shape} and type {there.dtype}; expected {expected.shape} and "
                    f"{expected.dtype}"
                )
            variable.assign(arrays[name])

    @property
    def array_names(self) -> list[str]:
        """Names of the arrays of `arrays`."""
        return [name for name, _ in self._variables()]

    def _variables(self) -> list[tuple[str, Any]]:
        """Return all variables with their names in a checkpoint."""
        sources = ("network", self.classifier.model.variables), ("optimizer", self.optimizer.variables)
        return [(f"{source}-{k:05d}", variable) for source, several in sources for k, variable in enumerate(several)]

    def _rows(self, step: int) -> np.ndarray:
        """Return the rows of a step's images; each epoch has an order of its own."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            random = np.random.Generator(np.random.Philox(key=self.config.seed, counter=epoch << 64))
            self._epoch, self._order = epoch, random.permutation(len(self.fitting))
        rows = self._order[batch * self.batch_size :][: self.batch_size]
        return np.resize(rows, self.batch_size)  # images are repeated if they do not fill a batch

    def compile(self) -> None:
        """Compile the step as a TensorFlow graph of a fixed shape, which takes about a second."""
        tf, model = backend.tensorflow(), self.classifier.model
        of_scores = self.classifier.logits.of_scores
        together = model.input_shape[0] is None  # a model built for one batch size gets one view at a time

        def step(images: Any, labels: Any, seed: Any) -> Any:
            changed = augment(tf.cast(images, tf.float32), self.augmentation, seed)
            views = self.remedy.views(changed, seed + tf.constant([0, VIEWS], tf.int64), self.mixture)
            batches = [tf.concat(views, axis=0)] if together else views
            with tf.GradientTape() as tape:
                scores = tf.concat([training_log_scores(model, batch, of_scores) for batch in batches], axis=0)
                loss = self.remedy.loss(labels, tf.split(scores, len(views)))
                if model.losses:
                    loss += tf.cast(tf.add_n(model.losses), tf.float32)
            gradients = tape.gradient(loss, model.trainable_variables)
            pairs = zip(gradients, model.trainable_variables, strict=True)
            self.optimizer.apply_gradients([(g, variable) for g, variable in pairs if g is not None])
            return loss

        shape = (self.batch_size, *self.fitting.image_shape)
        signature = [
            tf.TensorSpec(shape, tf.uint8),
            tf.TensorSpec((self.batch_size,), tf.int64),
            tf.TensorSpec((2,), tf.int64),
        ]
        with explained(self.classifier.name, self.batch_size), self._precision():
            function = tf.function(step, input_signature=signature, autograph=False)
            function.get_concrete_function()
        self._step = function

    @contextlib.contextmanager
    def _precision(self) -> Iterator[None]:
        """Trace the functions in this context in bfloat16, if mixed precision is chosen; logits stay in float32."""
        layers = _computing(self.classifier.model) if self.config.mixed_precision else []
        before = [layer.dtype_policy for layer in layers]
        try:
            for layer in layers:
                layer.dtype_policy = "mixed_bfloat16"
            yield
        finally:
            for layer, policy in zip(layers, before, strict=True):
                layer.dtype_policy = policy


def _random_states(model: Any) -> list[Any]:
    """Return the states of the random generators of a model's layers, such as dropout."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


def _computing(model: Any) -> Sequence[Any]:
    """Return the simple Keras layers before the last one with weights, which computes the logits."""
    own = [layer for layer in nested_layers(model) if type(layer).__module__.startswith("keras.")]
    simple = [layer for layer in own if not holds_layers(layer)]
    weighted = [layer for layer in simple if layer.weights]
    last = simple.index(weighted[-1]) if weighted else 0
    return simple[:last]
