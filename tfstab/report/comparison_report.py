"""Comparisons of runs of the same images: sentences, tables and pages."""

import math
from collections.abc import Sequence

import numpy as np

from tfstab.datasets.groups import groups_note, together_note
from tfstab.degradations.directions import one_way_note
from tfstab.experiments.comparison_text import pair_title, run_names, short_names
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.in_short import in_short
from tfstab.experiments.named_classes import Pair, class_figures, little_sentences
from tfstab.experiments.plot import comparison_figure
from tfstab.experiments.ranked import Ranking, ranked
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics.multiple import BETTER, TOGETHER, decided
from tfstab.metrics.paired import Difference, Paired
from tfstab.report.figures import accuracy_figure
from tfstab.report.input_notes import compared_input_notes, seen_notes
from tfstab.report.page import Page, Picture, Section, footnoted
from tfstab.report.recall_change_tables import SHOWN, compared_recalls
from tfstab.report.run_files import settings_table
from tfstab.report.steps_notes import steps_notes
from tfstab.report.tables import Table, size_digits
from tfstab.runs import RunFolder
from tfstab.search import SearchRun
from tfstab.search.norm import get_norm
from tfstab.wording import counted

INTERVALS = f"Difference: second minus first. Intervals: 95 %, from the differences between images, paired. {TOGETHER}"
ORDER_INTERVALS = (
    "Intervals: 95 %, of the median over the same images; the ends are two of the sorted ratios. Fewer than 6 images "
    "give none."
)
CLASSES_NOTE = (
    "In %. Without a degradation, a figure is of clean images; with one, it is averaged over the severities. "
    "Specificity is the share of the images of other classes that are not taken for the class; the rest are false "
    "alarms. The column images counts the images of the class; for precision, the images that at least one of the "
    "networks takes for the class; for specificity, the images of other classes."
)
INTERVALS_ALONE = (
    "Which network is better is decided for all rows at once, as --fail-if-worse does: with 95 % confidence, none of "
    "these decisions about the two is wrong, if the classes were chosen before the results were known. Difference: "
    "second minus first. Each interval, of 95 %, is for its row alone."
)
BESIDE = (
    "Accuracy on the images and at the severities that all have, the mean over the severities. Each 95 % interval is "
    "for one accuracy alone: the tables below say which network is better."
)
DIFFERENCE = ("difference", "from", "to")  # the second minus the first, and its interval
SIDES = ("first", "second", "difference")  # of a single image
TERMS = ("recall", "degradation", "severity", "95 % interval", "McNemar's test")  # explained on the page
LOST = 10  # images with the largest losses that are listed


def comparison_report(pairs: Sequence[Pair], of_classes: Sequence[str] = (), judged: Sequence[str] = ()) -> Page:
    """Return a page on the pairs that `tfstab.orders.comparing.compared_pairs` returned.

    of_classes: those with a table of their own. judged: what `--fail-if-worse` says of each pair.
    """
    runs = [pairs[0].first, *(pair.second for pair in pairs)]
    names, remarks = run_names(runs), [each for pair in pairs for each in pair.remarks]
    sections = [
        Section(
            pair_title(names[0], name),
            headline(pair),
            footnoted([*classes_tables(pair, of_classes), *tables(pair)], groups_note(*pair.remarks)),
            _warnings(pair),
            short_names(pair.first, pair.second)[1],
        )
        for pair, name in zip(pairs, names[1:], strict=True)
    ]
    if isinstance(pairs[0], SweepComparison):
        sweeps = [pairs[0].first, *(pair.second for pair in pairs if isinstance(pair, SweepComparison))]
        alike = all(np.array_equal(run.measures.images, sweeps[0].measures.images) for run in sweeps)
        title = "Accuracy" if alike else "Accuracy, each run on its own images"
        sections.insert(0, Section("Together", parts=[Picture("accuracy", title, accuracy_figure(sweeps))]))
    if figure := comparison_figure([pair for pair in pairs if isinstance(pair, FolderComparison)]):
        sections.insert(0, Section("Together", parts=[Picture("accuracy", BESIDE, figure)]))
    ranking = ranked(pairs)
    if ranking is not None:
        line = f"Above, each is compared with {names[0]}. For details of two others, compare these two by themselves."
        lines = [*filter(None, [ranking.limited]), line]
        sections.append(Section("Ranking", lines, footnoted([ranking_table(ranking)], groups_note(*remarks))))
    single = [run for run in runs if not isinstance(run, Folder)]
    sections += [Section(f"Run {run.path.name}", parts=[settings_table(run)]) for run in single]
    what = "runs" if single else "assessments"
    grouped = filter(None, [groups_note(*remarks)])
    lead = [f"Each is compared with {names[0]}, image by image.", *grouped, *judged, *_lead(pairs)]
    return Page(f"{len(runs)} {what} compared", lead, sections, TERMS)


