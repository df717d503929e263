"""Finds columns of a table that are not read, and says which of them may hold groups of images or splits."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfstab.datasets.groups import few_groups_advice
from tfstab.datasets.remarks import joined
from tfstab.datasets.tables import GROUP_COLUMN, LABEL_COLUMNS, SPLIT_COLUMN, Table
from tfstab.names import printed, quoted, shortened
from tfstab.wording import capital, counted, listed

# In the remarks on data sets, which runs record.
MAY_GROUP = "values of a column that may name groups"
MAY_DIVIDE = "values of a column that may name splits"
# What groups of images are often called, and the names that splits have.
GROUP_WORDS = {
    "animal", "case", "clip", "donor", "group", "individual", "lesion", "participant", "patient", "person", "scene",
    "sequence", "series", "session", "slide", "specimen", "study", "subject", "track", "video",
}  # fmt: skip
SPLIT_NAMES = {
    "dev", "eval", "evaluation", "holdout", "test", "testing", "train", "training", "val", "valid", "validation",
}  # fmt: skip
ALIKE = 0.8  # how similar a name must be to another to be taken for a typing error
ONE_LABEL = 0.5  # agreement of labels within values, on the scale of `_agreement`, from which numbers seem to be groups
LONGEST = 40  # characters of a column's name, or of a value, in a sentence


@dataclass(frozen=True)
class Unread:
    """The columns of a table that are not read.

    Attributes
    ----------
    table : Path or None
        The table; None if images are not listed in one.
    images : int
        The number of images that are taken from it.
    harmless : tuple of str
        Names of the columns that seem to be neither groups nor splits.
    grouping : dict of str to int
        The number of values of each column that may name groups of images.
    dividing : dict of str to list of str
        The values of a column that may name splits, by its name; of the first if there are several.
    """

    table: Path | None = None
    images: int = 0
    harmless: tuple[str, ...] = ()
    grouping: dict[str, int] = field(default_factory=dict)
    dividing: dict[str, list[str]] = field(default_factory=dict)

    @property
    def remarks(self) -> str:
        """Numbers of values, as remarks on the data set; of several columns, those of the one with the most values."""
        counts = {MAY_GROUP: self.grouping.values(), MAY_DIVIDE: map(len, self.dividing.values())}
        most = {what: max(numbers, default=0) for what, numbers in counts.items()}
        return joined(*(f"{what}: {count:,}" for what, count in most.items() if count))

    def words(self) -> str:
        """Return sentences on columns that may be groups or splits, and a short one on all others; "" for none."""
        if self.table is None:
            return ""
        where, said = printed(self.table.name), []
        for name, values in self.dividing.items():
            said.append(
                f"{where} has no column {SPLIT_COLUMN}, so all of its {counted(self.images)} are used. Its column "
                f"{_shown(name)} has the values {listed(list(map(_shown, values)))}: if these are splits, rename the "
                f"column to {SPLIT_COLUMN}."
            )
        if self.grouping:
            named = [f"{_shown(name)} ({counted(number, 'value')})" for name, number in self.grouping.items()]
            said.append(
                f"{_columns(named)} of {where} {_are(named)} not read, but may name groups of its "
                f"{counted(self.images)}. If images with the same value belong together, as those of one patient or "
                "one video do, intervals are too narrow, and a requirement may be met only for that reason: rename "
                f"{'the column' if len(named) == 1 else 'the one that names them'} to {GROUP_COLUMN}."
            )
        if self.harmless:
            named = [_shown(name) for name in self.harmless]
            said.append(f"{_columns(named)} of {where} {_are(named)} not read.")
        return " ".join([*said[:1], *map(capital, said[1:])])


def without_unread(note: str) -> str:
    """Return a data set's note without its remarks on columns that are not read, which a warning gives in sentences.

    Examples
    --------
    >>> from tfstab.datasets.columns import MAY_GROUP, without_unread
    >>> without_unread(f"images in photos, {MAY_GROUP}: 221")
    'images in photos'
    """
    return re.sub(rf"(?:^|, )(?:{MAY_GROUP}|{MAY_DIVIDE}): \d[\d,]{{0,12}}(?=, |$)", "", note)


def unread_columns(path: Path, table: Table) -> Unread:
    """Return the columns of a table that are not read, sorted by what they may be meant as.

    A column may name groups if most images share their value with others and there are more values than classes, but
    not only a handful for very many images. Numbers are often sizes or ages: they count only if images with the same
    value mostly have the same label, or if the column has a usual name of groups. One that is nearly called `group`
    always counts.
    """
    grouping: dict[str, int] = {}
    dividing: dict[str, list[str]] = {}
    harmless: list[str] = []
    labels = [row.label for row in table.rows]
    for place, name in enumerate(table.others):
        cells = [row.others[place] for row in table.rows]
        values = Counter(filter(None, cells))
        if not (table.has_splits or dividing) and _may_divide(name, values):
            dividing[name] = sorted(values)
        elif not table.has_groups and _may_group(name, cells, values, labels):
            grouping[name] = len(values)
        else:
            harmless.append(name)
    return Unread(path, len(table.rows), tuple(harmless), grouping, dividing)


def _may_divide(name: str, values: Counter[str]) -> bool:
    """Return whether a column may name splits: by its values, or by its name if it has a few values."""
    if len(values) < 2:
        return False
    known = {value.lower() for value in values} <= SPLIT_NAMES
    return known or (_resembles(name, SPLIT_COLUMN) and len(values) <= len(SPLIT_NAMES))


def _may_group(name: str, cells: Sequence[str], values: Counter[str], labels: Sequence[str]) -> bool:
    """Return whether a column may name groups of images; `unread_columns` says when."""
    shared = sum(number for number in values.values() if number > 1)
    if _resembles(name, GROUP_COLUMN):
        return shared > 0
    if name.lower() in LABEL_COLUMNS or 2 * shared < len(cells) or len(values) <= len(set(labels)):
        return False
    if GROUP_WORDS.intersection(_words(name)):
        return True
    if few_groups_advice(len(values), len(cells)):
        return False
    return not all(map(_is_number, values)) or _agreement(cells, labels) >= ONE_LABEL


def _agreement(cells: Sequence[str], labels: Sequence[str]) -> float:
    """Return how much more often two images with the same value have the same label than any two images.

    It is 0 if they do no more often, 1 if they always do, as Cohen's kappa.
    """
    pairs = [(cell, label) for cell, label in zip(cells, labels, strict=True) if cell]
    alike, of_value, of_label = Counter(pairs), Counter(cell for cell, _ in pairs), Counter(label for _, label in pairs)
    together, same, apart, every = (
        sum(n * (n - 1) for n in numbers)
        for numbers in (of_value.values(), alike.values(), of_label.values(), [len(pairs)])
    )
    return (same / together - apart / every) / (1 - apart / every) if together and apart < every else 0.0


def _columns(named: Sequence[str]) -> str:
    """Return "the column" or "the columns" with their names."""
    return f"the column{'s' * (len(named) > 1)} {listed(named)}"


def _are(named: Sequence[str]) -> str:
    """Return the verb for one or several columns."""
    return "is" if len(named) == 1 else "are"


def _is_number(text: str) -> bool:
    """Return whether a cell is a number."""
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _resembles(name: str, other: str) -> bool:
    """Return whether a name may be another one with a typing error."""
    return difflib.SequenceMatcher(None, name.lower()[:LONGEST], other).ratio() >= ALIKE


def _words(name: str) -> list[str]:
    """Return the words of a column's name, such as patient and id of PatientID, also without an s at their end."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name[:LONGEST])]
    return [*words, *(word.removesuffix("s") for word in words)]


def _shown(text: str) -> str:
    """Return a column's name, or a value, as it can be shown in a sentence."""
    return quoted(printed(shortened(text, LONGEST)))
