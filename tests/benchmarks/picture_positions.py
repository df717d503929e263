"""How often `inspect RUN PICTURE` finds out that a picture is misclassified because it lies off-centre.

    TFSTAB_DATA=... python tests/benchmarks/picture_positions.py

Test images that are right, and that are not among the 1,000 images of the run, are moved in a random direction by whole
pixels, repeating their edge, and kept if they are wrong then. The rows "no fault" are images that are wrong as they
are. Columns: pictures; how many get each of the three verdicts; how many are called unusually far off-centre; and for
how many this is the reason for the verdict that it is the photograph.
"""

import math
from pathlib import Path

import numpy as np
from picture_faults import BATCH, print_tables, said

import tfstab
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_verdict import MODEL, NOT_KNOWN, PHOTOGRAPH
from tfstab.explanation.traits import position
from tfstab.report.tables import Table
from tfstab.stepwise import finished
from tfstab.wording import percent

SHIFTS = (7, 11, 14, 18, 21)  # % of the shorter side: 2 to 6 of 28 pixels
WITHOUT = "no fault"
MODELS = ("mnist-lenet:mnist", "cifar10-quick:cifar10", "gtsrb-aghdam:gtsrb")
MOST_TRIED = 3000  # images that are moved by each distance


def moved(image, distance, rng):
    """Return an image (H, W, C) moved in a random direction by about this many pixels."""
    angle, (height, width) = rng.uniform(0, 2 * math.pi), image.shape[:2]
    rows = (np.arange(height) - round(distance * math.sin(angle))).clip(0, height - 1)
    return image[rows][:, (np.arange(width) - round(distance * math.cos(angle))).clip(0, width - 1)]


def pictures(classifier, data, given):
    """Yield (row, image, class) of wrong pictures: up to `each` for each distance, `without` that were not moved."""
    right = classifier.scores(data.images).argmax(axis=1) == data.labels
    for number, share in enumerate(SHIFTS):
        rng, found = np.random.default_rng((given.seed, number)), 0
        rows = rng.permutation(np.flatnonzero(right))[:MOST_TRIED]
        distance = share / 100 * min(data.images.shape[1:3])
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            images = [moved(np.asarray(data.images[row]), distance, rng) for row in some]
            for row, image, k in zip(some, images, classifier.scores(np.stack(images)).argmax(axis=1), strict=True):
                if k != data.labels[row] and found < given.each:
                    found += 1
                    yield title_of(share), image, int(data.labels[row])
            if found == given.each:
                break
    for row in np.flatnonzero(~right)[: given.without]:
        yield WITHOUT, np.asarray(data.images[row]), int(data.labels[row])


def title_of(share):
    """Return the title of the row of a distance."""
    return f"moved by {share} % of the side"


def counted(found):
    """Return what a picture adds to the counts."""
    verdict, standings = found.verdict, found.compared.standings
    (off,) = (one for one in standings if one.trait.measure is position)
    reason = off.unusual and verdict.says == PHOTOGRAPH and off.words in verdict.reason
    return (1, *(verdict.says == one for one in (PHOTOGRAPH, MODEL, NOT_KNOWN)), off.unusual, reason)


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model).with_batch_size(BATCH), tfstab.load_dataset(data)
    order = np.random.default_rng(given.seed).permutation(len(data))
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/{Path(model).stem}")
    counts = {row: np.zeros(6, int) for row in (*map(title_of, SHIFTS), WITHOUT)}
    for row, image, k in pictures(classifier, data.select(order[1000:]), given):
        counts[row] += counted(finished(answer_steps(classifier, image, np.stack(undone(image)), run.clean, k)))
    whole = sum(counts[title_of(share)] for share in SHIFTS)
    columns = ("pictures", "number", PHOTOGRAPH, MODEL, NOT_KNOWN, "off-centre", "as the reason")
    rows = [(row, *map(int, values)) for row, values in (counts | {"all that were moved": whole}).items()]
    notes = [said(whole, "all that were moved", 1, PHOTOGRAPH), said(counts[WITHOUT], WITHOUT, 1, PHOTOGRAPH)]
    title = f"{model}, right for {percent(run.clean.correct.mean())} of the run's images"
    return Table(title, columns, rows, notes, digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    of_each = {"each": (40, "pictures for each distance"), "without": (400, "pictures that were not moved")}
    print_tables(table_of, __doc__, MODELS, **of_each)
