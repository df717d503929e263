"""Networks whose true robustness is known, assessed again and again: how often does a verdict claim what is false?

A population of images is made once, with what each image has left under each of F families at each of S severities. Its
means are the truth. Each trial draws images from it, as an assessment does, and counts false claims and missed truths.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tfstab import SweepConfig
from tfstab.assessment.classes import ClassFigures
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.levels import BREAKS, HARMLESS
from tfstab.assessment.ranking import extreme, harmed_classes, standings, weak_classes
from tfstab.assessment.recalls import judged_recalls
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.kept import Kept, estimate, estimate_mean
from tfstab.sweep.class_images import ClassImages

POPULATION = 20_000
SEVERITIES = (20, 40, 55, 70, 80)
CONFIG = SweepConfig(degradation="fog", severities=SEVERITIES)


class Population:
    """What all images keep: probabilities `right` (N, F, S), and which are right when clean, (N,)."""

    def __init__(self, right, clean, copies):
        self.right, self.clean, self.copies = right.astype(np.float32), clean, copies
        self.kept = self.right.mean(axis=(0, 2)) / clean.mean()  # (F,)
        self.curve = self.right.mean(axis=0) / clean.mean()  # (F, S)

    def sample(self, rng, images):
        """Figures of families from so many images; the first family has twice as many, as Gaussian noise has."""
        drawn = rng.choice(len(self.clean), 2 * images, replace=False)
        families = []
        for f in range(self.right.shape[1]):
            rows = drawn if f == 0 else drawn[:images]
            shares = rng.binomial(self.copies, self.right[rows, f]) / self.copies
            run = SimpleNamespace(
                path=Path("nowhere"),
                measures=SimpleNamespace(labels=np.zeros(len(rows), int)),  # one class, whose recall is the accuracy
                config=CONFIG,
                severities=CONFIG.severities,
                degradation=SimpleNamespace(name=f"family{f}", title=f"family {f}"),
            )
            families.append(FamilyFigures(run, np.arange(len(rows)), shares, self.clean[rows]))
        return families


def tuned(make, targets, copies=1, clean=0.85, seed=0, images=POPULATION):
    """A population in which each family keeps its target share of the accuracy, nearly to the digit.

    make(ease, strength, private): probabilities of being right, (N, S), rising with ease; bisected for each family.
    """
    rng = np.random.default_rng(seed)
    is_right = rng.random(images) < clean
    strength = rng.normal(size=images)
    right = np.empty((images, len(targets), len(SEVERITIES)))
    for f, target in enumerate(targets):
        private = rng.random((images, 2))
        low, high = -12.0, 12.0
        for _ in range(40):
            ease = (low + high) / 2
            right[:, f] = make(ease, strength, private) * np.where(is_right, 1, 0.1)[:, None]
            if right[:, f].mean() / is_right.mean() < target:
                low = ease
            else:
                high = ease
    return Population(right, is_right, copies)


def graded(ease, strength, private):
    """Each image fails beyond a severity of its own, which families share in part; no chance is left."""
    margin = ease + strength + private[:, 0] - np.linspace(-1.5, 1.5, len(SEVERITIES))[:, None]
    return (margin.T > 0).astype(float)


def chancy(ease, strength, private):
    """Whether a copy is right depends on its random noise too."""
    margin = ease + strength + private[:, 0] - np.linspace(-1.5, 1.5, len(SEVERITIES))[:, None]
    return 1 / (1 + np.exp(-2 * margin.T))


def rare(ease, strength, private):
    """Most images keep nearly everything, and some fail at all severities."""
    fails = private[:, 0] > 1 / (1 + np.exp(-ease))
    return np.where(fails, 0.0, 0.99)[:, None] * np.ones(len(SEVERITIES))


def count_claims(population, images, trials, seed=0):
    """Share of the trials with a false claim of each kind, and with an interval that misses the truth."""
    rng, false = np.random.default_rng(seed), Counter()
    truth = population.kept
    worst, best = truth.argmin(), truth.argmax()
    tied_worst, tied_best = np.sort(truth)[1] - truth[worst] < 1e-3, truth[best] - np.sort(truth)[-2] < 1e-3
    for _ in range(trials):
        families = population.sample(rng, images)
        place = {f.name: k for k, f in enumerate(families)}
        stand = standings(families)
        most, least = extreme(families, True).members, extreme(families, False).members
        false["worst"] += len(most) == 1 and (bool(tied_worst) or place[most[0].name] != worst)
        false["worst left out"] += worst not in {place[f.name] for f in most}
        false["least"] += len(least) == 1 and (bool(tied_best) or place[least[0].name] != best)
        false["breaks"] += any(s.breaks and truth[place[s.family.name]] >= BREAKS - 1e-4 for s in stand)
        false["hardly touches"] += any(s.harmless and truth[place[s.family.name]] <= HARMLESS + 1e-4 for s in stand)
        false["decided"] += any(
            s.doubtful is None
            and any((s.together.value > x) != (truth[place[s.family.name]] > x) for x in (BREAKS, HARMLESS))
            for s in stand
        )
        false["never loses"] += any(
            s.never_loses(lost) and np.isfinite(_crossing(population, place[s.family.name], lost))
            for s in stand
            for lost in (0.1, 0.5)
        )
        one, two = families[-1], families[0]
        false["kept below"] += one.kept.low > truth[-1]
        false["kept above"] += one.kept.high < truth[-1]
        false["kept of all"] += not _holds(estimate_mean([f.overall for f in families]), truth.mean())
        false["middle"] += not _holds(two.middle, _survivors(population, 0))
        false["half lost at"] += not _holds(one.severity50, _crossing(population, -1))
    return {name: count / trials for name, count in false.items()}


def count_class_claims(recalls, images, trials, seed=0):
    """Share of the trials in which a class is called weaker than the others though it is not."""
    rng, false = np.random.default_rng(seed), 0
    recalls = np.asarray(recalls, float)
    rest = (recalls.sum() - recalls) / (len(recalls) - 1)
    for _ in range(trials):
        classes = []
        for k, recall in enumerate(recalls):
            values = rng.beta(2 * recall, 2 * (1 - recall), images) if 0 < recall < 1 else np.full(images, recall)
            classes.append(_class(k, values, np.ones(images)))
        false += any(recalls[c.index] >= rest[c.index] - 1e-9 for c in weak_classes(classes))
    return false / trials


def count_harm_claims(recalls, kept, images, trials, way="chance", seed=0):
    """Share of the trials in which a class is said to be harmed more than the others, though all keep the same share.

    recalls: of the classes when clean. way: as in `count_recall_claims`, for one degraded copy of each image.
    """
    rng, false = np.random.default_rng(seed), 0
    for _ in range(trials):
        classes = []
        for k, recall in enumerate(recalls):
            clean = rng.random(images) < recall
            right = rng.random(images) < (clean * kept if way == "lost" else recall * kept)
            classes.append(_class(k, right.astype(float), clean.astype(float)))
        false += bool(harmed_classes(classes))
    return false / trials


def _class(k, right, clean):
    """Return the figures of class k. right, clean: shares of its images' copies that are right, and of the images."""
    images = np.arange(len(right))
    part = Kept(images, right, np.ones(len(right)))
    shares = estimate(part), accuracy_of(clean > 0), replace(part, whole=clean)
    return ClassFigures(
        k, str(k), len(right), part, *shares, np.ones(len(right), bool), None, None, *2 * [NO_ESTIMATE], None, ()
    )


