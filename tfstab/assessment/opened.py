"""`Assessment`, the opened folder of an assessment; works without TensorFlow."""

import contextlib
import html
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.assessment.assessed_image import AssessedImage
from tfstab.assessment.damage import Damage, damage_of, open_whole, rare_damages
from tfstab.assessment.degradation_comparison import DegradationComparison
from tfstab.assessment.explanation_beside import explanation_beside
from tfstab.assessment.figures import Figures
from tfstab.assessment.frames import degradations_frame, recalls_frame, severities_of_all
from tfstab.assessment.outcomes import Outcome
from tfstab.assessment.record import assessment_json
from tfstab.assessment.required import Requirement, parse_requirements
from tfstab.assessment.requirements import check, with_note
from tfstab.assessment.results import (
    DAMAGED,
    UNMEASURED,
    UNSEARCHED,
    earlier_note,
    earlier_options,
    earlier_steps,
    earlier_unmeasured,
    earlier_unsearched,
    input_entries,
    measured_before,
)
from tfstab.assessment.verdict import DETAILS, Verdict, verdict
from tfstab.errors import InputError, RunError, TfstabError, unknown_name
from tfstab.explanation import ExplanationRun
from tfstab.models.validation import chosen_by_notes
from tfstab.paths import user_path
from tfstab.runs.files import REPORT
from tfstab.runs.info import hardening_advice, is_run, read_info, runs_in
from tfstab.runs.opening import open_run
from tfstab.runs.together import is_collection
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.figure import Figure


