"""What the failure card knows of one degraded image: the parts of the child's answer, and the cause in words."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import TfstabError
from tfstab.gui.content.robustness import ONE_IMAGE
from tfstab.gui.content.triple import Subject, Triple
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs.card import MISSING
from tfstab.runs.files import assessment_around

if TYPE_CHECKING:
    from tfstab.explanation.image_words import ImageFindings, Spectrum
    from tfstab.explanation.lost_class import LostClass
    from tfstab.explanation.shared_mistake import SharedMistake
    from tfstab.gui.content.copies import Copies

PARTS = ("margin", "random", "layers", "neighbours", "maps")  # of the child's answer


@dataclass(frozen=True, eq=False)
class AtOnce:
    """What follows from the run, without the model.

    Attributes
    ----------
    spectrum : Spectrum
        The frequencies of the noise.
    copies : Copies or None
        The classes that copies of the image are taken for, in a sweep.
    problem : str
        Why the copies could not be read, or "".
    shared : SharedMistake or None
        How many images of other classes get the same prediction at this severity, if they are many.
    lost : LostClass or None
        The class of the image, if most of its images are misclassified at this severity.
    when_clean : ImageFindings or None
        What is known of an image that is wrong when clean, as `tfstab inspect` says it; None if it is right.
    everywhere : Viewpoint or None
        The image under the degradations of the assessment that the run belongs to; None if it belongs to none.
    """

    spectrum: "Spectrum"
    copies: "Copies | None" = None
    problem: str = ""
    shared: "SharedMistake | None" = None
    lost: "LostClass | None" = None
    when_clean: "ImageFindings | None" = None
    everywhere: Viewpoint | None = None


@dataclass(eq=False)
class CardContent:
    """What is known so far of one degraded image.

    Attributes
    ----------
    triple : Triple
        The image, with a subject.
    at_once : AtOnce or None
        What follows from the run, once it has been read.
    parts : dict of str to dict
        The parts of the child's answer that have come, as `tfstab.gui.jobs.card` sends them.
    problem : str
        Why no more parts will come, or "".
    """

    triple: Triple
    at_once: AtOnce | None = None
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    problem: str = ""

    def part(self, name: str) -> dict[str, Any] | None:
        """Return a part of the answer; None if it has not come or could not be made."""
        part = self.parts.get(name)
        return None if part is None or MISSING in part else part

    def lacks(self, name: str) -> str:
        """Return why a part that has come holds nothing; "" if it does, or has not come."""
        return str(self.parts.get(name, {}).get(MISSING, ""))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        subject = self.triple.subject
        assert subject is not None
        return tuple(subject.run.class_names)

    @property
    def rival(self) -> int:
        """The class that the true one is compared with, as in `tfstab.explanation.degraded_image.DegradedImage`."""
        margin, subject = self.part("margin"), self.triple.subject
        assert subject is not None
        return subject.predicted if margin is None else int(margin["rival"])

    @property
    def rival_says(self) -> str:
        """The name of the rival, and why the true class is compared with it."""
        subject, name = self.triple.subject, self.names[self.rival]
        assert subject is not None
        clean = subject.run.clean
        if not clean.correct[clean.row(subject.image)]:
            return f"{name} (predicted when clean)"
        return f"{name} ({'next class' if subject.predicted == subject.actual else 'predicted'})"

    @property
    def change(self) -> str:
        """What the difference between clean and degraded image is called in a sentence."""
        from tfstab.explanation.image_words import called

        return called(self.triple.noise_is)

    @property
    def findings(self) -> "ImageFindings":
        """What is known, for the words of the cause; of an image that is wrong when clean, about the clean image."""
        if self.at_once is not None and self.at_once.when_clean is not None:
            return self.at_once.when_clean
        from tfstab.explanation.image_words import ImageFindings, clean_scores, gain_ratios
        from tfstab.explanation.random_noise import RandomNoise
        from tfstab.explanation.shortfall import Place
        from tfstab.explanation.unseen import where_unknown
        from tfstab.search import SearchRun

        subject = self.triple.subject
        assert subject is not None
        scores = subject.run.clean.scores[subject.run.clean.row(subject.image)]
        margin, random, layers = (self.part(name) for name in ("margin", "random", "layers"))
        none_known: list[Place] | None = [] if "layers" in self.parts else None  # [] if there is no hope of any
        return ImageFindings(
            actual=self.names[subject.actual],
            predicted=self.names[subject.predicted],
            **clean_scores(self.names, scores, subject.actual),
            margins=tuple(margin["margins"]) if margin else (),
            random=RandomNoise(**random) if random else None,
            places=[Place(*place) for place in layers["places"]] if layers else none_known,
            unseen="" if layers else where_unknown(subject.run.info),
            gains=gain_ratios(layers["names"], layers["gain"], layers["random_gain"]) if layers else {},
            others=layers["others"] if layers else None,
            spectrum=self.at_once.spectrum if self.at_once and isinstance(subject.run, SearchRun) else None,
            change=self.change,
            shared=self.at_once.shared if self.at_once else None,
            lost=self.at_once.lost if self.at_once else None,
        )


def read_at_once(triple: Triple) -> AtOnce:
    """Return what follows from the run, as far as it can be read; called in a worker."""
    from tfstab.explanation.failure import failure_when_clean
    from tfstab.explanation.image_words import spectrum_of
    from tfstab.explanation.lost_class import lost_class
    from tfstab.explanation.shared_mistake import shared_mistake
    from tfstab.gui.content.copies import copies_of
    from tfstab.sweep import SweepRun

    subject = triple.subject
    assert subject is not None
    run, spectrum = subject.run, spectrum_of(triple.clean, triple.noise)
    try:
        copies = copies_of(run, subject.image) if isinstance(run, SweepRun) else None
        wrong = failure_when_clean([run, *subject.others], subject.image)
        known = AtOnce(spectrum, copies, everywhere=_everywhere(subject))
        if wrong is not None:
            return replace(known, when_clean=wrong.findings)
        shared = shared_mistake(run, subject.severity_index, subject.predicted)
        return replace(known, shared=shared, lost=lost_class(run, subject.severity_index, subject.actual))
    except (TfstabError, OSError) as error:
        return AtOnce(spectrum, problem=f"The run cannot be read: {error}")


def _everywhere(subject: Subject) -> Viewpoint | None:
    from tfstab.runs.together import is_collection
    from tfstab.sweep import SweepRun

    run, place = subject.run, subject.severity_index
    folder, shown = assessment_around(Path(run.path)), dict[str, Any](selected=subject.image)
    if isinstance(run, SweepRun) and place is not None:
        shown["copy"] = [run.degradation.name, place]
    there = Viewpoint.at(folder, "Robustness", robustness={"part": ONE_IMAGE}, **shown)
    return there if is_collection(folder) else None


def question_of(triple: Triple) -> dict[str, Any]:
    """Return the arguments of the question "card" about a triple."""
    subject = triple.subject
    assert subject is not None
    return {
        "images": np.stack([triple.clean.astype(np.float32), triple.degraded.astype(np.float32)]),
        "image": subject.image,
        "class_index": subject.actual,
        "names": list(subject.run.class_names),
        "folder": str(subject.run.path),
        "severity_index": subject.severity_index,
    }
