"""Two networks on the same images: paired differences with intervals; every function may run in a worker thread.

A difference is the second network minus the first, as `tfstab compare` has it. The network in view is the second, so a
difference is positive where it is better, unless the other network was hardened from it: what the hardening has changed
is then positive where it helped, whichever of the two is in view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import InputError
from tfstab.gui.content.noise_pairing import ComparedNoise, compare_noise
from tfstab.gui.content.pair_accuracies import clean_accuracies, mean_accuracies
from tfstab.gui.content.taken_too import TakenToo
from tfstab.metrics import Estimate
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference, Paired
from tfstab.metrics.shares import signed, signed_ends
from tfstab.runs.together import is_hardened_from

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.in_short import InShort
    from tfstab.experiments.possible_loss import PossibleLoss
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.experiments.sweep_comparison import SweepComparison
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

NOISE = "minimum noise"  # title of a row
MORE_IMAGES = "To compare more images, degrade more for both networks (“Measure more…”)."
DEGRADE_MORE = "To compare more recalls, degrade more images for both networks (“Measure more…”)."
DIRECTION = (
    "The difference is the network in view minus the other one; of a hardened network and its original, it is always "
    "the hardened one minus the original."
)


@dataclass(frozen=True)
class PairRow:
    """Two networks, compared in one respect.

    Attributes
    ----------
    title : str
        In which respect.
    accuracy : Difference or None
        The accuracies of the first and of the second network, and their difference, on the images that both have; None
        if they cannot be compared.
    problem : str
        Why they cannot be compared, and what to do about it, or "".
    reason : str
        Why they cannot be compared, or "".
    sign : int
        1 if the second network is better, -1 if the first one is, 0 if that is not decided; for all families,
        severities or classes at once.
    name : str
        "clean" or "noise", of the clean accuracy or the minimum noise, as the headline number is called; else "".
    noise : ComparedNoise or None
        The minimum noise of both, which takes the place of the accuracies.
    each : tuple of Estimate, or None
        The two accuracies with their own intervals, for a chart; None where they have not been estimated.
    taken : TakenToo or None
        Of the recall of a class: how many images of other classes each network takes for this class.
    """

    title: str
    accuracy: Difference | None
    problem: str = ""
    reason: str = ""
    sign: int = 0
    name: str = ""
    noise: ComparedNoise | None = None
    each: tuple[Estimate, Estimate] | None = None
    taken: TakenToo | None = None

    @property
    def says_little(self) -> bool:
        """Whether this is a class's recall that says little, as far more images of others are taken for the class."""
        return self.taken is not None and self.taken.says_little

    @property
    def paired(self) -> Paired | None:
        """What is compared; None if it cannot be compared."""
        return self.accuracy if self.noise is None else self.noise.ratio

    @property
    def texts(self) -> tuple[str, str, str]:
        """The values of the first and of the second network, and their difference or ratio; dashes without them."""
        if self.noise is not None:
            return self.noise.texts
        d = self.accuracy
        return ("–", "–", "–") if d is None else (f"{100 * d.first:.1f}", f"{100 * d.second:.1f}", points(d))


@dataclass(frozen=True)
class Pairing:
    """The network in view and another one on the same images.

    Attributes
    ----------
    model : str
        What the other network is called: its own name, or that of its run.
    rows : list of PairRow
        What is compared.
    overall : Difference or None
        Mean accuracy over everything that is degraded; None if nothing can be compared.
    on_clean : CleanComparison or None
        Both networks on all clean images that both have, whether or not they have been degraded.
    recalls : tuple of RecallChange
        Of two assessments, the recall of each class under each degradation. Recalls in which the second network is
        certainly worse come first, and among these, the ones that say little come last; the others follow, its lowest
        first.
    uncompared : str
        Of two assessments, under which degradations too few images of each class were degraded to compare recalls, and
        what to do about it, in sentences; "" if under none.
    few : str
        Of two assessments, why the mean over all degradations rests on few images, and what to do about it, in
        sentences; "" if it rests on many.
    hardened : bool
        Whether the other network was hardened from the network in view, and is therefore the second.
    loss : PossibleLoss or None
        How much less accurate the second network is at most; None if that is not known.
    one_way : tuple of str
        Degradations that are compared in one of their two directions only, each with it: "brightness (brighter)".
    combined : tuple of str
        Titles of the degradations that apply several in turn.
    trained : tuple of str
        Sentences on unequal trainings of two networks that were hardened from the same one.
    in_short : InShort or None
        Of two assessments, in which respects the second network is better and worse; None if they are of one network.
    """

    model: str
    rows: list[PairRow]
    overall: Difference | None = None
    on_clean: "CleanComparison | None" = None
    recalls: "tuple[RecallChange, ...]" = ()
    hardened: bool = False
    loss: "PossibleLoss | None" = None
    one_way: tuple[str, ...] = ()
    combined: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    in_short: "InShort | None" = None
    uncompared: str = ""
    few: str = ""

    def names(self, own: str) -> tuple[str, str]:
        """Return the names of the first and of the second network. own: of the network in view."""
        return (own, self.model) if self.hardened else (self.model, own)


