"""The attacks that `search_rivals.py` compares with, and wrappers that count what is asked of the model."""

from collections.abc import Callable
from typing import Any

import eagerpy
import foolbox
import numpy as np
import tensorflow as tf

from tfstab import Classifier
from tfstab.classifier.logits import logits_of
from tfstab.datasets import Dataset


class CountingModel:
    """Images in 0..1 to logits (log-scores of an ensemble), counting the images that it is asked about."""

    def __init__(self, classifier: Classifier) -> None:
        self.logits = logits_of(classifier.model)
        self.forward = tf.function(self._forward, reduce_retracing=True)
        self.queries = 0

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        self.queries += int(images.shape[0])
        return self.forward(images)

    def _forward(self, images: tf.Tensor) -> tf.Tensor:
        output = tf.cast(self.logits.outputs(images * 255.0), tf.float32)
        return self.logits.in_graph(output) if self.logits.members else output


class CountingClassifier(Classifier):
    """A classifier that counts the images that it is asked about, whatever the batch size and for what."""

    def __init__(self, classifier: Classifier, counter: "CountingClassifier | None" = None) -> None:
        self.__dict__.update(classifier.__dict__)
        self.counter = counter or self
        self.queries = 0

    def with_batch_size(self, batch_size: int) -> "CountingClassifier":
        return CountingClassifier(super().with_batch_size(batch_size), self.counter)

    def check(self, images: np.ndarray) -> None:  # what scores, log_scores and gradients all begin with
        super().check(images)
        self.counter.queries += len(images)


def foolbox_l2(attack: foolbox.Attack, model: CountingModel, dataset: Dataset) -> np.ndarray:
    """L2 in grey levels of each image, infinite where the attack fails.

    The attacks that start from misclassified images give up where they find none by blending in noise. Then each image
    of the batch is tried alone, and where that fails too, from the nearest image of another class.
    """
    wrapped = foolbox.TensorFlowModel(model, bounds=(0, 1))
    pixels = dataset.images.astype(np.float32) / 255

    def attacked(rows: np.ndarray, **start: Any) -> np.ndarray:
        images, labels = (eagerpy.astensor(tf.constant(a[rows])) for a in (pixels, dataset.labels))
        try:
            adversarial, _, success = attack(wrapped, images, labels, epsilons=None, **start)
        except (AssertionError, ValueError):
            if start:
                return np.array([np.inf])
            if len(rows) > 1:
                return np.concatenate([attacked(row) for row in rows[:, None]])
            others = pixels[dataset.labels != dataset.labels[rows]]
            nearest = np.square(others - pixels[rows]).sum(axis=(1, 2, 3)).argmin()
            return attacked(rows, starting_points=eagerpy.astensor(tf.constant(others[nearest][None])))
        l2 = (adversarial - images).flatten(1).norms.l2(axis=1).numpy() * 255
        return np.where(success.numpy(), l2, np.inf)

    batch = 10 if isinstance(attack, foolbox.attacks.L2BrendelBethgeAttack) else 50
    batches = np.split(np.arange(len(dataset)), range(batch, len(dataset), batch))
    return np.concatenate([attacked(rows) for rows in batches])


def references(carlini_steps: int = 1_000, brendel_steps: int = 1_000) -> dict[str, foolbox.Attack]:
    """Foolbox's attacks with gradients, whose best is the reference."""
    return {
        "DDN": foolbox.attacks.DDNAttack(steps=1000),
        "C&W": foolbox.attacks.L2CarliniWagnerAttack(steps=carlini_steps, stepsize=0.01, initial_const=1.0),
        "Brendel-Bethge": foolbox.attacks.L2BrendelBethgeAttack(steps=brendel_steps),
    }


def decisions(queries: int) -> dict[str, foolbox.Attack]:
    """Foolbox's decision-based attacks, with about so many queries."""
    gradient_steps = max(queries // 64 - 19, 50)
    return {
        "Foolbox Boundary": foolbox.attacks.BoundaryAttack(steps=queries),
        "Foolbox HopSkipJump": foolbox.attacks.HopSkipJumpAttack(steps=64, max_gradient_eval_steps=gradient_steps),
    }


def art_attacks(
    model: CountingModel, classifier: Classifier, dataset: Dataset, queries: int
) -> dict[str, Callable[[], np.ndarray]]:
    """ART's score-based attacks: functions that give the L2 of each image, infinite where the attack fails.

    Square is run at growing radii, and keeps each image's first success.
    """
    from art.attacks.evasion import SimBA, SquareAttack
    from art.estimators.classification import TensorFlowV2Classifier

    class Box(TensorFlowV2Classifier):  # whose own predict compiles the model, and with it the counting
        def predict(self, x: np.ndarray, batch_size: int = 64, **kwargs: Any) -> np.ndarray:
            return tf.nn.softmax(model(tf.constant(x, tf.float32))).numpy()

    box = Box(model, dataset.num_classes, dataset.image_shape, clip_values=(0, 1))
    radii = np.geomspace(0.05, 8, 12)  # of images in 0..1

    def square(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        best, left = images.copy(), np.arange(len(images))
        for radius in radii:
            attack = SquareAttack(box, norm=2, eps=radius, max_iter=queries // len(radii), batch_size=64, verbose=False)
            found = attack.generate(images[left], labels[left])
            broken = ~np.isfinite(found).all(axis=(1, 2, 3))  # it divides by a norm that can be 0
            found[broken] = images[left][broken]
            best[left] = found
            left = left[box.predict(found).argmax(axis=1) == labels[left]]
            if not len(left):
                break
        return best

    def simba(step: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        side = dataset.image_shape[0] // 4 * 4
        attack = SimBA(box, attack="dct", max_iter=queries // 2, epsilon=step, freq_dim=side, verbose=False)
        return lambda images, labels: attack.generate(images, np.eye(dataset.num_classes)[labels])

    def l2(attack: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        adversarial = attack(dataset.images.astype(np.float32) / 255, dataset.labels) * 255
        distances = np.sqrt(np.square(adversarial - dataset.images).sum(axis=(1, 2, 3)))
        return np.where(classifier.scores(adversarial).argmax(axis=1) != dataset.labels, distances, np.inf)

    steps = (0.05, 0.2)  # SimBA's own is 0.2; it gets all queries with either, and its better result counts
    return {
        "ART Square-L2": lambda: l2(square),
        "ART SimBA": lambda: np.min([l2(simba(step)) for step in steps], axis=0),
    }
