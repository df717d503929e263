"""How often `inspect RUN PICTURE` finds out whether the photograph or the model is to blame, and names the fault.

    TFSTAB_DATA=... python tests/benchmarks/picture_faults.py

Each fault is given to test images that are right without it and wrong with it, as in a complaint, and that are not
among the 1,000 images of the run. The rows "no fault" are images that are wrong as they are: of classes of which more
than a fifth is misclassified in the run, and of others. Columns: pictures; how many get each of the three verdicts; of
how many a sentence names the fault; how many sentences name something else; and how many pictures get a hint, because
they are nearly unusual. Fog is bright, so "brighter" counts as naming it. The verdicts with a condition, such as "the
model, if the picture is upright", are among those for the model.

The rows "unusually" are all images outside the run that are wrong as they are and look so, as if someone had chosen the
darkest of many; a note says how many look so, and how many of these and of all are wrong. They are not in the sums.
"""

import argparse
import tempfile

import numpy as np
from PIL import Image

import tfstab
from tfstab.degradations import NoiseStreams, get_degradation
from tfstab.explanation.mix_ups import undone
from tfstab.explanation.picture_answer import answer_steps
from tfstab.explanation.picture_verdict import MODEL, NOT_KNOWN, OFTEN, PHOTOGRAPH
from tfstab.explanation.run_looks import stands
from tfstab.metrics.intervals import wilson_interval
from tfstab.report.tables import Table
from tfstab.stepwise import finished
from tfstab.wording import percent

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
    "without colours": ("grey", 0, ("has less colour",)),
    "turned by 90 degrees": ("turn", 1, ()),
    "turned by 180 degrees": ("turn", 2, ()),
    "as a negative": ("negative", 0, ()),
    "red and blue swapped": ("swapped", 0, ()),
    "turned by 40 degrees": ("rotation", 40, ()),
    "16 % hidden": ("occlusion", 16, ()),
}
OFTEN_WRONG, OTHER = "no fault, class often wrong", "no fault, other class"
LOOKING = {  # images that look so without a fault, and how sentences begin that say so
    "no fault, unusually dark": "is darker than",
    "no fault, unusually bright": "is brighter than",
    "no fault, unusually low contrast": "has less contrast for its brightness than",
    "no fault, unusually grainy": "is grainier than",
}
MODELS = ("cifar10-quick:cifar10", "cifar10-quick-augmented:cifar10")
MOST_TRIED = 3000  # images to which a fault is given
BATCH = 32
COUNTS = 7  # columns of the table


def faulty(image, name, severity, index):
    """Return an image (H, W, C), uint8, with a fault: a degradation, one of those below, or "" for few pixels."""
    if name == "grey":
        return np.repeat(np.asarray(Image.fromarray(image).convert("L"))[..., None], 3, axis=-1)
    if name == "negative":
        return 255 - image
    if name == "swapped":
        return np.ascontiguousarray(image[..., ::-1])
    if name == "turn":
        return np.ascontiguousarray(np.rot90(image, severity))
    if not name:
        small = Image.fromarray(image).resize((severity, severity), Image.Resampling.BICUBIC)
        return np.asarray(small.resize(image.shape[1::-1], Image.Resampling.BICUBIC))
    degraded = get_degradation(name).degrade(image, severity, NoiseStreams(0).at(index, 0, 0))
    return np.clip(np.rint(degraded), 0, 255).astype(np.uint8)


def misclassified(classifier, data, rows, name, severity, each):
    """Yield (row, image) of those of the rows of data that are wrong with a fault, up to `each`."""
    found = 0
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        images = [faulty(np.asarray(data.images[row]), name, severity, int(data.indices[row])) for row in some]
        for row, image, k in zip(some, images, classifier.scores(np.stack(images)).argmax(axis=1), strict=True):
            if k != data.labels[row] and found < each:
                found += 1
                yield row, image
        if found == each:
            break


def pictures(classifier, data, each, without, seed):
    """Yield (fault or None, image, class) of wrong pictures: up to `each` with each fault, `without` without one."""
    right = classifier.scores(data.images).argmax(axis=1) == data.labels
    for number, (fault, (name, severity, _)) in enumerate(FAULTS.items()):
        rows = np.random.default_rng((seed, number)).permutation(np.flatnonzero(right))[:MOST_TRIED]
        for row, image in misclassified(classifier, data, rows, name, severity, each):
            yield fault, image, int(data.labels[row])
    for row in np.flatnonzero(~right)[:without]:
        yield None, np.asarray(data.images[row]), int(data.labels[row])