class Assessment:
    """The folder of an assessment, finished or not.

    Parameters
    ----------
    path : str or Path
        The folder.
    input_note : str, optional
        What the check of the inputs said, "" for nothing; by default what assessment.json or the runs record.
    skip_damaged : bool
        Whether to leave out damaged runs, which the verdict then says; by default, the first one is an error.
    planned : sequence of str, optional
        Names of the families of degradations that were to be measured; by default what assessment.json records.
    available : int, optional
        Number of images that were given; by default what assessment.json records.
    unsearched : str, optional
        Why no minimum noise was searched for, as a sentence; by default what assessment.json records.
    seconds : float, optional
        How long the runs were measured; by default what assessment.json records.
    advised : mapping, optional
        The options that the note on the inputs advises; by default what assessment.json records.
    next_steps : sequence of str, optional
        What to do next; by default what assessment.json records.

    Attributes
    ----------
    path : Path
        The folder.
    runs : list of SweepRun and SearchRun
        A sweep of each family of degradations, and the search for minimum noise.
    unopened : list of Damage
        The runs that cannot be opened at all; with `skip_damaged` only.
    explanation : ExplanationRun or None
        Why the model loses images, if `tfstab explain` has written its run into this folder or, for the same model and
        data, beside it.
    input_note : str or None
        The sentence that another form of inputs or other classes fit the model far better, "" if they do not; None if
        that is not known.
    advised : mapping
        The options that the note advises, as in `ModelOptions`: "preprocess", "classes".
    next_steps : list of str
        Commands for what to do next, as the report lists them, each with what it is for after a "#". For models or
        images that exist only in Python, such as arrays, these are Python calls, in which `model`, `data` and
        `class_names` stand for what `assess` was given. For an assessment that was opened again, the lines
        recorded in its folder: if somebody else made the folder, read them before you run them.
    outcomes : list of Outcome
        Those of the requirements that `assess` was given, in the same order. [] for an assessment that was opened
        again; `check` gives them.

    Raises
    ------
    RunError
        The folder holds no run.

    Examples
    --------
    >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
    >>> assessment.runs[0].path.name, assessment.figures.families[0].name
    ('fog', 'fog')
    >>> assessment.check(["fog:1"])[0].status
    'met'
    """

    def __init__(
        self,
        path: str | Path,
        input_note: str | None = None,
        skip_damaged: bool = False,
        planned: Sequence[str] | None = None,
        available: int | None = None,
        unsearched: str | None = None,
        seconds: float | None = None,
        advised: Mapping[str, str] | None = None,
        next_steps: Sequence[str] | None = None,
    ) -> None:
        self.path = user_path(path)
        folders = runs_in(self.path)
        if not folders:
            raise RunError(_without_runs(self.path))
        found = [open_whole(folder) if skip_damaged else open_run(folder) for folder in folders]
        self.unopened: list[Damage] = [one for one in found if isinstance(one, Damage)]
        opened = [one for one in found if not isinstance(one, Damage)]
        self._skips = skip_damaged
        self.runs: list[SweepRun | SearchRun] = [run for run in opened if not isinstance(run, ExplanationRun)]
        explanations = [run for run in opened if isinstance(run, ExplanationRun)]
        self.explanation = explanations[0] if explanations else explanation_beside(self.path, self.runs)
        if not self.runs and self.unopened:
            raise RunError(self.unopened[0].reason)
        if not self.runs:
            others = sorted({run.parent.parent for run in self.path.glob("*/*/run.json")})
            if others:
                raise RunError(f"{self.path} is a folder of assessments: give one of them, such as {others[0]}.")
            raise RunError(f"{self.path} is not an assessment: it holds only an explanation; run `tfstab assess`.")
        self.input_note = self._noted() if input_note is None else input_note
        self.advised = earlier_options(self.path) if advised is None else dict(advised)
        self.repeat: dict[str, Any] = {}  # settings of the command that made it, by name of parameter, if it is known
        self.search_minutes = 0  # that a search left out for lack of time needs; 0 without one, or if not known
        self._planned = earlier_unmeasured(self.path) if planned is None else planned
        self.next_steps = earlier_steps(self.path) if next_steps is None else list(next_steps)
        self._next = "Next (as recorded): " if next_steps is None else "Next: "
        self.outcomes: list[Outcome] = []
        self._available = available
        self._seconds = measured_before(self.path) if seconds is None else seconds
        self._unsearched = earlier_unsearched(self.path) if unsearched is None else unsearched

    def _noted(self) -> str | None:
        """Return what the check of the inputs said; the runs also record it if it found something."""
        noted = earlier_note(self.path)
        return next((run.input_note for run in self.runs if run.input_note), None) if noted is None else noted

    def __repr__(self) -> str:
        """Return the path and the number of runs."""
        return f"Assessment({str(self.path)!r}, {counted(len(self.runs), 'run')})"

    def find_explanation(self) -> ExplanationRun | None:
        """Return the explanation; if there was none, look beside the folder again, as one may have been made since."""
        if self.explanation is None:
            self.explanation = explanation_beside(self.path, self.runs)
        return self.explanation

    @property
    def report(self) -> Path:
        """The report, one HTML file; it exists once the assessment has ended."""
        return self.path / REPORT

    @cached_property
    def damaged(self) -> list[Damage]:
        """The runs that are left out because they are damaged, all of which are read for it; [] without skip_damaged.

        Raises RunError if nothing would be left, and without skip_damaged for a damaged sweep of rare classes.
        """
        found = [damage for run in self.runs if (damage := damage_of(run))] if self._skips else []
        if len(found) == len(self.runs):
            raise RunError(found[0].reason)
        lost = {damage.path for damage in found}
        of_rare = rare_damages([run for run in self.runs if run.path not in lost])
        if of_rare and not self._skips:  # a damaged part of another run is noticed when it is read
            raise RunError(of_rare[0].reason)
        return [*self.unopened, *found, *of_rare]

    @property
    def whole(self) -> list[SweepRun | SearchRun]:
        """The runs without the damaged ones."""
        lost = {damage.path for damage in self.damaged}
        return [run for run in self.runs if run.path not in lost]

    @property
    def notes(self) -> list[str]:
        """Sentences on images by which the model's weights were chosen when it was hardened; [] if there are none."""
        return chosen_by_notes(run.info for run in self.runs)

    @cached_property
    def figures(self) -> Figures:
        """All numbers, computed from the runs, except damaged ones that are left out."""
        return Figures.of(self.whole, self._available)

    @cached_property
    def unmeasured(self) -> list[str]:
        """Names of the families of degradations that were not yet measured when the assessment ended."""
        lost = {damage.path for damage in self.damaged}
        return [name for name in self._planned if self.figures.family(name) is None and self.path / name not in lost]

    def run(self, name: str) -> SweepRun | SearchRun:
        """Return the run with this name: that of a degradation, or "search" for the minimum noise.

        Parameters
        ----------
        name : str
            Name of the degradation, or "search".

        Returns
        -------
        SweepRun or SearchRun
            The run, one of `runs`.

        Raises
        ------
        InputError
            There is no such run.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
        >>> assessment.run("fog").degradation.name
        'fog'
        """
        there = {run.path.name: run for run in self.runs}
        if not isinstance(name, str) or name not in there:
            raise unknown_name("run", name, list(there))
        return there[name]

    def image(self, image: int | str) -> AssessedImage:
        """Return what all runs say about one image: where its degraded copies fail, and its minimum noise.

        Parameters
        ----------
        image : int or str
            Index of the image in the full split, or its file name.

        Returns
        -------
        AssessedImage
            Prints as `tfstab inspect ASSESSMENT --image N` does; `to_pandas` has a row for each degradation.

        Raises
        ------
        RunError, InputError
            There is no such image.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
        >>> one = assessment.image(int(assessment.runs[0].clean.indices[0]))
        >>> one.to_pandas()["title"].to_dict()
        {'fog': 'fog'}
        """
        clean = max(self.whole, key=lambda run: len(run.clean.indices)).clean
        return AssessedImage(
            self, clean.find(image) if isinstance(image, str) else int(clean.indices[clean.row(image)])
        )

    def compare_degradations(self, first: str, second: str) -> DegradationComparison:
        """Compare two degradations: under which of them the network loses more accuracy, and how sure that is.

        Choose the two before you see the results: the largest of many differences may be there by chance.

        Parameters
        ----------
        first, second : str
            Names of the degradations.

        Returns
        -------
        DegradationComparison
            Prints as a few sentences; `accuracy` is the paired difference of the two accuracies.

        Raises
        ------
        InputError
            A degradation was not measured, or both are the same.

        Examples
        --------
        >>> made = tfstab.assess(classifier, digits, minutes=0.1, out="assessments/two", degradations=["fog", "jpeg"])
        >>> print(made.compare_degradations("fog", "jpeg").summary().partition(",")[0])
        On the same 10 images
        """
        if first == second:
            raise InputError(f"both degradations are {first!r}; expected two different ones.")
        there = {family.name: family for family in self.figures.families}
        for name in (first, second):
            if not isinstance(name, str) or name not in there:
                raise unknown_name("measured degradation", name, list(there))
        return DegradationComparison(there[first], there[second])

    @property
    def unsearched(self) -> str:
        """Why no minimum noise was searched for, as a sentence; "" if it was, or if that is not known."""
        return "" if self.figures.search is not None else self._unsearched

    @cached_property
    def verdict(self) -> Verdict:
        """What the numbers support, in sentences."""
        return verdict(
            self.figures,
            input_note=self.input_note,
            damaged=[damage.what for damage in self.damaged],
            unmeasured=self.unmeasured,
            unsearched=self.unsearched,
            seconds=self._seconds,
        )

    def check(self, requirements: Sequence[str]) -> list[Outcome]:
        """Compare the figures with requirements, such as "gaussian_noise@20:90" or "mean:80".

        Parameters
        ----------
        requirements : sequence of str
            The requirements, as `tfstab assess --require` takes them.

        Returns
        -------
        list of Outcome
            One for each requirement: "met", "missed" or "not decided", with a sentence.

        Raises
        ------
        InputError
            A requirement cannot be read, or is about what was not to be measured.
        """
        planned = [*(family.name for family in self.figures.families), *self.unmeasured]
        return self.outcomes_of(parse_requirements(requirements), planned)

    def outcomes_of(self, requirements: Sequence[Requirement], planned: Sequence[str]) -> list[Outcome]:
        """Return the outcomes of requirements, with the note on inputs; planned: as in `requirements.check`."""
        return with_note(check(self.figures, requirements, planned), self.input_note)

    def to_json(self, outcomes: Sequence[Outcome] = (), **extra: Any) -> dict[str, Any]:
        """Return figures, verdict and outcomes of requirements in the layout of `tfstab.assessment.record`."""
        extra |= input_entries(self.input_note, self.advised)
        extra |= {UNMEASURED: self.unmeasured, UNSEARCHED: self.unsearched or None}
        extra |= {DAMAGED: [damage.folder for damage in self.damaged]} if self.damaged else {}
        return assessment_json(self.figures, self.verdict, outcomes, extra)

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each degradation, the one that leaves the least accuracy first.

        Returns
        -------
        DataFrame
            Indexed by `degradation`, with the columns `title`, `images` (count), `copies` (of an image at each
            severity, the mean if they differ), `clean` (accuracy of these images when clean), `accuracy` (mean over the
            severities), `accuracy_kept` and `still_right` (at `middle_severity`), `middle_severity`, and `severity50`
            (at which half of the clean accuracy is lost; infinite if no measured severity is strong enough, or minus
            infinity where stronger severities are smaller numbers, as for scaling), `recall` (of one class, mean over
            the severities) and `recall_class` (its name): the rarer one of two classes if always answering the other
            one would be right nearly as often as the model, else the class with the lowest recall under this
            degradation; "" and NaN for images without classes. All shares are 0..1; `clean_low` and `clean_high`, for
            example, are the lower and the upper end of the 95 % interval.
        """
        return degradations_frame(self.figures)

    def severities(self) -> "pd.DataFrame":
        """Return one row for each severity of each degradation, from mild to strong.

        Returns
        -------
        DataFrame
            The columns `degradation`, `severity`, and those of `SweepRun.to_pandas`.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.02, out="severities", degradations=["fog"])
        >>> table = assessment.severities()
        >>> table[["degradation", "severity"]].values.tolist()[0]
        ['fog', 20.0]
        """
        return severities_of_all(self.figures)

    def recalls(self) -> "pd.DataFrame":
        """Return the recall of each class: of all its clean images, and under each degradation and severity.

        Returns
        -------
        DataFrame
            The columns `degradation` ("" for clean), `severity` (NaN for clean), `class` (its name, always a text: "4"
            for the class of label 4 if classes have no names of their own), `images` (count), `recall`, `recall_low`
            and `recall_high` (0..1, with the ends of the 95 % interval), and `taken`: which share of the images of
            other classes is taken for the class, 0..1 (NaN without such images); if it is large, a high recall says
            little. Clean images come first, then each degradation from mild to strong; at each severity, as for clean
            images, the class with the lowest recall comes first.
            Empty for images without classes. `figures.classes` has the name of each label.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.02, out="recalls", degradations=["fog"])
        >>> table = assessment.recalls()
        >>> table[table["degradation"] == ""]["recall"].unique().tolist()
        [1.0]
        >>> of_fours = table[table["class"] == assessment.figures.classes[4]]
        >>> of_fours["degradation"].unique().tolist()
        ['', 'fog']
        """
        return recalls_frame(self.figures)

    def plot(self) -> "Figure":
        """Draw the accuracy kept under each degradation with its 95 % interval, like the main chart of the report.

        Returns
        -------
        matplotlib.figure.Figure
            The figure; a notebook shows it as a picture. Degradations are left out for which no measured image is right
            when clean.

        Examples
        --------
        >>> assessment = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
        >>> assessment.plot().savefig("kept.png")
        """
        from tfstab.assessment.plot import kept_figure

        return kept_figure(self.figures)

    def summary(self) -> str:
        """Return the verdict as text, as the command prints it: the lead, and a line for each finding."""
        return self.verdict.text

    def __str__(self) -> str:
        """Return the notes, the verdict, how degradations were applied, and the next steps."""
        applied = [f"\n{' '.join(self.figures.how_applied)}"] if self.figures.how_applied else []
        below = f"\n{' ' * len(self._next)}"
        steps = [f"\n{self._next}{below.join(self.next_steps)}"] if self.next_steps else []
        return "\n".join([*self.notes, self.summary(), *applied, *steps])

    def _repr_html_(self) -> str:
        """Return the same as HTML, for a notebook."""
        first = self.verdict.of_kind("inputs")
        said = [*(finding.text for finding in first), *self.notes]
        above = "".join(f"<p><strong>{html.escape(text)}</strong></p>" for text in said)
        details = "".join(f"<li>{html.escape(finding.text)}</li>" for finding in self.verdict.details)
        below = f"<p>{DETAILS}</p><ul>{details}</ul>" if details else ""
        below += "".join(f"<p>{html.escape(note)}</p>" for note in self.figures.how_applied)
        steps = "".join(f"<p>{self._next}<code>{html.escape(step)}</code></p>" for step in self.next_steps)
        lead = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in self.verdict.paragraphs)
        return f"{above}{lead}{below}{steps}"


def _without_runs(folder: Path) -> str:
    """Return the message for a folder that is not an assessment: what it is, and what to do."""
    if is_run(folder):
        kind = read_info(folder)["kind"]
        one = f"a{'n' if kind.startswith('e') else ''} {kind}"
        return f"{folder} is a single run ({one}), not an assessment: open it with tfstab.open_run."
    make = "make one with `tfstab assess` (in Python tfstab.assess)"
    return hardening_advice(folder) or f"{folder} is not an assessment: it holds no runs; {make}."


def assessment_with(explanation: Path) -> Path | None:
    """Return the folder of the assessment that has this run as its explanation, around it or beside it, or None."""
    around, wanted = explanation.absolute().parent, explanation.resolve()
    for folder in [around, *sorted(path for path in around.iterdir() if path.is_dir())]:
        with contextlib.suppress(TfstabError):  # what cannot be opened has no page that could show it
            if is_collection(folder) and (found := Assessment(folder).explanation) and found.path.resolve() == wanted:
                return folder
    return None


def open_assessment(path: str | Path) -> Assessment:
    """Open the folder of an assessment.

    Parameters
    ----------
    path : str or Path
        The folder that `tfstab.assess` or the command `tfstab assess` wrote; other folders of runs work too.

    Returns
    -------
    Assessment
        The assessment.

    Raises
    ------
    RunError
        The folder holds no run, or one is damaged.

    Examples
    --------
    >>> made = tfstab.assess(classifier, digits, minutes=0.04, out="assessments/fog", degradations=["fog"])
    >>> tfstab.open_assessment("assessments/fog").summary() == made.summary()
    True
    """
    return Assessment(path)
