"""How often `inspect RUN PICTURE` names the fault of a picture, on CIFAR-10 test images with a fault that is known.

    TFSTAB_DATA=... python tests/benchmarks/picture_faults.py

Each fault is given to images that are right without it and wrong with it, as in a complaint, and that are not among the
1,000 images of the run. The last two rows are pictures without a fault of brightness, contrast, sharpness or noise.
Columns: pictures; those of which a sentence names the fault, and of which it says that the fault may be the reason;
sentences about something else, and how many of these say so. Fog is bright, so "brighter" counts as naming it.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import tfstab
from tfstab.degradations import NoiseStreams, get_degradation
from tfstab.report.tables import Table

MAY = "may be why"
FAULTS = {  # degradation, severity, and how sentences about it begin
    "2 stops too dark": ("underexposure", 2, ("is darker",)),
    "3 stops too dark": ("underexposure", 3, ("is darker",)),
    "darker by 80": ("brightness", -80, ("is darker",)),
    "brighter by 80": ("brightness", 80, ("is brighter",)),
    "contrast 0.4": ("contrast", 0.4, ("has less contrast",)),
    "fog of 60 %": ("fog", 60, ("has less contrast", "is brighter")),
    "blur of sigma 1.5": ("gaussian_blur", 1.5, ("is less sharp",)),
    "motion blur of length 6": ("motion_blur", 6, ("is less sharp",)),
    "12 x 12 pixels, enlarged": ("", 12, ("is less sharp",)),
    "noise of sigma 25": ("gaussian_noise", 25, ("is grainier",)),
    "salt and pepper, 10 %": ("salt_and_pepper", 10, ("is grainier",)),
    "turned by 40 degrees": ("rotation", 40, ()),
}
NONE = "no fault, but wrong"


def faulty(image, name, severity, index):
    """Return an image (H, W, C), uint8, with a fault; without a name, with fewer pixels."""
    if not name:
        small = Image.fromarray(image).resize((severity, severity), Image.Resampling.BICUBIC)
        return np.asarray(small.resize(image.shape[1::-1], Image.Resampling.BICUBIC))
    degraded = get_degradation(name).degrade(image, severity, NoiseStreams(0).at(index, 0, 0))
    return np.clip(np.rint(degraded), 0, 255).astype(np.uint8)


def pictures(classifier, data, each):
    """Yield (fault, image, class) of wrong pictures: `each` with each fault, and four times as many without."""
    right = classifier.scores(data.images).argmax(axis=1) == data.labels
    rows, wrong = iter(np.flatnonzero(right)), np.flatnonzero(~right)[: 4 * each]
    for fault, (name, severity, _) in FAULTS.items():
        found = 0
        while found < each:
            row = next(rows)
            image = faulty(np.asarray(data.images[row]), name, severity, int(data.indices[row]))
            if classifier.scores(image[None])[0].argmax() != data.labels[row]:
                found += 1
                yield fault, image, int(data.labels[row])
    for row in wrong:
        yield NONE, np.asarray(data.images[row]), int(data.labels[row])


def main():
    """Count the sentences, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=5, help="pictures with each fault")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    classifier, data = tfstab.load_classifier("cifar10-quick"), tfstab.load_dataset("cifar10")
    order = np.random.default_rng(given.seed).permutation(len(data))
    counts = {fault: np.zeros(5, int) for fault in (*FAULTS, NONE)}
    with tempfile.TemporaryDirectory() as folder:
        config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
        run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/run")
        for fault, image, label in pictures(classifier, data.select(order[1000:]), given.each):
            Image.fromarray(image).save(Path(folder) / "picture.png")
            found = tfstab.inspect_picture(classifier, f"{folder}/picture.png", data.class_names[label], run=run)
            named = FAULTS[fault][2] if fault in FAULTS else ()
            said = [
                (one.trait.words, one.sentence(found.tried, label)) for one in found.compared.standings if one.unusual
            ]
            own = [text for words, text in said if words.startswith(named)] if named else []
            others = [text for _, text in said if text not in own]
            counts[fault] += (
                1, bool(own), any(MAY in text for text in own), len(others), sum(MAY in text for text in others),
            )  # fmt: skip
    columns = ("fault", "pictures", "named", "as reason", "other sentences", "of these as reason")
    rows = [(fault, *map(int, row)) for fault, row in counts.items()]
    with_fault = sum(counts[fault] for fault, (_, _, named) in FAULTS.items() if named)
    rows.append(("all that can be named", *map(int, with_fault)))
    print(Table("Sentences on pictures with a known fault", columns, rows, digits=dict.fromkeys(columns[1:], 0)))


if __name__ == "__main__":
    main()
