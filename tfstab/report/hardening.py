"""`Hardening`, what `tfstab.harden` returns: the hardened model and its comparison with the original."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.preprocess import about
from tfstab.classifier.threshold import DEFAULT
from tfstab.degradations import BUILT_IN
from tfstab.errors import InputError
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import sentences, unmeasured_sentence
from tfstab.names import printed
from tfstab.report.harden_time import USEFUL
from tfstab.report.hardening_limits import (
    control_advice,
    few_compared,
    has_own_validation,
    longer_training,
    validation_of,
)
from tfstab.report.trained_on import trained_on
from tfstab.runs.files import REPORT, SIDES
from tfstab.training.hardening_card import OWN_TRAINING, shortened_sentence
from tfstab.training.hardening_config import FEWEST_WATCHED
from tfstab.training.tried_shares import limited_sentence, tried_shares
from tfstab.wording import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfstab.classifier import Classifier
    from tfstab.datasets import Dataset
    from tfstab.orders.step import Step
    from tfstab.training.hardening import Hardened

TRAINS = (
    "To train the model on degraded images, leave out `--remedy without_training`; if you use `--out`, name another "
    "folder (in Python without remedy=, and with another folder as out=)."
)


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
            return "\n".join([self.hardened.summary(), *training, *self._shortened])
        said = sentences(self.comparison, self.caveats)
        lines = said[(first := 2 + len(self.caveats)) :]  # what is compared, the lead and caveats come first
        lines += [self.few_compared] if self.few_compared else []
        lines += [*self.shortages, cost_sentence(self.inference_cost)]
        return "\n".join([*self._unmeasured, *said[:first], *(f"- {line}" for line in lines)])

    @property
    def few_compared(self) -> str:
        """On how few images the models were compared for lack of time, and what to do; "" if on all."""
        return "" if self.comparison is None else few_compared(self.comparison, self.available, self.too_few)

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
    def too_few(self) -> str:
        """What to do if too few images were degraded for intervals of use, as a sentence; "" if there are enough."""
        if self.enough_minutes is None:
            return ""
        return (
            "These are too few for useful intervals: run the same command again with "
            f"`--minutes {self.enough_minutes}` (in Python minutes={self.enough_minutes}), enough for about "
            f"{min(USEFUL, self.available)} images. It does not train again."
        )

    @property
    def shortages(self) -> list[str]:
        """What else there was no time for: training steps, validation images, minimum noise, in sentences."""
        told = self._shortened
        if self.chosen_on is not None:
            used, available = self.chosen_on
            chosen = "remedy was" if "cannot_train" in self.card else "weights were"
            told.append(f"For lack of time, the {chosen} chosen on only {used:,} of {available:,} validation images.")
        return [*told, *self._without_noise]

    @property
    def unmeasured(self) -> str:
        """Which degradations were not measured for lack of time, and what to do, in sentences; "" if all were."""
        if self.comparison is None or not self.left_out:
            return ""
        told = unmeasured_sentence(len(self.comparison.families), self.left_out)
        return f"{told} Run the same command again to measure more of them: it does not train again."

    @property
    def _unmeasured(self) -> list[str]:
        return [self.unmeasured] if self.unmeasured else []

    @property
    def _shortened(self) -> list[str]:
        """A sentence that the training has fewer steps than planned; [] if it has not."""
        return [said] if (said := shortened_sentence(self.card)) else []

    @property
    def _few_searched(self) -> list[str]:
        """A sentence that minimum noise was searched for in fewer images than planned; [] if it was not."""
        search = None if self.comparison is None else self.comparison.search
        if search is None or search.first.complete:
            return []
        done, planned = len(search.first.images), int(search.first.info["data"]["images"])
        return [
            f"For lack of time, minimum noise was searched for in only {done:,} of {planned:,} images. Run the same "
            "command again for more."
        ]

    @property
    def _without_noise(self) -> list[str]:
        """A sentence that minimum noise was not compared, or for fewer images than planned; [] if that is not so."""
        if self.comparison is None or not self._searches:
            return []
        if self.comparison.unlike:
            return [f"Minimum noise is not compared: {self.comparison.unlike}"]
        if self.comparison.search is None:
            return ["Minimum noise was not measured, for lack of time: run the same command again."]
        found = next((change for change in self.comparison.changes if change.name == "minimum_noise"), None)
        if found is not None and found.told:
            return self._few_searched
        count = 0 if found is None else found.images
        return [
            f"Minimum noise was found for both models in only {counted(count)}, too few to say whether it changes: run "
            "the same command again for more."
        ]

    @property
    def used_for_validation(self) -> int | None:
        """On how many images the weights were chosen, perhaps fewer than were set aside; None if unknown."""
        used: int | None = self.card["validation"].get("images", validation_of(self.card).get("images"))
        return used

    @property
    def chosen_on(self) -> tuple[int, int] | None:
        """On how many validation images the choice was made, if there was no time for all or 200 of them."""
        used, available = self.card["validation"].get("images"), validation_of(self.card).get("images")
        if not (isinstance(used, int) and isinstance(available, int)) or used >= min(available, FEWEST_WATCHED):
            return None
        return used, available

    @property
    def goes_on(self) -> bool:
        """Whether the same command makes the comparison more precise, without training again."""
        return self.comparison is not None and self.model is not None and (self._searches or not self.all_compared)

    @property
    def _searches(self) -> bool:
        """Whether minimum noise is searched for: votes have none."""
        return self.searched and self.classifier.combine != "vote"

    @property
    def all_compared(self) -> bool:
        """Whether all images are compared under every degradation, so that more time hardly narrows the intervals."""
        both = self.comparison
        return both is not None and len(both.images) == len(both.on_clean.images)

    @property
    def next_steps(self) -> list[str]:
        """What to do next, as `print` shows it: sentences, and Python calls with what they are for after a "#".

        In the calls, `hardening` stands for this object, and names of parameters for what `harden` was given.
        """
        if self.comparison is None or not self.trainings:
            return [*self.advice, *self.calls]
        return [*self._threshold, *self.trainings, *self._on_other_images, *self.calls]

    @property
    def advice(self) -> list[str]:
        """What else to do next, in sentences with commands and options in backticks, as reports show it."""
        if self.comparison is None:
            return self._after_no_change()
        if self.model is None:
            return [OWN_TRAINING]
        longer = [
            "To train for longer, give more `--minutes` and another folder with `--out` (in Python minutes= and out=)."
        ]
        longer = [self._training] if "cannot_train" in self.card else [*longer, *self._control]
        return [*self._threshold, *longer, *self._on_other_images]

    @property
    def _threshold(self) -> list[str]:
        """That a decision threshold of one's own was chosen for other scores, in a sentence; [] for the default."""
        threshold = self.classifier.threshold
        if threshold == DEFAULT:
            return []
        return [
            f"Choose a new decision threshold for the hardened model, on validation images: {threshold:g} was chosen "
            "for the scores of the original model (`tfstab guide rare-classes`)."
        ]

    @property
    def calls(self) -> list[str]:
        """Python calls to make next, in which `hardening` stands for this object; [] for none."""
        if self.comparison is None or self.model is None or self.test_images is None or has_own_validation(self.card):
            return []
        why = "the hardened model on the test images that were not used to choose its weights"
        return [f"assessment = tfstab.assess(hardening.classifier, hardening.test_images)  # {why}"]

    @property
    def _on_other_images(self) -> list[str]:
        """On which images to assess the hardened model, and why, in sentences; [] if all test images may serve."""
        if has_own_validation(self.card):
            return []
        used, aside = self.used_for_validation, validation_of(self.card).get("images")
        those = (
            "some of the test images" if used is None else f"{used:,} test images that were set aside for validation"
        )
        if used is not None and isinstance(aside, int) and used < aside:  # for more, there was no time
            those = f"{used:,} of the {aside:,} test images that were set aside for validation"
        chosen, it = "The weights of the hardened model were", "it"
        if "cannot_train" in self.card:
            chosen, it = "The remedy was", "the hardened model"
        images = "other images"
        if self.available:
            rest = counted(self.available, "test image")
            images = f"new images, or the other {rest}; the models are compared only on these"
        return [f"{chosen} chosen on {those}, so {it} may look better on these than it is. To assess it, use {images}."]

    @property
    def _control(self) -> list[str]:
        """How to measure what longer training alone gains; [] without training or a gain, or if `control` shows it."""
        if not self.caveat or self.control:
            return []
        return [control_advice(self.card)]

    def _after_no_change(self) -> list[str]:
        """Return what may help if nothing was adopted."""
        if "cannot_train" in self.card:
            every = set(BUILT_IN) <= set(self.card.get("settings", {}).get("against", ()))
            fewer = "With fewer degradations (`--against`, in Python against=), one of these remedies may help."
            return [*self._more_images, self._training, *([fewer] if every else [])]
        if self.retrain_minutes is None:
            longer = "To train for longer, harden again in another folder (`--out`, in Python out=) with more time."
        else:
            longer = (
                f"To train for longer, run the same command again with {_minutes(self.retrain_minutes)} or more: it "
                "then trains again from the original weights."
            )
        return [
            longer,
            "More training images or fewer degradations (`--against`, in Python against=) may help, too; more "
            f"{'validation' if has_own_validation(self.card) else 'test'} images make the choice more precise. Each of "
            "these, or another `--keep-clean` (in Python keep_clean=), starts a new hardening; if you use `--out`, "
            "name another folder (in Python out=).",
        ]

    @property
    def _training(self) -> str:
        """How a model that was hardened without training can be trained."""
        return TRAINS if self.card["cannot_train"] is None else OWN_TRAINING

    @property
    def _more_images(self) -> list[str]:
        """How to measure remedies without training on more validation images; [] if all were used."""
        if self.retrain_minutes is None:
            return []
        return [
            "There was no time for all validation images: run the same command again with "
            f"{_minutes(self.retrain_minutes)} or more. It keeps what it has measured, and measures the remedies on "
            "more of these images."
        ]

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


def _minutes(minutes: float) -> str:
    """Return the option that gives so many minutes, for the command line and for Python."""
    return f"`--minutes {round(minutes, 2):g}` (in Python minutes={round(minutes, 2):g})"


def cost_sentence(times: int) -> str:
    """Return how much computation the hardened model needs for an image, in words."""
    if times == 1:
        return "The hardened model needs as much computation for an image as the original."
    return f"The hardened model needs {times} times as much computation for an image as the original."
