"""How often `inspect RUN PICTURE --why` says that a picture may not show its class: where it does, and where not.

    TFSTAB_DATA=... python tests/benchmarks/picture_labels.py

The pictures are test images outside of the 1,000 images of the run. There are two kinds. The model misclassifies those
of the first kind, and their class is stated as in the data set. It is right on those of the second kind, but another
class is stated, drawn at random. The table has the number of pictures of each kind, how many of them get the advice to
check whether they show the stated class at all, and how many are said to show perhaps something else, because none of
the most similar images is of that class.
"""

from dataclasses import replace

import numpy as np
from picture_faults import BATCH, print_tables

import tfstab
from tfstab.degradations.registry import BUILT_IN
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_compared import compared
from tfstab.explanation.picture_label import LOW
from tfstab.explanation.picture_trials import findings_of
from tfstab.explanation.picture_verdict import PHOTOGRAPH
from tfstab.explanation.picture_why import why_of
from tfstab.metrics.intervals import wilson_interval
from tfstab.report.tables import Table
from tfstab.stepwise import finished
from tfstab.wording import percent

RIGHT_CLASS, WRONG_CLASS = "misclassified, the class is right", "right, another class is stated"
MODELS = ("cifar10-quick:cifar10", "cifar10-quick-augmented:cifar10", "gtsrb-aghdam:gtsrb")
SAID = ("Check whether it shows ", "it may show ")


def advice(classifier, image, k, clean):
    """Return whether each of the two sentences is said of a picture."""
    turned = np.stack(undone(image))
    found = finished(answer_steps(classifier, image, turned, clean, k))
    no_surer, right = found.compared.as_sure
    if found.verdict.says == PHOTOGRAPH or found.suitable or no_surer < LOW * right:
        return [False, False]  # whatever else is found out
    found = findings_of(classifier, image, list(BUILT_IN.values()), "", k, undone_scores=classifier.scores(turned))
    found = compared(classifier, found, clean, "")
    found = replace(found, why=why_of(classifier, image, clean, classifier.class_names))
    return [words in found.verdict.reason for words in SAID]


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model).with_batch_size(BATCH), tfstab.load_dataset(data)
    rng = np.random.default_rng(given.seed)
    order = rng.permutation(len(data))
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/{model}")
    others = data.select(order[1000:])
    labels, right = np.asarray(others.labels), classifier.scores(others.images).argmax(axis=1) == others.labels
    stated = (labels + rng.integers(1, len(data.class_names), len(labels))) % len(data.class_names)
    rows, notes = [], []
    kinds = (RIGHT_CLASS, ~right, labels, given.wrong), (WRONG_CLASS, right, stated, given.stated)
    for title, of, classes, most in kinds:
        chosen = np.flatnonzero(of)[:most]
        said = [advice(classifier, np.asarray(others.images[row]), int(classes[row]), run.clean) for row in chosen]
        counts = np.sum(said, axis=0).tolist()
        rows.append((title, len(said), *counts))
        for number, words in zip(counts, SAID, strict=True):
            low, high = (f"{100 * end:.0f}" for end in wilson_interval(number, len(said)))
            notes.append(f"{title}: '{words.strip()}' for {percent(number / len(said))} ({low} to {high})")
    columns = ("pictures", "number", "check", "something else")
    title = f"{model}, right for {percent(run.clean.correct.mean())} of the run's images"
    return Table(title, columns, rows, notes, digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    wrong, stated = (400, "misclassified pictures"), (100, "pictures of which another class is stated")
    print_tables(table_of, __doc__, MODELS, wrong=wrong, stated=stated)