def pair_of_assessments(own: "Figures", other: "Figures", name: str) -> Pairing:
    """Compare the network in view with another one, called `name`, under each family, image by image."""
    from tfstab.degradations.directions import measured_one_way
    from tfstab.experiments.folders_compared import compare_sweeps, largest, loss_under_each, overall, recalls_of
    from tfstab.experiments.in_short import in_short_of
    from tfstab.experiments.too_few_degraded import few_note, uncompared_note
    from tfstab.report.recall_change_tables import falls_first
    from tfstab.report.steps_notes import steps_notes

    both = [(mine.run, theirs.run) for mine in own.families if (theirs := other.family(mine.name)) is not None]
    hardened = any(is_hardened_from(theirs.path, mine.path) for mine, theirs in both)
    first, second = (own, other) if hardened else (other, own)
    pairs = compare_sweeps(*({family.name: family.run for family in side.families} for side in (first, second)))
    lacking = f"{name} was not measured under this degradation"
    rows = []
    for family in own.families:
        pair, theirs = pairs.get(family.name), other.family(family.name)
        if pair is None or theirs is None:
            rows.append(PairRow(family.title, None, f"{lacking}.", lacking))
        elif isinstance(pair, InputError):
            rows.append(_refused(family.title, pair, {family.run: "this one", theirs.run: name}))
        else:
            rows.append(PairRow(family.title, pair.accuracy(), each=mean_accuracies([pair])))
    rows = _decided(rows)
    found = [pair for pair in pairs.values() if not isinstance(pair, InputError)]
    if not found:
        return Pairing(name, rows, hardened=hardened)
    clean, mean = largest(found), overall(found)
    mean_row = PairRow("mean of all", mean, each=mean_accuracies(found))
    clean_row = replace(_of_clean_images(clean.clean), each=clean_accuracies(clean.on_clean))
    first_rows, noise = [*_decided([mean_row]), *_decided([clean_row])], 0
    if own.search is not None:
        first_rows.append(_of_noise(own.search, other.search, name, hardened))
        noise = first_rows[-1].sign
    recalls = tuple(falls_first(recalls_of(found)))
    one_way = measured_one_way((pair.first.degradation, pair.severities) for pair in found)
    loss = loss_under_each(found)
    pairing = Pairing(name, [*first_rows, *rows], mean, clean.on_clean, recalls, hardened, loss, one_way)
    folders = Path(clean.first.path).parent, Path(clean.second.path).parent
    models = clean.first.info["model"], clean.second.info["model"]
    trained = tuple(steps_notes(folders, models, pairing.names(own.model)))
    accuracies = {row.title: row.accuracy for row in rows if row.accuracy is not None}
    short = None if clean.same_network else in_short_of(clean.on_clean, found, mean, recalls, noise)
    uncompared = uncompared_note(recalls, accuracies, DEGRADE_MORE)
    few = "" if mean is None else few_note(accuracies, mean.count, MORE_IMAGES)
    combined = tuple(pair.first.degradation.title for pair in found if pair.first.degradation.steps)
    return replace(pairing, combined=combined, trained=trained, in_short=short, uncompared=uncompared, few=few)


