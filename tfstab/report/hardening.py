"""`Hardening`, what `tfstab.harden` returns: the hardened model and its comparison with the original."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.preprocess import about
from tfstab.errors import InputError
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import sentences
from tfstab.names import printed
from tfstab.report.hardening_advice import next_steps
from tfstab.report.hardening_limits import longer_training
from tfstab.report.hardening_shortages import compared_on_few, shortages, unmeasured
from tfstab.report.trained_on import trained_on
from tfstab.runs.files import REPORT, SIDES
from tfstab.training.hardening_card import shortened_sentence
from tfstab.training.tried_shares import limited_sentence, tried_shares

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfstab.classifier import Classifier
    from tfstab.datasets import Dataset
    from tfstab.orders.step import Step
    from tfstab.training.hardening import Hardened


@dataclass(frozen=True, eq=False)
class Hardening:
    """A hardened model and its paired comparison with the original.

    Attributes
    ----------
    path : Path
        The folder: model, model card, report, and the runs of both models in `original` and `hardened`.
    hardened : Hardened
        The hardened model with its model card and its file.
    comparison : RemedyComparison or None
        Figures of both models on the same degraded test images; None if nothing was adopted, so that there is only one
        model.
    minutes : float
        How long this call took.
    available : int
        Test images for the comparison, for all of which there may have been no time; 0 if that is not known.
    retrain_minutes : float or None
        If nothing was adopted: with so many minutes, the same call trains again; None if it never does.
    left_out : tuple of str
        Titles of the degradations under which there was no time to compare the models.
    enough_minutes : int or None
        If so few images were degraded that the intervals are of little use: with so many minutes, the same call
        degrades about 50 of them, roughly.
    control : tuple of Step
        Commands that train a control on clean images only and compare it; () if nothing was gained, or if the model was
        not hardened by a command.
    larger : tuple of Step
        A command that allows a larger share of the fine-tuned weights; () if the limit for clean accuracy excluded
        none, or if the model was not hardened by a command.
    trainings : tuple of str
        Python calls that train other models, such as a control, each with what it is for after a "#"; () if the model
        was hardened by a command, or if it was left unchanged.
    searched : bool
        Whether minimum noise was to be searched for.
    test_images : Dataset or None
        The test images that were not used to choose the weights; the models are compared on these. Their `indices` are
        positions in the images that were given. None if these are not known.
    """

    path: Path
    hardened: "Hardened"
    comparison: RemedyComparison | None
    minutes: float
    available: int = 0
    retrain_minutes: float | None = None
    left_out: tuple[str, ...] = ()
    enough_minutes: int | None = None
    control: "tuple[Step, ...]" = ()
    larger: "tuple[Step, ...]" = ()
    trainings: tuple[str, ...] = ()
    searched: bool = True
    test_images: "Dataset | None" = None

    def __repr__(self) -> str:
        """Return the folder and the model's name."""
        return f"Hardening({str(self.path)!r}, {self.classifier.name!r})"

    @property
    def classifier(self) -> "Classifier":
        """The hardened model."""
        return self.hardened.classifier

    @property
    def card(self) -> dict[str, Any]:
        """Its model card."""
        return self.hardened.card

    @property
    def model(self) -> Path | None:
        """Its file; None if it cannot be saved as a `.keras` file."""
        return self.hardened.path

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.path / REPORT

    @property
    def remedy(self) -> str:
        """Title of the remedy."""
        return str(self.card["remedy"]["title"])

    @property
    def inference_cost(self) -> int:
        """How much computation an image needs, in multiples of what it needs with the original."""
        return int(self.card.get("inference_cost", 1))

    def summary(self) -> str:
        """Return what changed in a few sentences, with 95 % intervals, and what scoring an image costs."""
        if self.comparison is None:
            tried = "" if "cannot_train" in self.card else trained_on(self.card)
            training = [f"The weights that were tried were {tried[0].lower()}{tried[1:]}"] if tried else []
            return "\n".join(filter(None, [self.hardened.summary(), *training, shortened_sentence(self.card)]))
        said = sentences(self.comparison, self.caveats)
        lines = said[(first := 2 + len(self.caveats)) :]  # what is compared, the lead and caveats come first
        lines = [*lines, compared_on_few(self), *shortages(self), cost_sentence(self.inference_cost)]
        return "\n".join(filter(None, [unmeasured(self), *said[:first], *(f"- {line}" for line in lines if line)]))

    @property
    def next_steps(self) -> list[str]:
        """What to do next, as `print` shows it: sentences, and Python calls with what they are for after a "#".

        In the calls, `hardening` stands for this object, and names of parameters for what `harden` was given.
        """
        return next_steps(self)

    @property
    def caveat(self) -> str:
        """That gains may come from longer training alone, in a sentence; "" without training or a gain."""
        return "" if self.comparison is None else longer_training(self.card, self.comparison)

    @property
    def caveats(self) -> list[str]:
        """What to know of the gains, in paragraphs: on what the model was trained, the caveat, and the limit's cost."""
        trained = "" if self.comparison is None else trained_on(self.card, self.comparison.families)
        return [told for told in (trained, self.caveat, limited_sentence(tried_shares(self.card))) if told]

    def plot(self) -> "Figure":
        """Draw the accuracies of both models on clean images and under each degradation, as `compare` of both does.

        Returns
        -------
        matplotlib.figure.Figure
            The figure of `FolderComparison.plot`.

        Raises
        ------
        InputError
            Nothing was adopted, so there is only one model.
        """
        from tfstab.experiments.folders_compared import Folder, FolderComparison

        if self.comparison is None:
            raise InputError("there is nothing to draw: no remedy was adopted, so there is only one model.")
        return FolderComparison(*(Folder.open(self.path / side) for side in SIDES)).plot()

    def __str__(self) -> str:
        """Return the summary, which directions were not measured, which inputs the file takes, and what to do next."""
        one_way = "" if self.comparison is None else self.comparison.one_way
        notes = "\n".join(filter(None, [one_way, self._inputs]))
        steps = "\n      ".join(self.next_steps)
        return "\n\n".join(filter(None, [self.summary(), notes, steps and f"Next: {steps}"]))

    @property
    def _inputs(self) -> str:
        """Which inputs the hardened model's file takes, as a sentence; "" without one."""
        if self.comparison is None or self.model is None:
            return ""
        return f"Outside tfstab, {printed(self.model.name)} takes inputs {about(self.classifier.form['preprocess'])}."

    @property
    def goes_on(self) -> bool:
        """Whether the same command makes the comparison more precise, without training again."""
        return self.comparison is not None and self.model is not None and (self.searches or not self.all_compared)

    @property
    def searches(self) -> bool:
        """Whether minimum noise is searched for: votes have none."""
        return self.searched and self.classifier.combine != "vote"

    @property
    def all_compared(self) -> bool:
        """Whether all images are compared under every degradation, so that more time hardly narrows the intervals."""
        both = self.comparison
        return both is not None and len(both.images) == len(both.on_clean.images)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison and the paths of the files, as values that JSON can hold."""
        name = self.card["original"]["name"]
        nothing = {"before": name, "after": name, "images": 0, "figures": {}, "families": {}, "classes": {}}
        return {
            "model": None if self.model is None else str(self.model),
            "report": str(self.report),
            "remedy": self.remedy,
            "inference_cost": self.inference_cost,
            "unchanged": self.comparison is None,
            "unmeasured": list(self.left_out),
            "shortened": shortened_sentence(self.card) or None,
            **(nothing if self.comparison is None else self.comparison.to_json()),
        }

    def _repr_html_(self) -> str:
        """Return the summary and what to do next as HTML, for a notebook."""
        return "".join(f"<p>{html.escape(line)}</p>" for line in str(self).splitlines() if line)


def cost_sentence(times: int) -> str:
    """Return how much computation the hardened model needs for an image, in words."""
    if times == 1:
        return "The hardened model needs as much computation for an image as the original."
    return f"The hardened model needs {times} times as much computation for an image as the original."
