"""Whether the share that `inspect RUN PICTURE` gives with the answer "photograph" is that of the right originals.

    TFSTAB_DATA=... python tests/benchmarks/picture_shares.py

Test images that are not among the images of the run, right and wrong ones alike, are darkened, blurred and so on. Some
are wrong with such a fault, and some of these get the answer "photograph" because of their looks. This answer comes
with a share: of the misclassified images that look like this, how many would be right if they did not
(`Standing.share`). It is compared with how many of these pictures are right without the fault.

Rows: faults, then ranges of the share. Columns: pictures that are wrong with the fault (*number*); how many of them are
right without it (*originals right*); how many get the answer with a share; the mean of these shares, none of which is
above 90 %; how many of the pictures with a share are right without the fault (*of these right*); and its 95 % interval.
"""

from pathlib import Path

import numpy as np
from picture_faults import BATCH, misclassified, print_tables

import tfstab
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.standing import SUREST
from tfstab.metrics.intervals import wilson_interval
from tfstab.report.tables import Table
from tfstab.stepwise import finished
from tfstab.wording import percent

FAULTS = {  # degradation and severity
    "1.5 stops too dark": ("underexposure", 1.5),
    "2 stops too dark": ("underexposure", 2),
    "3 stops too dark": ("underexposure", 3),
    "brighter by 60": ("brightness", 60),
    "brighter by 80": ("brightness", 80),
    "contrast 0.5": ("contrast", 0.5),
    "contrast 0.4": ("contrast", 0.4),
    "contrast 0.3": ("contrast", 0.3),
    "blur of sigma 0.7": ("gaussian_blur", 0.7),
    "blur of sigma 1": ("gaussian_blur", 1),
    "blur of sigma 1.5": ("gaussian_blur", 1.5),
    "noise of sigma 15": ("gaussian_noise", 15),
    "noise of sigma 25": ("gaussian_noise", 25),
    "salt and pepper, 5 %": ("salt_and_pepper", 5),
    "without colours": ("grey", 0),
}
SHARES = {"share below 65 %": (0.5, 0.65), "65 % to 80 %": (0.65, 0.8), "80 % to 90 %": (0.8, SUREST)}
SHARES |= {"90 %": (SUREST, 1)}
MODELS = ("cifar10-quick:cifar10", "cifar10-quick-augmented:cifar10", "mnist-lenet:mnist")


def pictures(classifier, data, each, seed):
    """Yield (fault, image, class, whether it was right) of pictures that are wrong with a fault, up to `each`."""
    right = classifier.scores(data.images).argmax(axis=1) == data.labels
    for number, (fault, (name, severity)) in enumerate(FAULTS.items()):
        if name == "grey" and data.images.shape[-1] == 1:
            continue
        rows = np.random.default_rng((seed, number)).permutation(len(data))
        for row, image in misclassified(classifier, data, rows, name, severity, each):
            yield fault, image, int(data.labels[row]), bool(right[row])


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model).with_batch_size(BATCH), tfstab.load_dataset(data)
    order = np.random.default_rng(given.seed).permutation(len(data))
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/{Path(model).stem}")
    found = []
    for fault, image, k, right in pictures(classifier, data.select(order[1000:]), given.each, given.seed):
        verdict = finished(answer_steps(classifier, image, np.stack(undone(image)), run.clean, k)).verdict
        found.append((fault, right, verdict.share))
    faults = dict.fromkeys(fault for fault, _, _ in found)
    rows = [row(fault, [one for one in found if one[0] == fault]) for fault in faults]
    rows.append(row("all", found))
    for title, (low, high) in SHARES.items():
        within = [one for one in found if one[2] is not None and low <= one[2] < high]
        rows.append(row(title, within))
    columns = ("pictures", "number", "originals right", "with a share", "mean share", "of these right", "interval")
    title = f"{model}, right for {percent(run.clean.correct.mean())} of the run's images"
    return Table(title, columns, rows, digits=dict.fromkeys(columns[1:4], 0))


def row(title, found):
    """Return a row of the table. found: of each picture its fault, whether its original is right, and its share."""
    named = [(right, share) for _, right, share in found if share is not None]
    counts = title, len(found), sum(right for _, right, _ in found), len(named)
    if not named:
        return (*counts, None, None, None)
    right, share = np.mean(named, axis=0)
    low, high = wilson_interval(sum(right for right, _ in named), len(named))
    return (*counts, percent(share), percent(right), f"{100 * low:.0f} to {100 * high:.0f} %")


if __name__ == "__main__":
    print_tables(table_of, __doc__, MODELS, each=(150, "pictures with each fault"))