def _of_clean_images(accuracy: Difference) -> PairRow:
    return PairRow("clean images", accuracy, name="clean")


def _of_noise(own: "SearchRun", other: "SearchRun | None", name: str, hardened: bool) -> PairRow:
    """Return the row of the minimum noise. name: of the other network; hardened: whether it comes second."""
    if other is None:
        lacking = f"{name} has no search for the minimum noise"
        return PairRow(NOISE, None, f"{lacking}.", lacking)
    try:
        found = compare_noise(*(own, other) if hardened else (other, own))
    except InputError as error:
        return _refused(NOISE, error, {own: "this one", other: name})
    if isinstance(found, str):
        return PairRow(NOISE, None, found, f"{found[0].lower()}{found[1:]}".partition(". ")[0].removesuffix("."))
    return PairRow(NOISE, None, sign=found.sign, name="noise", noise=found)


def _decided(rows: list[PairRow]) -> list[PairRow]:
    """Decide for all these rows at once which network is better."""
    signs = iter(decided([row.accuracy for row in rows if row.accuracy is not None]))
    return [row if row.accuracy is None else replace(row, sign=next(signs)) for row in rows]


def _refused(title: str, error: InputError, names: "Mapping[SweepRun | SearchRun, str]") -> PairRow:
    """Return the row of two runs that cannot be compared, with their names in place of their folders."""
    problem = str(error)
    runs = sorted(names, key=lambda run: len(str(run.path)), reverse=True)  # one path may begin with the other
    for sign, run in enumerate(runs):  # one sign for each, since a path or a name may contain ": "
        problem = problem.replace(str(run.path), chr(sign))
    reason = problem.partition(": ")[0].removesuffix(".")
    signs = {sign: names[run] for sign, run in enumerate(runs)}
    return PairRow(title, None, problem.translate(signs), reason.translate(signs))


def pair_of_sweeps(own: "SweepRun", other: "SweepRun", name: str, clean_correct: bool = False) -> Pairing:
    """Compare the sweep in view with another one at each severity and in each class, image by image.

    Parameters
    ----------
    own, other : SweepRun
        The sweeps.
    name : str
        Name of the other one.
    clean_correct : bool
        Include only images that both networks get right when clean.

    Returns
    -------
    Pairing
        Its only row says why, if the sweeps cannot be compared.
    """
    from tfstab.experiments.sweep_comparison import SweepComparison

    family, hardened = own.degradation, is_hardened_from(other.path, own.path)
    try:
        pair = SweepComparison(own, other) if hardened else SweepComparison(other, own)
    except InputError as error:
        return Pairing(name, [_refused(family.together, error, {own: "this one", other: name})], hardened=hardened)
    overall = pair.accuracy(clean_correct=clean_correct)
    severities = [s for s in np.array(own.severities)[own.config.mildest_first].tolist() if s in pair.severities]
    rows = [*_decided([PairRow(family.together, overall)]), *_decided([_of_clean_images(pair.clean)])]
    rows += _decided([PairRow(family.at(f"{s:g}"), pair.accuracy(s, clean_correct)) for s in severities])
    if not clean_correct:
        present = np.unique(pair.labels).tolist()
        rows += _decided([_of_class(pair, k) for k in present])
    loss = None if clean_correct else pair.possible_loss
    return Pairing(name, rows, overall, pair.on_clean, hardened=hardened, loss=loss)


def _of_class(pair: "SweepComparison", index: int) -> PairRow:
    """Return the row of the recall of a class over all severities."""
    from tfstab.experiments.also_taken import takes_far_more

    name, recall, taken = pair.class_names[index], pair.recall(index), pair.by_class.taken_for(index)
    return PairRow(f"class {name}", recall, taken=TakenToo(name, taken, takes_far_more(recall, taken)))


def points(d: Difference) -> str:
    """Return a difference of shares in points with its interval: "+6.2 (+4.1 to +8.3)"."""
    return f"{signed(d.value)} ({signed_ends(d.low, d.high)})"


def better(row: PairRow, first: str, second: str) -> str:
    """Return which network is better, or that it is not decided."""
    return "not decided" if row.sign == 0 else second if row.sign > 0 else first
