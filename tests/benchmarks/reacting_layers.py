"""How often the title of a lost image says that a layer reacts to its change more strongly than to other changes.

    TFSTAB_DATA=... python tests/benchmarks/reacting_layers.py

For each degradation, the table has lost images, each at the mildest severity at which it is lost. Of how many does the
change move the last hidden layer at least 1.5 times as far as random noise of the same L2 does? Of how many more so
than for images that stay right? And how many get such a title? The same is asked of as many images that stay right at
these severities, and are not among those compared; they have no title. Each column shows in how many of them it is so.
"""

import itertools

import numpy as np
from picture_faults import print_tables

import tfstab
from tfstab.explanation.amplified import Amplified
from tfstab.explanation.degraded_image import DegradedImage, Reference
from tfstab.explanation.image_words import gain_ratios
from tfstab.explanation.staying_right import LOOKED_AT, layers_compared
from tfstab.report.tables import Table
from tfstab.stepwise import finished

MODELS = ("cifar10-quick:cifar10", "gtsrb-aghdam:gtsrb")
FAMILIES = "translation", "fog", "gaussian_blur", "gaussian_noise"
TITLE = "reacts more strongly"
IMAGES = 800


def staying_right(classifier, run, severities):
    """Return what `Amplified` says of images that stay right, one for each of the severities."""
    clean, reference = run.clean, Reference(classifier, run.clean)
    looked_at = reference.clean.indices[reference.clean.correct][:LOOKED_AT]
    order = [row for row in clean.order if clean.correct[row] and clean.indices[row] not in looked_at]
    found, rows = [], {}
    for severity in severities:
        if severity not in rows:
            samples = run.samples(severity=severity, columns=["image", "predicted", "class_index"])
            image, predicted, actual = (samples[name].to_numpy() for name in samples.column_names)
            right = set(image[predicted == actual].tolist())
            rows[severity] = itertools.cycle([row for row in order if int(clean.indices[row]) in right])
        row, place = next(rows[severity]), run.config.severity_index(severity)
        index = int(clean.indices[row])
        degraded = run.degraded_image(index, place, 0)
        pair = DegradedImage.of(classifier, index, clean.images[row], degraded, int(clean.class_index[row]))
        layers = finished(layers_compared(reference, pair, run.config, place))
        found.append(Amplified.of(gain_ratios(layers.names, layers.gain, layers.random_gain), layers.others))
    return found


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model), tfstab.load_dataset(data)
    chosen = np.sort(np.random.default_rng(given.seed).permutation(len(data))[:IMAGES])
    rows = []
    for name in FAMILIES:
        config = tfstab.SweepConfig(degradation=name, copies=1)
        run = tfstab.run_sweep(classifier, data.select(chosen), config, f"{folder}/{model}-{name}")
        measures = run.measures
        lost = set(measures.images[(measures.wrong_share > 0).any(axis=1)].tolist())
        order = [int(run.clean.indices[row]) for row in run.clean.order if run.clean.correct[row]]
        failures = [
            tfstab.explain_failure(classifier, run, image) for image in [i for i in order if i in lost][: given.lost]
        ]
        others = staying_right(classifier, run, [failure.severity for failure in failures])
        for title, found in (("lost", [one.findings.amplified for one in failures]), ("right", others)):
            titles = sum(TITLE in one.cause for one in failures) if title == "lost" else "–"
            much, more = sum(one.much for one in found), sum(one.explains for one in found)
            rows.append((f"{name}, {title}", len(found), much, more, titles))
    columns = ("images", "number", "1.5 times", "more than others", "title")
    return Table(model, columns, rows, [], digits=dict.fromkeys(columns[1:], 0))


if __name__ == "__main__":
    print_tables(table_of, __doc__, MODELS, lost=(60, "lost images of each degradation"))