def count_recall_claims(recalls, kept, images, trials, families=18, way="chance", seed=0):
    """Share of the trials in which a class is said to keep less, or more, than 90 % of its recall, falsely.

    Class k keeps the share kept[k] of recalls[k] under every family. The last number is the share of the classes that
    keep less for which this is said, over families and trials; NaN if none does.

    way: which images are right when degraded. "chance": each copy is right by chance, whatever the clean image is.
    "lost": copies of images that are right when clean are right by chance, and the others stay wrong. "alike": so too,
    but each image is right or wrong at all severities together. "repaired": all images that are wrong when clean become
    right, and copies of the others are right by chance.
    """
    rng, false = np.random.default_rng(seed), Counter()
    labels, kept = np.repeat(np.arange(len(recalls)), images), np.broadcast_to(kept, len(recalls))
    recall, left = np.repeat(np.asarray(recalls, float), images), np.repeat(kept, images)
    said = []
    for _ in range(trials):
        clean, judged = rng.random(len(labels)) < recall, []
        for _ in range(families):
            chance = clean * left if way in ("lost", "alike") else recall * left
            if way == "repaired":
                chance = np.where(clean, left - (1 - recall) / recall, 1)
            right = rng.random((len(labels), 1 if way == "alike" else len(SEVERITIES))) < chance[:, None]
            every = np.ones(len(labels), bool)
            found = ClassImages(np.arange(len(labels)), labels, right.astype(float), clean, every)
            judged += judged_recalls(SimpleNamespace(of_classes=found), families)
        false["recall falls"] += any(one.falls and kept[one.index] >= HARMLESS for one in judged)
        false["recall kept"] += any(one.keeps and kept[one.index] <= HARMLESS for one in judged)
        said += [one.falls for one in judged if kept[one.index] < HARMLESS]
    return {name: count / trials for name, count in false.items()} | {"found": np.mean(said) if said else np.nan}


def _holds(e, truth):
    return e is NO_ESTIMATE or np.isnan(truth) or e.low <= truth <= e.high


def _survivors(population, f):
    """The true share still right at the middle severity, of images right when clean."""
    return population.right[population.clean, f, len(SEVERITIES) // 2].mean()


def _crossing(population, f, lost=0.5):
    """The true severity at which half of the accuracy, or another share, is lost; infinite if it is not reached."""
    x, y = np.append(0, SEVERITIES), np.append(1, population.curve[f])
    below = np.flatnonzero(y <= 1 - lost)
    if not len(below):
        return np.inf
    k = below[0]
    return x[k - 1] + (y[k - 1] - 1 + lost) / (y[k - 1] - y[k]) * (x[k] - x[k - 1])