def _lead(pairs: Sequence[Pair]) -> list[str]:
    """Return the comparison of two assessments in short, above the chart; pages don't repeat it in its section."""
    (first, *others) = pairs
    return in_short(first) if isinstance(first, FolderComparison) and not others else []


def headline(pair: Pair) -> list[str]:
    """Return the comparison in a few sentences."""
    return pair.summary().splitlines()


def tables(pair: Pair, recalls: int = SHOWN) -> list[Table]:
    """Return differences in accuracy by severity and class of two sweeps, or ratios by class of two searches.

    Of two folders of runs, differences in accuracy by degradation, and in recall by class and degradation.
    recalls: how many rows the latter has.
    """
    if isinstance(pair, FolderComparison):
        of_classes = compared_recalls(pair.recalls, recalls)
        return [degradations_table(pair), *([of_classes] if of_classes else [])]
    present = [int(k) for k in np.unique(pair.labels)]
    if isinstance(pair, SearchComparison):
        rows = [
            (pair.class_names[k], int((pair.compared & (pair.labels == k)).sum()), *values_of(pair.ratio(k)))
            for k in present
        ]
        norm = get_norm(pair.first.config.norm)
        medians = [f"median {norm.title}, {which}" for which in ("first", "second")]
        columns = ("class", "images", *medians, "median ratio", "from", "to")
        digits = dict.fromkeys(("median ratio", "from", "to"), 3) | dict.fromkeys(medians, size_digits(norm))
        return [Table("Minimum noise by class", columns, rows, (ORDER_INTERVALS,), digits)]
    by_severity = [
        (f"{severity:g}", *decision, *_percent(pair.accuracy(severity, clean_correct=True)))
        for severity, decision in zip(
            pair.severities, _decided([pair.accuracy(s) for s in pair.severities]), strict=True
        )
    ]
    right = tuple(f"{name}, right when clean" for name in ("first", "second", *DIFFERENCE))
    by_class = [
        (pair.class_names[k], int((pair.labels == k).sum()), *decision)
        for k, decision in zip(present, _decided([pair.recall(k) for k in present]), strict=True)
    ]
    name = pair.first.degradation.parameter
    note = f"{int(pair.right_in_both.sum())} of {counted(len(pair.images))} are right when clean in both; in %."
    return [
        Table(
            f"Accuracy by {name}",
            (name, "first", "second", *DIFFERENCE, "better", *right),
            by_severity,
            (note, INTERVALS),
        ),
        Table(
            f"Recall by class, over {pair.first.degradation.together}",
            ("class", "images", "first", "second", *DIFFERENCE, "better"),
            by_class,
            (INTERVALS,),
        ),
        *_lost_images(pair),
    ]


def _lost_images(pair: SweepComparison) -> list[Table]:
    """Return a table of the images on which the second network is worse, the largest loss first; [] for none."""
    found = pair.image_table()
    lost, gained = found[found["difference"] < 0], int((found["difference"] > 0).sum())
    if lost.empty:
        return []
    clean = {(True, True): "both", (True, False): "first", (False, True): "second", (False, False): "neither"}
    values = [
        (file or f"image {image}", label, clean[right[0], right[1]], 100 * first, 100 * second, 100 * difference)
        for image, file, label, *right, first, second, difference in lost.head(LOST).itertuples(index=False)
    ]
    note = (
        f"Degraded copies that are right, in %, averaged over the severities. Of {counted(len(found))}, the second "
        f"network is right on fewer copies of {len(lost):,}, and on more copies of {gained:,}. Each image by itself "
        "proves little; `tfstab inspect RUN --image IMAGE --why` says why it is misclassified."
    )
    columns = ("image", "class", "right when clean", *SIDES)
    return [Table("Images on which the second network is worse", columns, values, (note,))]


def classes_tables(pair: Pair, of_classes: Sequence[str]) -> list[Table]:
    """Return a table of the recall, precision and specificity of some classes; none without classes."""
    if not of_classes:
        return []
    rows = [(f.title, f.images, *_percent(f.paired), BETTER[f.sign]) for f in class_figures(pair, of_classes)]
    little = little_sentences(pair, of_classes, "the first", "the second")
    columns = ("what", "images", "first", "second", *DIFFERENCE, "better")
    return [Table("Chosen classes", columns, rows, (CLASSES_NOTE, INTERVALS_ALONE, *little))]


