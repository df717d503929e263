"""`AssessedImage`, what all runs of an assessment say about one image."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tfstab.errors import RunError
from tfstab.explanation.failure import Failure, failure_when_clean
from tfstab.explanation.image_facts import Shown, clean_facts, failing_copies
from tfstab.explanation.run_of_image import most_failing, search_of
from tfstab.names import html_lines, html_summary
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.facts import search_facts
from tfstab.sweep import SweepRun
from tfstab.sweep.measures import SweepMeasures
from tfstab.wording import capital, counted

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.assessment.opened import Assessment
    from tfstab.figure import Figure

NOT_DEGRADED = "no degraded copy of this image was measured"


class AssessedImage:
    """What all runs of an assessment say about one image, as `Assessment.image` returns it.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    image : int
        Index of the image in the full split.

    Attributes
    ----------
    assessment, image
        The parameters.
    search : SearchRun or None
        The search that has the image.

    Examples
    --------
    >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
    >>> one = assessment.image(int(assessment.runs[0].clean.indices[0]))
    >>> one.right, one.parts[0].rows[0][0]
    (True, 'true class')
    >>> one.to_pandas().index.tolist()
    ['fog']
    """

    def __init__(self, assessment: "Assessment", image: int) -> None:
        self.assessment, self.image = assessment, image
        self.search = search_of(assessment.whole, image)
        self._having = [run for run in assessment.whole if image in run.clean.indices]
        self._sweeps = [run for run in self._having if isinstance(run, SweepRun)]

    def __repr__(self) -> str:
        """Return the image and the folder."""
        return f"AssessedImage({self.image} of {str(self.assessment.path)!r})"

    @cached_property
    def _measures(self) -> list[SweepMeasures]:
        """Measures of this image alone in each sweep; empty where it has not been degraded."""
        return [run.measures_of(self.image) for run in self._sweeps]

    @property
    def title(self) -> str:
        """The image with its file name, if it has one."""
        return self._having[0].clean.title(self.image)

    @property
    def right(self) -> bool:
        """Whether it is right when clean."""
        clean = self._having[0].clean
        return bool(clean.correct[clean.row(self.image)])

    @property
    def minimum_noise(self) -> MinimumNoise | None:
        """What the search found for it; None if it was not searched."""
        return None if self.search is None else self.search.result(self.image)

    @cached_property
    def why(self) -> Failure | None:
        """What the runs say about why it is wrong when clean, or None; `tfstab.explain_failure` says more."""
        return failure_when_clean(self._having, self.image)

    @property
    def summary(self) -> str:
        """What the explanation of the assessment says about it; "" if it has not been explained."""
        explanation = self.assessment.explanation
        explained = explanation is not None and self.image in explanation.images
        return explanation.of(self.image).summary() if explanation is not None and explained else ""

    @cached_property
    def parts(self) -> list[Shown]:
        """Its class and clean prediction; where its degraded copies fail, or are right; and its minimum noise."""
        parts, facts = list[Shown](), ("what", "value")
        if self._sweeps:
            parts.append(Shown(self.title, facts, clean_facts(self._sweeps[0], self.image)))
        if any(map(len, self._measures)):
            parts.append(failing_copies(self._sweeps, self.image))
        if self.search is not None:
            parts.append(Shown("Minimum noise", facts, search_facts(self.search, self.search.result(self.image))))
        return parts

    @property
    def notes(self) -> list[str]:
        """What was not measured of it, in sentences without a capital."""
        notes = [NOT_DEGRADED] if self._sweeps and not any(map(len, self._measures)) else []
        others = next((run for run in self.assessment.whole if isinstance(run, SearchRun)), None)
        if self.search is None and others is not None:
            notes.append(
                f"the minimum noise of this image was not searched for, only that of "
                f"{counted(len(others.images), 'other')}"
                if self.right
                else "the image is wrong when clean, so it has no minimum noise"
            )
        return notes

    @property
    def drawn_run(self) -> SearchRun | SweepRun | None:
        """The run in which `plot` shows it; None if it has been neither degraded nor searched."""
        if self.search is not None and self.search.result(self.image).needed_noise:
            return self.search
        return most_failing(self._sweeps, self.image)

    def plot(self) -> "Figure":
        """Draw it with its minimum noise. Without one, draw the sweep in which the largest share of its copies fails.

        For an image that is wrong when clean, this is the sweep in which the largest share of its copies is right.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.

        Raises
        ------
        RunError
            No degraded copy of it was measured.
        """
        run = self.drawn_run
        if run is None:
            raise RunError(f"no degraded copy of image {self.image} was measured, so there is nothing to draw.")
        if isinstance(run, SearchRun):
            return run.result(self.image).plot(run.class_names, run.clean.file(self.image))
        return run.plot(self.image)

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each degradation, in the order in which they are printed.

        Returns
        -------
        DataFrame
            Indexed by `degradation`, with the columns `title`, `copies` (degraded copies over all severities),
            `failing` (how many of them are misclassified), `fails_at` (the mildest severity at which a copy is
            misclassified; infinite if none is, and the neutral severity, which changes nothing, for an image that is
            wrong when clean) and `taken_for` (the name of the class for which the misclassified copies are mostly
            taken, always a text; None without any). Where the image has not been degraded, `copies` is 0 and `fails_at`
            NaN.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
        >>> table = assessment.image(int(digits.indices[0])).to_pandas()
        >>> list(table.columns)
        ['title', 'copies', 'failing', 'fails_at', 'taken_for']
        """
        import pandas as pd

        rows = []
        for run, m in zip(self._sweeps, self._measures, strict=True):
            copies, failing, at, other = 0, 0, float("nan"), None
            if len(m):
                copies, failing = int(m.total.sum()), int((m.total - m.correct).sum())
                at, wrong = float(m.failing_severity()[0]), int(m.wrong_class[0])
                other = run.class_names[wrong] if wrong >= 0 else None
            rows.append((run.degradation.title, copies, failing, at, other))
        names = pd.Index([run.degradation.name for run in self._sweeps], name="degradation")
        return pd.DataFrame(rows, names, ["title", "copies", "failing", "fails_at", "taken_for"])

    def __str__(self) -> str:
        """Return the summary, why it is wrong when clean, the tables and the notes."""
        why = "" if self.why is None else str(self.why)
        texts = ("\n".join([title, frame.to_string(index=False), *notes]) for title, frame, notes in self._frames)
        return "\n\n".join(filter(None, [self.summary, why, *texts, *self._sentences]))

    def _repr_html_(self) -> str:
        """Return the same as HTML, for a notebook."""
        why = "" if self.why is None else self.why._repr_html_()
        tables = (html_summary(title, frame, notes, index=False) for title, frame, notes in self._frames)
        return "".join([html_lines(self.summary), why, *tables, *map(html_lines, self._sentences)])

    @property
    def _frames(self) -> "list[tuple[str, pd.DataFrame, Sequence[str]]]":
        """The parts with their rows as tables of pandas."""
        import pandas as pd

        return [(part.title, pd.DataFrame(part.rows, columns=list(part.columns)), part.notes) for part in self.parts]

    @property
    def _sentences(self) -> list[str]:
        """The notes as whole sentences."""
        return [f"{capital(note)}." for note in self.notes]