def looking(data, clean):
    """Return for each row of `LOOKING` which images (N,) of data look so among the clean images of a run."""
    found = {row: [] for row in LOOKING}
    for image in data.images:
        unusual = {one.trait.words for one in stands(np.asarray(image), clean) if one.unusual}
        for row, words in LOOKING.items():
            found[row].append(words in unusual)
    return {row: np.array(which) for row, which in found.items()}


def counted(found, fault, look=None):
    """Return the row of a picture, and what it adds to the counts. look: its row if it is one of `LOOKING`."""
    says, named = found.verdict.says, (LOOKING[look],) if look else FAULTS[fault][2] if fault else ()
    unusual = [one.trait.words for one in found.compared.standings if one.unusual]
    own = [words for words in unusual if words.startswith(named)] if named else []
    wrong, images = found.compared.of_class
    row = look or fault or (OFTEN_WRONG if wilson_interval(wrong, images)[0] > OFTEN else OTHER)
    verdicts = [says == one for one in (PHOTOGRAPH, MODEL, NOT_KNOWN)]
    return row, (1, *verdicts, bool(own), len(unusual) - len(own), bool(found.verdict.hint))


def table_of(model, data, given, folder):
    """Return the table of a model."""
    classifier, data = tfstab.load_classifier(model).with_batch_size(BATCH), tfstab.load_dataset(data)
    order = np.random.default_rng(given.seed).permutation(len(data))
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, data.select(np.sort(order[:1000])), config, f"{folder}/{model}")
    counts = {row: np.zeros(COUNTS, int) for row in (*FAULTS, OFTEN_WRONG, OTHER)}
    others = data.select(order[1000:])

    def inspected(image, k):
        """Return what is found out about a picture of class k."""
        return finished(answer_steps(classifier, image, np.stack(undone(image)), run.clean, k))

    for fault, image, k in pictures(classifier, others, given.each, given.without, given.seed):
        row, added = counted(inspected(image, k), fault)
        counts[row] += added
    wrong, chosen = classifier.scores(others.images).argmax(axis=1) != others.labels, looking(others, run.clean)
    chosen_counts = {row: np.zeros(COUNTS, int) for row in chosen}
    for row, which in chosen.items():
        for place in np.flatnonzero(which & wrong):
            found = inspected(np.asarray(others.images[place]), int(others.labels[place]))
            chosen_counts[row] += counted(found, None, row)[1]
    nameable = sum(counts[fault] for fault, (_, _, named) in FAULTS.items() if named)
    faults, none = sum(counts[fault] for fault in FAULTS), counts[OFTEN_WRONG] + counts[OTHER]
    sums = {"all that can be named": nameable, "all with a fault": faults, "all without": none}
    columns = ("pictures of", "number", PHOTOGRAPH, MODEL, NOT_KNOWN, "named", "something else", "hint")
    rows = [(row, *map(int, values)) for row, values in (counts | sums | chosen_counts).items()]
    notes = [said(sums[row], row, 1, PHOTOGRAPH) for row in sums] + [said(sums[row], row, 2, MODEL) for row in sums]
    for row, which in chosen.items():
        shares = f"{percent(wrong[which].mean())} of them are wrong, and {percent(wrong.mean())} of all"
        notes.append(f"{row}: {which.sum()} of {len(wrong)} images; {shares}")
    title = f"{model}, right for {percent(run.clean.correct.mean())} of the run's images"
    return Table(title, columns, rows, notes, digits=dict.fromkeys(columns[1:], 0))


def said(values, row, place, verdict):
    """Return in words how often a verdict is given, with a 95 % interval."""
    number, of = int(values[place]), int(values[0])
    if not of:
        return f"{row}: no picture"
    low, high = (f"{100 * end:.0f}" for end in wilson_interval(number, of))
    return f"{row}: {verdict} for {number} of {of}, {percent(number / of)} ({low} to {high})"


def print_tables(table, about, models, seed=7, **numbers):
    """Print a table for each model. numbers: of pictures, by option, with their default and what they are."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=models, help="each with its data, as in cifar10-quick:cifar10")
    for name, (number, what) in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=number, help=what)
    parser.add_argument("--seed", type=int, default=seed)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for pair in given.models:
            model, _, data = pair.partition(":")
            print(table(model, data, given, folder), end="\n\n", flush=True)


if __name__ == "__main__":
    of_each = {"each": (20, "pictures with each fault"), "without": (400, "pictures without a fault")}
    print_tables(table_of, __doc__, MODELS, **of_each)
