"""How often `inspect RUN PICTURE` hints that a picture may be tilted, if it cannot tell why it is misclassified.

    TFSTAB_DATA=... python tests/benchmarks/tilted_pictures.py

Test images that are right, and that are not among the 1,000 images of the run, are rotated by 40 degrees, to one side
or the other, repeating their edge, and kept if they are wrong then. The row "no fault" has images that are wrong as
they are. Columns: pictures; for how many it is not known whether the photograph or the model is the reason; how many of
these get a hint (`tfstab.explanation.one_kind`); how many of the hints are at a tilt; and how many of these name the
rotation that undoes it. Takes 4 minutes on two cores. On 1 December 2026, it printed:

    mnist-lenet, right for 100 % of the run's images
                pictures number not known hint at a tilt right direction
    tilted by 40 degrees    300       287  111       111             111
                no fault     42        42    3         2               –
    tilted by 40 degrees, not known: hint at a tilt in the right direction for 111 of 287, 39 % (33 to 44)
    no fault, not known: hint for 3 of 42, 7 % (2 to 19)

    cifar10-quick, right for 80 % of the run's images
                pictures number not known hint at a tilt right direction
    tilted by 40 degrees    300       255   43        42              42
                no fault    300       157    5         0               –
    tilted by 40 degrees, not known: hint at a tilt in the right direction for 42 of 255, 16 % (12 to 22)
    no fault, not known: hint for 5 of 157, 3 % (1 to 7)
"""

from pathlib import Path

import numpy as np
from picture_faults import BATCH, faulty, print_tables, said

import tfstab
from tfstab.degradations.registry import BUILT_IN
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.one_kind import FAULTS
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_compared import compared
from tfstab.explanation.picture_trials import findings_of
from tfstab.explanation.picture_verdict import NOT_KNOWN
from tfstab.report.tables import Table
from tfstab.stepwise import finished
from tfstab.wording import percent

ANGLE = 40  # degrees
TILTED, WITHOUT = f"tilted by {ANGLE} degrees", "no fault"
MODELS = ("mnist-lenet:mnist", "cifar10-quick:cifar10")
BACK = {ANGLE: "rotation (clockwise)", -ANGLE: "rotation (counter-clockwise)"}  # what undoes an angle
# Of what an interval is said: row, column (counted from "not known"), words.
SAID = ((TILTED, 3, "hint at a tilt in the right direction"), (WITHOUT, 1, "hint"))
SEED = 8  # the rule was tried out with seed 7


def pictures(classifier, data, given):
    """Yield (angle, image, class) of wrong pictures: up to `tilted` that were rotated, `without` that were not."""
    right = classifier.scores(data.images).argmax(axis=1) == data.labels
    rng, found = np.random.default_rng(given.seed), 0
    rows = rng.permutation(np.flatnonzero(right))
    angles = rng.choice((-ANGLE, ANGLE), len(rows)).tolist()
    for start in range(0, len(rows), BATCH):
        some = list(zip(rows[start : start + BATCH], angles[start : start + BATCH], strict=True))
        images = [faulty(np.asarray(data.images[row]), "rotation", angle, 0) for row, angle in some]
        predicted = classifier.scores(np.stack(images)).argmax(axis=1)
        for (row, angle), image, k in zip(some, images, predicted, strict=True):
            if k != data.labels[row] and found < given.tilted:
                found += 1
                yield angle, image, int(data.labels[row])
        if found == given.tilted:
            break
    for row in np.flatnonzero(~right)[: given.without]:
        yield 0, np.asarray(data.images[row]), int(data.labels[row])


def counted(classifier, image, k, angle, clean):
    """Return what a picture of class k adds to the counts."""
    turned = np.stack(undone(image))
    if finished(answer_steps(classifier, image, turned, clean, k)).verdict.says != NOT_KNOWN:
        return (1, 0, 0, 0, 0)  # whatever else is found out
    found = findings_of(classifier, image, list(BUILT_IN.values()), "", k, undone_scores=classifier.scores(turned))
    hint = compared(classifier, found, clean, "").verdict.hint
    named = any(fault in hint for fault in FAULTS.values())  # other hints are about pictures that are nearly unusual
    return (1, 1, named, FAULTS["rotation", True] in hint, angle in BACK and BACK[angle] in hint)


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model).with_batch_size(BATCH), tfstab.load_dataset(data)
    order = np.random.default_rng(given.seed).permutation(len(data))
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/{Path(model).stem}")
    counts = {row: np.zeros(5, int) for row in (TILTED, WITHOUT)}
    for angle, image, k in pictures(classifier, data.select(order[1000:]), given):
        counts[TILTED if angle else WITHOUT] += counted(classifier, image, k, angle, run.clean)
    columns = ("pictures", "number", NOT_KNOWN, "hint", "at a tilt", "right direction")
    rows = [(row, *map(int, values)) for row, values in counts.items()]
    rows[-1] = (*rows[-1][:-1], None)  # without a fault, no direction is right
    notes = [said(counts[row][1:], f"{row}, {NOT_KNOWN}", place, what) for row, place, what in SAID]
    title = f"{model}, right for {percent(run.clean.correct.mean())} of the run's images"
    return Table(title, columns, rows, notes, digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    of_each = {"tilted": (300, "pictures that were tilted"), "without": (300, "pictures that were not")}
    print_tables(table_of, __doc__, MODELS, SEED, **of_each)
