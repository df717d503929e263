"""What is found out about the pictures of a folder: a table with a row for each, and how many are right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfstab.explanation.mix_ups import MIX_UPS
from tfstab.explanation.picture_verdict import MODEL, NOT_EXAMINED, NOT_KNOWN, NOTHING_UNUSUAL, PHOTOGRAPH, Verdict
from tfstab.explanation.standing import UNUSUAL
from tfstab.names import html_lines
from tfstab.report.changed_pictures import changed_by_hardening
from tfstab.report.tables import Table
from tfstab.wording import capital, counted, listed, percent

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 5  # that are named with the number of pictures taken for them
NO_CLASSES = (
    "The true classes are not known, so no picture is called right or wrong: give --class NAME (in Python true_class=) "
    "if all are of one class; otherwise put the pictures into folders that are named after their true classes."
)
UNUSUAL_IS = (
    "Nothing unusual: not darker, brighter, less sharp, grainier, lower in contrast or (by a pixel or more) farther "
    f"off-centre than {percent(UNUSUAL)} of them."
)
LABELS = (
    "Labels are taken as given: a wrong picture with a high score may have a wrong label. --why (in Python why=) looks "
    "for signs of this, for one picture."
)
SHARES = (
    "A percentage in brackets is an estimate: of misclassified pictures with this fault, so many would be right "
    "without it. If the fault can be undone, as darkness can, only pictures that are right then are counted."
)
MIXED_UP = (
    "Where a picture is right after a turn, as a negative or with swapped colours, look at it: if it has none of these "
    "faults, this is chance after all."
)
PERHAPS_MIXED_UP = (
    "Where the last column asks to check something, the picture is right after this change, but that may be chance. "
    "Inspect the picture alone with `--why` (in Python why=True) to see how many other images are, too."
)
FEWEST_SUMMED = 5  # shares: of fewer pictures, the table says enough
BEFORE = "before"
REASON, UNREAD = "probable reason if wrong", "unreadable"


@dataclass(frozen=True)
class InspectedPicture:
    """One picture of a folder.

    Attributes
    ----------
    picture : str
        Its file, relative to the folder.
    true_class, predicted : int or None
        Its true class, if it is known, and the predicted class; None for a file that cannot be read.
    score : float or None
        Score of the predicted class, 0..1.
    verdict : Verdict or None
        Whether the photograph or the model is the reason; None unless it is wrong and was compared with a run.
    error : str
        Why the file cannot be read, in a sentence; "" if it was read.
    cautions : tuple of str
        What may make the answer less reliable, such as that it was stretched, in sentences.
    before : int or None
        Class predicted by the network before hardening; None unless the network is a hardened one.
    """

    picture: str
    true_class: int | None
    predicted: int | None = None
    score: float | None = None
    verdict: Verdict | None = None
    error: str = ""
    cautions: tuple[str, ...] = ()
    before: int | None = None

    @property
    def right(self) -> bool | None:
        """Whether the prediction is right; None if the true class is unknown, or if the file cannot be read."""
        return None if None in (self.true_class, self.predicted) else self.predicted == self.true_class


@dataclass(frozen=True)
class FolderFindings:
    """What `inspect_pictures` found out about the pictures of a folder.

    Attributes
    ----------
    folder : str
        The folder.
    run : str
        The run with whose images they were compared; "" for none.
    model : str
        What the model was taken for, in one line.
    class_names : tuple of str
        Names of the classes.
    pictures : tuple of InspectedPicture
        The pictures, sorted by name.
    cautions : tuple of str
        What may make the answers less reliable, in sentences: inputs that seem to be scaled wrongly, or how many
        pictures were distorted, or had too few pixels.
    before : str
        Name of the network before hardening, whose predictions the pictures have, too; "" for none.

    Examples
    --------
    >>> from PIL import Image
    >>> Path("digits").mkdir()
    >>> for number, pixels in enumerate(digits.images[..., 0]):
    ...     Image.fromarray(pixels).save(f"digits/{number}.png")
    >>> found = tfstab.inspect_pictures("mnist-lenet", "digits")
    >>> found.to_pandas().picture.tolist()[:2], found.pictures[0].right
    (['0.png', '1.png'], None)
    """

    folder: str
    run: str
    model: str
    class_names: tuple[str, ...]
    pictures: tuple[InspectedPicture, ...]
    cautions: tuple[str, ...] = ()
    before: str = ""

    @property
    def unread(self) -> list[InspectedPicture]:
        """The files that cannot be read."""
        return [one for one in self.pictures if one.error]

    @property
    def wrong(self) -> list[InspectedPicture]:
        """The misclassified pictures."""
        return [one for one in self.pictures if one.right is False]

    @property
    def with_classes(self) -> bool:
        """Whether the true classes are known."""
        return any(one.true_class is not None for one in self.pictures)

    @property
    def summary(self) -> str:
        """How many pictures are right, and what is probably the reason for the others, in a few sentences."""
        of = len(self.pictures) - len(self.unread)
        said = self._right_and_wrong(of) if self.with_classes else f"{self._taken(of)} {NO_CLASSES}"
        unread = len(self.unread)
        return f"{said} {counted(unread, 'file')} cannot be read." if unread else said

    def _taken(self, of: int) -> str:
        """Return for which classes how many of the pictures that were read are taken."""
        taken = Counter(one.predicted for one in self.pictures if one.predicted is not None).most_common()
        others = sum(number for _, number in taken[MOST_CLASSES:])
        counts = [(f"for {self.class_names[k]}", number) for k, number in taken[:MOST_CLASSES]]
        counts += [("for other classes", others)] if others else []
        (first, most), *rest = counts
        taken_for = f"{most:,} {'is' if most == 1 else 'are'} taken {first}"
        shown = listed([taken_for, *(f"{number:,} {name}" for name, number in rest)], most=len(counts))
        return f"Of {counted(of, 'picture')}, {shown}."

    def _right_and_wrong(self, of: int) -> str:
        """Return how many of the pictures that were read are right, and why the others probably are not."""
        wrong = len(self.wrong)
        if not wrong:
            return "The picture is right." if of == 1 else f"All {of:,} pictures are right."
        right = of - wrong
        are = "none is" if not right else f"{right:,} {'is' if right == 1 else 'are'}"
        said = f"Of {counted(of, 'picture')}, {are} right and {wrong:,} wrong."
        return f"{said} {self._reasons(wrong)}" if self.run else said

    def _reasons(self, wrong: int) -> str:
        """Return for how many wrong pictures the photograph or the model is probably the reason."""
        verdicts = [one.verdict for one in self.wrong if one.verdict is not None]
        counts = Counter(verdict.says for verdict in verdicts)
        depends = sum(bool(verdict.condition) for verdict in verdicts)
        on = f" (for {depends:,} only on the condition in the table)" if depends else ""
        parts = [f"the photograph for {counts[PHOTOGRAPH]:,}{_faults(verdicts)}"] if counts[PHOTOGRAPH] else []
        parts += [f"the model for {counts[MODEL]:,}{on}"] if counts[MODEL] else []
        unknown = wrong - counts[PHOTOGRAPH] - counts[MODEL]
        if not parts:
            return f"Of the wrong {'one' if wrong == 1 else 'ones'}, the reason is not known."
        said = f"The reason is probably {listed(parts)}"
        said = f"{said}; for {unknown:,} it is not known." if unknown else f"{said}."
        shares = [verdict.share for verdict in verdicts if verdict.share is not None]
        if len(shares) < FEWEST_SUMMED:
            return said
        of = f"Of the {len(shares):,} with a percentage"
        return f"{said} {of}, about {sum(shares):,.0f} would be right if they did not look unusual."

    @property
    def table(self) -> Table:
        """A row for each picture, for people; `to_pandas` has the values."""
        columns = ["picture", "true class", BEFORE, "predicted", "score", REASON if self.run else "right"]
        rows = [(one.picture, *self._cells(one)) for one in self.pictures]
        note = f"The last column compares with the images of {self.run}."
        verdicts = [one.verdict for one in self.pictures if one.verdict]
        notes = [note] if verdicts else []
        notes += [SHARES] if any(one.share for one in verdicts) else []
        notes += [MIXED_UP] if any(one.mix_ups for one in verdicts) else []
        notes += [PERHAPS_MIXED_UP] if any(mix_up.check in one.brief for one in verdicts for mix_up in MIX_UPS) else []
        notes += [UNUSUAL_IS] if any(one.brief == NOTHING_UNUSUAL for one in verdicts) else []
        notes += [f"{NOT_EXAMINED}."] if any(NOT_EXAMINED in one.reason for one in verdicts) else []
        notes += [LABELS] if any(one.says != PHOTOGRAPH for one in verdicts) else []
        notes += (
            [f"{capital(BEFORE)}: predicted by {self.before!r}, the network before hardening."] if self.before else []
        )
        shown = Table(f"Pictures in {self.folder}", columns, rows, tuple(notes), {"score": 3})
        left_out = {*(() if self.with_classes else columns[1:2] + columns[-1:]), *(() if self.before else (BEFORE,))}
        return shown.only(*(column for column in columns if column not in left_out))

    def _cells(self, one: InspectedPicture) -> Sequence[Any]:
        """Return true class, both predicted classes, score, and the probable reason, or whether it is right."""
        true = self._name(one.true_class)
        if one.predicted is None:
            return true, None, UNREAD, None, None
        last = one.verdict.short if one.verdict else None if one.right else "not known"
        if not self.run:
            last = "yes" if one.right else "no"
        return true, self._name(one.before), self.class_names[one.predicted], one.score, last

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each picture.

        Returns
        -------
        DataFrame
            The columns `picture` (the file, relative to the folder), `true_class` and `predicted` (names), `before`
            (name of the class predicted by the network before hardening), `score` (of the predicted class, 0..1),
            `right`, `answer` ("photograph", "model" or "not known", for a picture that is wrong), `fault` (such as
            "darker", if the answer is "photograph"), `share` (the number in brackets of the table, at most 0.9),
            `reason` (sentences) and `error` (why the file cannot be read, ""). What is not known is missing.
        """
        import pandas as pd

        rows = [
            {
                "picture": one.picture,
                "true_class": self._name(one.true_class),
                "predicted": self._name(one.predicted),
                "before": self._name(one.before),
                "score": one.score,
                "right": one.right,
                "answer": None if one.verdict is None else one.verdict.says,
                "fault": (one.verdict.fault or None) if one.verdict else None,
                "share": None if one.verdict is None else one.verdict.share,
                "reason": None if one.verdict is None else one.verdict.sentence,
                "error": one.error,
            }
            for one in self.pictures
        ]
        return pd.DataFrame(rows)

    def _name(self, k: int | None) -> str | None:
        return None if k is None else self.class_names[k]

    def to_json(self) -> dict[str, Any]:
        """Return the model in a line, folder, run, summary, cautions, and all that is known of each picture."""
        pictures = [
            {
                "picture": one.picture,
                "class": self._name(one.true_class),
                "predicted": self._name(one.predicted),
                "before": self._name(one.before),
                "score": one.score,
                "right": one.right,
                "verdict": None if one.verdict is None else one.verdict.to_json(),
                "cautions": list(one.cautions),
                "error": one.error or None,
            }
            for one in self.pictures
        ]
        return {
            "model": self.model,
            "folder": self.folder,
            "run": self.run or None,
            "before": self.before or None,
            "summary": self.summary,
            "counts": self.counts,
            "cautions": list(self.cautions),
            "pictures": pictures,
        }

    @property
    def counts(self) -> dict[str, int | None]:
        """How many pictures there are, cannot be read, are right and wrong, and have each answer; None: not known."""
        verdicts = Counter(one.verdict.says for one in self.wrong if one.verdict is not None)
        right = sum(one.right is True for one in self.pictures)
        known, answered = self.with_classes, self.with_classes and bool(self.run)
        return {
            "pictures": len(self.pictures),
            "unread": len(self.unread),
            "right": right if known else None,
            "wrong": len(self.wrong) if known else None,
            **{says.replace(" ", "_"): verdicts[says] if answered else None for says in (PHOTOGRAPH, MODEL, NOT_KNOWN)},
        }

    @property
    def sentences(self) -> list[str]:
        """The summary, what hardening changed, and which files cannot be read, and why."""
        changed = [f"- {changed_by_hardening(self)}"] if self.before and self.with_classes else []
        return [self.summary, *changed, *(f"- {one.error}" for one in self.unread)]

    def __str__(self) -> str:
        """Return cautions, the table, the summary, and which files cannot be read."""
        return "\n".join([*self.cautions, str(self.table), "", *self.sentences])

    def _repr_html_(self) -> str:
        """Return the same as HTML, for a notebook."""
        return "".join(
            [html_lines("\n".join(self.cautions)), self.table._repr_html_(), html_lines("\n".join(self.sentences))]
        )


def _faults(verdicts: Sequence[Verdict]) -> str:
    """Return how many photographs have which fault, the most frequent first: " (darker: 7, turn: 1)"; "" for one."""
    faults = Counter(verdict.fault for verdict in verdicts if verdict.fault)
    each = ", ".join(f"{fault}: {number:,}" for fault, number in faults.most_common())
    return f" ({each})" if faults.total() > 1 else ""
