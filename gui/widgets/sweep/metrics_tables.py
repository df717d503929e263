"""The columns of the metrics page's tables."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfstab.gui.content.class_losses import HALF, TENTH, in_short, severities_of_loss
from tfstab.gui.content.comparison import CLEAN, ClassRows, Compared, Headline, interval, values_of_images
from tfstab.gui.widgets.array_model import Column, decimals, file_column, named, whole
from tfstab.gui.widgets.tips import plain
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.kept import FEWEST_RIGHT
from tfstab.sweep.metrics import METRICS, Metric
from tfstab.wording import percent

if TYPE_CHECKING:
    from tfstab.sweep import SweepConfig
    from tfstab.sweep.measures import SweepMeasures

WHEN_CLEAN = f"“{CLEAN}”: the image is wrong when clean"


def headline_columns(lines: list[Headline], config: "SweepConfig") -> list[Column]:
    """Return the columns of the headline table: a column for each metric, a row for each run.

    Parameters
    ----------
    lines : list of Headline
        Headline figures of each run.
    config : SweepConfig
        Settings of the first run, whose degradation names the severities.
    """

    def column(metric: Metric) -> Column:
        values = np.array([line.values[metric.name] for line in lines], np.float64)
        factor = 100 if metric.unit == "%" else 1
        ends = [line.ends.get(metric.name) for line in lines]
        texts = [interval(v, e, metric.digits, factor) for v, e in zip(values.tolist(), ends, strict=True)]
        if metric.name == "severity50":
            texts = [t if e.mildest is None else f"before {e.mildest:g}" for t, e in zip(texts, lines, strict=True)]
        title, meaning = (_capital(metric.text(t, config.degradation)) for t in (metric.title, metric.meaning))
        shown = f"{title} ({metric.unit})" if metric.unit else title
        shown = shown.replace(" ", "\n", 1)  # in one line, a small screen would cut columns
        return _texts(metric.name, shown, values, texts, meaning, metric.term)

    names = np.arange(len(lines))
    return [
        Column("name", "Run", names, lambda n: lines[n].name, right=False),
        Column("images", "Images", np.array([line.images for line in lines]), whole),
        *map(column, METRICS.values()),
    ]


def class_columns(runs: list[Compared], rows: ClassRows, clean: bool = False) -> list[Column]:
    """Return the columns of a table with one row per class of the first run. clean: it is about the clean images."""
    count, tip = ("Images", "Clean images of the class") if clean else ("Copies", "Degraded images of the class")
    classes = np.arange(len(rows.support))
    columns = [
        Column("class", "Class", classes, named(runs[0].classes), right=False),
        Column("images", count, rows.support, lambda n: f"{int(n):,}", tip=tip),
    ]
    for n, run in enumerate(runs):
        of = f"\n{run.name}" if len(runs) > 1 else ""
        columns += [
            _shares(f"{term}-{n}", f"{_capital(term)} (%){of}", values[n], ends[n], term)
            for term, values, ends in (
                ("precision", rows.precision, rows.precision_ends),
                ("recall", rows.recall, rows.recall_ends),
            )
        ]
    return columns


def loss_columns(m: "SweepMeasures") -> list[Column]:
    """Return the columns with the severities at which each class loses a tenth and half of its recall.

    There are none if severities lie on both sides of the neutral one, or if no class has enough images.
    """
    lost = severities_of_loss(m, np.unique(m.labels).tolist())
    each = [lost.get(k, (NO_ESTIMATE, NO_ESTIMATE)) for k in range(m.classes)]
    columns = []
    for name, share, found in zip(("tenth", "half"), (TENTH, HALF), zip(*each, strict=True), strict=True):
        values, texts = np.array([e.value for e in found]), [in_short(m.config, e) for e in found]
        tip = (
            f"The {m.config.degradation.parameter} at which {percent(share)} of the class's clean recall is lost, with "
            f"the 95 % interval; – if fewer than {FEWEST_RIGHT} of its images are right when clean"
        )
        columns.append(_texts(name, f"{percent(share)} lost at", values, texts, tip, "severity50"))
    return [] if np.isnan(np.concatenate([c.values for c in columns])).all() else columns


def weakest_columns(runs: list[Compared]) -> list[Column]:
    """Return the columns of a table with one row per image of the first run, and figures of the other runs for it."""
    m, names = runs[0].measures, runs[0].classes
    certified = []
    if m.config.degradation.certifies:
        radii, sigmas = m.largest_certified()
        tip = "Largest certified radius, L2 in grey levels, of the classifier smoothed at the sigma beside it"
        certified = [
            Column("radius", "Certified L2", radii, decimals(1), tip=tip, term="certified radius"),
            Column(
                "radius-sigma", "At sigma", sigmas, _severity, tip="Sigma of the smoothing; – if it always abstains"
            ),
        ]
    mildest = f"Mildest {m.config.degradation.parameter} at which"
    neutral = m.config.degradation.neutral
    first = f"{mildest} a copy is misclassified; – if none is. {WHEN_CLEAN}"
    half = f"{mildest} half of the copies are misclassified; – if they never are. {WHEN_CLEAN}"
    return [
        Column("image", "Image", m.images, whole),
        *([] if runs[0].clean is None else file_column(runs[0].clean, m.images)),
        Column("true", "True", m.labels, named(names), right=False),
        Column("wrong", "Predicted", m.wrong_class, named(names), right=False, tip="Most frequent wrong prediction"),
        Column("some", "First wrong", m.failing_severity(), failing(neutral), tip=first),
        Column("half", "Half wrong", m.failing_severity(0.5), failing(neutral), tip=half),
        Column("share", "Wrong (%)", 100 * m.wrong_share.mean(axis=1), decimals(1), tip="Share of all copies"),
        *certified,
        *(
            Column(
                f"share-{n}",
                f"Wrong (%)\n{run.name}",
                values_of_images(100 * run.measures.wrong_share.mean(axis=1), run.measures, m.images),
                decimals(1),
                tip=plain(f"For the image with the same index in {run.name}; – if it has none"),
            )
            for n, run in enumerate(runs[1:], 1)
        ),
    ]


def failing(neutral: float) -> Callable[[float], str]:
    """Return how a severity at which an image fails is formatted: "clean" for one that is wrong when clean."""
    return lambda value: CLEAN if value == neutral else _severity(value)


def _severity(value: float) -> str:
    """Format a severity, or a dash if it is infinite, which means that no severity qualifies."""
    return f"{value:g}" if np.isfinite(value) else "–"


def _capital(text: str) -> str:
    """Return the text with its first letter capitalised."""
    return text[0].upper() + text[1:]


def _texts(name: str, title: str, values: np.ndarray, texts: list[str], tip: str, term: str) -> Column:
    """Return a column with texts made beforehand, sorted by its values."""
    return Column(name, title, values, str, tip=tip, term=term, texts=texts)


def _shares(name: str, title: str, values: np.ndarray, ends: np.ndarray, term: str) -> Column:
    """Return a column of shares (K,), 0 to 1, with their 95 % intervals (2, K) in %."""
    texts = [interval(value, pair, 1, 100) for value, pair in zip(values.tolist(), ends.T, strict=True)]
    return _texts(name, title, 100 * values, texts, "With 95 % intervals, from the differences between images", term)