def ranking_table(ranking: Ranking) -> Table:
    """Return three or more networks by their accuracy under degradation, the highest first."""
    values = [(n.accuracy.value, n.accuracy.low, n.accuracy.high) for n in ranking.networks]
    rows = [
        (n.name, *(100 * value for value in three), ", ".join(n.better_than) or "–")
        for n, three in zip(ranking.networks, values, strict=True)
    ]
    count, degradations = len(rows), counted(len(ranking.degradations), "degradation")
    pairs = count * (count - 1) // 2
    notes = (
        f"Accuracy in %, the mean over {degradations} and the severities that all {count} networks have, on the "
        f"{counted(ranking.images)} that all have. Each 95 % interval is for its row alone.",
        f"The last column names the networks that are certainly less accurate: decided for all {pairs} pairs at once, "
        "with 95 % confidence, from the differences between images. This ranking does not decide the other pairs.",
    )
    columns = ("network", "accuracy", "from", "to", "better than")
    return Table("Networks by accuracy under degradation", columns, rows, notes)


def degradations_table(pair: FolderComparison) -> Table:
    """Return the differences in accuracy by degradation, of two folders of runs; the largest loss comes first."""
    found = sorted(((one, one.accuracy()) for one in pair.pairs), key=lambda each: each[1].value)
    decisions = _decided([difference for _, difference in found])
    rows = [
        (one.first.degradation.title, len(one.severities), len(one.images), *decision)
        for (one, _), decision in zip(found, decisions, strict=True)
    ]
    columns = ("degradation", "severities", "images", "first", "second", *DIFFERENCE, "better")
    note = (
        "Accuracy in %, the mean over the severities that both have, on the images that both have. It is not the "
        "accuracy kept, which is relative to each network's own clean accuracy and may rise where this falls."
    )
    one_way = one_way_note((one.first.degradation, one.severities) for one in pair.pairs)
    return Table("Accuracy by degradation", columns, rows, tuple(filter(None, (note, INTERVALS, one_way))))


def on_clean_images(pair: Pair) -> SweepComparison | SearchComparison:
    """Return the comparison that says how two networks differ on clean images."""
    return pair.largest if isinstance(pair, FolderComparison) else pair


def _warnings(pair: Pair) -> list[str]:
    """Return the sentences of `notes`, and those on what is left out."""
    return [*notes(pair), *pair.left_out]


def notes(pair: Pair) -> list[str]:
    """Return sentences on groups, inputs, searches, training steps, unfinished runs, and images that chose weights."""
    runs, names = (on_clean_images(pair).first, on_clean_images(pair).second), short_names(pair.first, pair.second)
    notes = [*filter(None, [together_note(*pair.remarks)]), *compared_input_notes(runs, names)]
    if isinstance(pair, FolderComparison):
        models = (runs[0].info["model"], runs[1].info["model"])
        notes += steps_notes((pair.first.path, pair.second.path), models, names)
        return [*notes, *seen_notes([run for one in pair.pairs for run in (one.first, one.second)])]
    searches = [(run, name) for run, name in zip(runs, names, strict=True) if isinstance(run, SearchRun)]
    doubts = [f"{name}: {doubt}" for run, name in searches for doubt in run.notes]
    return [*notes, *doubts, *_unfinished(*runs), *seen_notes(runs)]


def _unfinished(*runs: RunFolder) -> list[str]:
    """Return a sentence for each run that has less than planned."""
    return [
        f"{run.path.name} has {run.extent}: only what both runs have is compared." for run in runs if not run.complete
    ]


def values_of(d: Paired) -> tuple[float, ...]:
    """Return both values, their difference or ratio, and its interval, NaN if there is none."""
    ends = (d.low, d.high) if math.isfinite(d.high) else (math.nan, math.nan)
    return d.first, d.second, d.value, *ends


def _percent(d: Difference) -> tuple[float, ...]:
    """Return the same in %."""
    return tuple(100 * value for value in values_of(d))


def _decided(differences: Sequence[Difference]) -> list[tuple[float | str, ...]]:
    """Return the same of each row of a table, and which of the two is better, decided for all rows at once."""
    signs = decided(differences)
    return [(*_percent(d), BETTER[sign]) for d, sign in zip(differences, signs, strict=True)]
