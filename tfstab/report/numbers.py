"""The big numbers at the top of a report, and the tables at its end."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfstab.assessment import FamilyFigures, Figures, words
from tfstab.assessment.clean_findings import near_chance
from tfstab.assessment.levels import ABOVE, NONE_KEPT, NOTHING_KEPT
from tfstab.assessment.losses import before_mildest, instead_of_half
from tfstab.assessment.ranking import standings
from tfstab.assessment.recalls import headline_class, recall_of
from tfstab.assessment.required_classes import classes_of_recalls
from tfstab.assessment.results import earlier_settings
from tfstab.assessment.shown_recalls import rarer_class, shown_classes
from tfstab.datasets.dataset import BY_DEFINITION
from tfstab.experiments.alike_searches import is_near
from tfstab.metrics import Estimate, shares
from tfstab.metrics.kept import TOO_FEW
from tfstab.names import quoted
from tfstab.report.charts import interval
from tfstab.report.tables import Table, found_noise, search_class_table, size_digits
from tfstab.runs.info import without_classes
from tfstab.search import SearchRun
from tfstab.search.norm import GREY, get_norm
from tfstab.search.plateau import has_steps
from tfstab.wording import capital, counted

IMAGES = 40  # most images in the table of minimum noise
CLASSES, SOME = 10, 5  # most classes in that by class, and images that a class must have
ALL_WRITTEN = "`tfstab report RUN --files` writes all."
MOST_REQUIRED = 3  # most columns of recalls that were required, so that the table fits a terminal
NOT_SHOWN = "not shown"  # in place of a severity at which accuracy is lost


@dataclass(frozen=True)
class Number:
    """One of the big numbers at the top: the number, what it is, and its interval or what qualifies it."""

    value: str
    what: str
    detail: str = ""


def big_numbers(figures: Figures) -> list[Number]:
    """Return the four numbers at the top, those that say most of what there is."""
    numbers = [clean_number(figures.clean, figures.info, _confidence(figures.clean))]
    if figures.families and not _nothing_kept(figures):
        numbers += _family_numbers(figures)
    if figures.noise is not None:
        numbers[3:] = _noise_numbers(figures)
    return numbers


def clean_number(accuracy: Estimate, info: Mapping[str, Any], detail: str) -> Number:
    """Return the accuracy of clean images as a number. info: of the run; detail: the interval, if there is one."""
    return Number(
        shares.share(accuracy), "of clean images are right", BY_DEFINITION if without_classes(info) else detail
    )


def _family_numbers(figures: Figures) -> list[Number]:
    """Return accuracy kept, the severity that halves accuracy, and what survives the worst degradation."""
    families = figures.families
    worst = families[0]
    if len(families) > 1:
        kept, where = figures.mean_kept, f", mean of {len(families)} degradations"
        where += ", some measured on too few images" if math.isnan(kept.value) else ""
    else:
        kept, where = worst.kept, f" under {worst.title}"
    middle = words.severity(worst.run.degradation, worst.middle_severity)
    rare = headline_class(figures.clean_classes, families)
    return [
        Number(shares.share(kept), f"of that accuracy is kept{where}", _confidence(kept))
        if rare is None
        else Number(
            shares.share(rare.accuracy),
            f"of the {counted(len(rare.right), 'clean image')} of class {quoted(words.name(rare.name))} are right",
            _confidence(rare.accuracy),
        ),
        _half(next((f for f in families if f.name == "gaussian_noise" and f.overall.enough), worst)),
        Number(
            shares.share(worst.middle),
            f"of the images right when clean are right under {worst.title}, {middle}",
            _confidence(worst.middle),
        ),
    ]


def _half(family: FamilyFigures) -> Number:
    """Return the severity at which half of the clean accuracy is lost."""
    degradation, half = family.run.degradation, family.severity50
    instead = instead_of_half(family)
    if instead is None:
        ends = f"{between} with 95 % confidence" if (between := words.severity_range(half)) else ""
        return Number(
            words.severity(degradation, half.value, measured=True), f"of {family.title} halves its accuracy", ends
        )
    return Number(*instead)


def _noise_numbers(figures: Figures) -> list[Number]:
    """Return the median minimum noise; without sweeps also its PSNR, and the number of images."""
    noise, search = figures.noise, figures.search
    assert noise is not None and search is not None
    norm, known = get_norm(noise.norm), math.isfinite(noise.size.value)
    value = f"{norm.title} {words.size(norm, noise.size.value)}" if known else "not known"
    if not noise.found:
        value = "none found"
    low, high = noise.quartiles
    images = f"{counted(noise.count)}{', refined' if search.config.refine else ''}"
    if math.isfinite(high):
        images += f"; {words.size(norm, low)} or less for a quarter, {words.size(norm, high)} or more for a quarter"
    what = f"{norm.unit}: the smallest noise found, fitted to the image by a search, that changes a typical prediction"
    what += _caveat(search)
    if known and noise.norm == "l2" and noise.values:
        each = words.number(noise.size.value / math.sqrt(noise.values))
        what += f"; it is as large as if each value of the image were changed by {each} of 255 grey levels"
    numbers = [Number(value, what, images)]
    if not figures.families and known:
        middle = found_noise(search.to_pandas())[["psnr", "linf"]].median()
        numbers.append(Number(f"{middle['psnr']:.1f} dB", "PSNR of a typical image with this noise"))
        change = "grey levels: the largest change of a pixel in a typical image"
        numbers += [Number(f"{middle['linf']:.1f}", change)] if noise.norm != "linf" else []
    return numbers


def _caveat(search: SearchRun) -> str:
    """Return how far above the minimum a search may have ended, after what it found; "" if it ended near it."""
    if has_steps(search.info):
        return (
            ", an upper bound only: even less than a tenth of it may be enough, as the model's scores change in "
            "steps; it cannot be compared with that of another model"
        )
    if is_near(search):
        return ""
    return f", though {'far ' * (search.config.engine == 'labels')}less may be enough"


def family_table(figures: Figures) -> Table:
    """Return what each degradation leaves of the accuracy, in %, the worst first; only a note if there is none."""
    recalls = _recall_columns(figures)
    rows = [
        (
            f.title,
            len(f.images),
            with_interval(f.kept),
            *(cells[f.name] for cells in recalls.values()),
            with_interval(f.middle),
            words.severity(f.run.degradation, f.middle_severity),
        )
        for f in figures.families
    ]
    columns = ("degradation", "images", "accuracy kept", *recalls, "still right")
    columns += ("at the middle severity",)
    notes = [ABOVE] if any(f.kept.value > 1 for f in figures.families) else []
    if recalls and (more := max(int((~f.of_classes.sampled).sum()) for f in figures.families)):
        notes.append(
            f"For recalls, up to {more:,} more images of the smaller classes were degraded than the column of images "
            "says."
        )
    if not all(f.overall.enough for f in figures.families):
        notes.append(f"–: {TOO_FEW}.")
    notes += figures.how_applied
    if not any(f.right for f in figures.families):
        rows, notes = [], [NONE_KEPT if figures.clean.value else NOTHING_KEPT]
    return Table("What each degradation leaves, in % with 95 % intervals", columns, rows, notes)


def _recall_columns(figures: Figures) -> dict[str, dict[str, str]]:
    """Return columns of recalls, by their heading: the cell of each family.

    The first is of the recall that the accuracy kept hides, if it hides one: of two unequal classes that of the rarer
    one, else the lowest, with the name of its class. The others are of the classes whose recall was required.
    """
    columns: dict[str, dict[str, str]] = {}
    if near_chance(figures) or any(s.falls or s.open_falls or s.doubtful_recalls for s in standings(figures.families)):
        rarer, shown = rarer_class(figures), shown_classes(figures)
        if rarer is not None:
            columns |= _recall_column(figures, rarer)
        else:
            columns["lowest recall of a class"] = {
                f.name: f"{words.name(figures.classes[k])}: {with_interval(recall_of(f, k))}"
                for f in figures.families
                for k in (shown[f.name],)
            }
    folders = {Path(f.run.path).parent for f in figures.families}
    required = earlier_settings(folders.pop()).get("require", []) if len(folders) == 1 else []
    for k in classes_of_recalls(required, figures.classes)[:MOST_REQUIRED]:
        columns |= _recall_column(figures, k)
    return columns


def _recall_column(figures: Figures, index: int) -> dict[str, dict[str, str]]:
    """Return the column of the recall of a class, by its heading."""
    cells = {f.name: with_interval(recall_of(f, index)) for f in figures.families}
    return {f"recall of {words.name(figures.classes[index])}": cells}


def about_table(figures: Figures) -> Table | None:
    """Return what each degradation does to an image, and at which severities it was tried; None without any."""
    rows = [
        (f.title, f.run.degradation.about or "–", f"{f.run.degradation.axis}: {', '.join(f'{s:g}' for s in ordered)}")
        for f in figures.families
        if (ordered := [f.run.severities[s] for s in f.run.config.mildest_first])
    ]
    columns = ("degradation", "what it does", "severities tried, from mild to strong")
    return Table("What each degradation does", columns, rows) if rows else None


def loss_table(figures: Figures) -> Table | None:
    """Return the severities at which accuracy is lost.

    None if all sweeps lie on both sides of the neutral one, or if there is no accuracy that could be lost.
    """
    if _nothing_kept(figures):
        return None
    rows = [
        (f.title, _severity(f, f.severity10), _severity(f, f.severity50), f.run.degradation.axis)
        for f in figures.families
        if f.run.config.one_sided
    ]
    columns = ("degradation", "10 % is lost at", "50 % is lost at", "scale")
    notes = ["Interpolated between the severities that were tried; the lost share is of the clean accuracy."]
    if any(NOT_SHOWN in row for row in rows):
        notes.append(
            f"{capital(NOT_SHOWN)}: always answering the same class would be right nearly as often, so the accuracy "
            "hides how much recall is lost."
        )
    before = [cell for row in rows for cell in row[1:3] if cell.startswith("before")]
    if before:
        note = "Before a severity: it is the mildest that was tried, and the accuracy is lost there already."
        farther = " In brackets behind it: where an interval ends that reaches farther."
        notes.append(note + farther * any("(" in cell for cell in before))
    return Table("Severity at which accuracy is lost, with 95 % intervals", columns, rows, notes) if rows else None


def _nothing_kept(figures: Figures) -> bool:
    """Return whether under no degradation enough of the clean images are right for figures of what is kept."""
    return all(math.isnan(f.kept.value) for f in figures.families)


def severity_table(family: FamilyFigures) -> Table:
    """Return the accuracy at each severity of one degradation, in %, and what is still right if any image was."""
    m, ends = family.run.measures, family.run.measures.intervals
    at_each = zip(m.accuracy_by_severity(), ends.accuracy.T, ends.accuracy_of_clean_correct.T, strict=True)
    rows = [
        (
            f"{a.severity:g}",
            with_interval(Estimate(a.accuracy, *map(float, both))),
            with_interval(Estimate(a.accuracy_of_clean_correct, *map(float, right))),
        )
        for a, both, right in at_each
        if a.total
    ]
    title = capital(family.title)
    table = Table(title, (family.run.degradation.axis, "accuracy", "still right"), rows)
    return table.only(*table.columns[:2]) if math.isnan(family.kept.value) else table


def noise_table(search: SearchRun) -> Table:
    """Return the minimum noise of each image, the least first."""
    frame, names = search.to_pandas(), search.class_names
    found = found_noise(frame).sort_values("size", kind="stable")
    others = [norm for norm in ("l2", "linf", "l1") if norm != search.config.norm]
    rows = [
        (
            search.clean.name(r.image),
            *(names[k] for k in (r.class_index, r.predicted)),
            *(r.size, r.size_uint8),
            *(getattr(r, norm) for norm in others),
            f"{r.queries:,}",
            f"{r.gradients:,}",
        )
        for r in (search.result(int(image)) for image in found.index[:IMAGES])
    ]
    size, *other = (get_norm(norm).title for norm in (search.config.norm, *others))
    unit = "grey levels" if search.config.norm in GREY else f"{size} in values, other norms in grey levels"
    columns = ("image", "class", "taken for", size, f"{size} of the 8-bit image", *other, "queries", "gradients")
    notes = [f"The first {IMAGES} of {len(found)}; {ALL_WRITTEN}"] if len(found) > IMAGES else []
    needless, missing = int((frame["found"] & (frame["queries"] == 0)).sum()), int((~frame["found"]).sum())
    if needless:
        notes.append(f"Misclassified when clean, so that they need no noise: {needless} more.")
    if missing:
        notes.append(f"No noise was found for {missing} more.")
    title = f"Minimum noise, the least first ({unit})"
    digits = dict.fromkeys(other, 1) | dict.fromkeys(columns[3:5], size_digits(get_norm(search.config.norm)))
    return Table(title, columns, rows, notes, digits)


def class_noise_table(search: SearchRun) -> Table | None:
    """Return the minimum noise of each class with some images that needed noise; None if fewer than two have some."""
    table = search_class_table(search, search.class_names)
    *classes, together = table.rows
    shown = [row for row in classes if row[1] >= SOME]
    if len(shown) < 2:
        return None
    notes = [*table.notes]
    if len(shown) < len(classes):
        notes.append(f"Classes with fewer than {SOME} searched images that are right when clean are left out.")
    if len(shown) > CLASSES:
        others = "other " if len(shown) < len(classes) else ""
        notes.append(
            f"Of the {others}{len(shown)} classes, these are the {CLASSES} with the lowest median; {ALL_WRITTEN}"
        )
        shown = sorted(shown, key=lambda row: row[3])[:CLASSES]
    return replace(table, rows=[*shown, together], notes=notes)


def with_interval(estimate: Estimate) -> str:
    """Return a share in % with its interval: "39 (31–48)", or a dash."""
    return shares.percent(estimate).replace(" %", "") if math.isfinite(estimate.low + estimate.high) else "–"


def _confidence(estimate: Estimate) -> str:
    """Return an interval of a share in words."""
    ends = interval(estimate)
    return f"{ends} with 95 % confidence" if ends else ""


def _severity(family: FamilyFigures, estimate: Estimate) -> str:
    """Return a severity with its interval, or that it is not reached, or reached before the mildest one tried."""
    if before := before_mildest(family, estimate):
        return before
    if math.isfinite(estimate.value):
        at = words.severity(family.run.degradation, estimate.value, measured=True)
        return f"{at} ({words.severity_range(estimate)})"
    if math.isinf(estimate.value):
        return NOT_SHOWN if family.hides_recall else "not reached"
    return "–"
