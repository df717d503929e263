"""Which runs of an assessment are damaged, so that the others can be shown without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfstab.assessment.restoring import restorable
from tfstab.assessment.results import earlier_measured
from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import RunError
from tfstab.explanation import ExplanationRun
from tfstab.runs import RunFolder
from tfstab.runs.files import PARTS, assessment_around, of_rare_classes
from tfstab.runs.info import NewerRunError, runs_in
from tfstab.runs.opening import open_run
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.sweep.class_images import rare_folder
from tfstab.wording import listed

Run = SweepRun | SearchRun | ExplanationRun


@dataclass(frozen=True)
class Damage:
    """A run of which at least a part cannot be read, or is missing.

    Attributes
    ----------
    path : Path
        Its folder.
    reason : str
        What is damaged, a sentence.
    only_parts : bool
        Whether only parts or the clean images are damaged, and an assessment makes them again when it is continued.
    """

    path: Path
    reason: str
    only_parts: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether even its folder is missing."""
        return not self.path.is_dir()

    @property
    def assessment(self) -> Path:
        """The folder of the assessment that it is part of."""
        return assessment_around(self.path)

    @property
    def folder(self) -> str:
        """Its folder within the assessment, such as "fog" or "rare/fog"."""
        return self.path.relative_to(self.assessment).as_posix()

    @property
    def what(self) -> str:
        """Name of its results in a sentence, such as "fog" or "the minimum noise"."""
        name = self.path.name
        if name in degradation_names():
            title = get_degradation(name).title
            return f"the extra sample of the smaller classes under {title}" if of_rare_classes(self.path) else title
        return {SearchRun.kind: "the minimum noise", ExplanationRun.kind: "the explanation"}.get(name, name)


def open_whole(folder: Path) -> Run | Damage:
    """Return a run, or its damage if it cannot be opened; its parts are not read.

    Raises RunError for a run that was written by a newer tfstab.
    """
    try:
        run: Run = open_run(folder)
        return run
    except NewerRunError:
        raise
    except RunError as error:
        return Damage(folder, str(error), only_parts=restorable(folder))


def damage_of(run: Run) -> Damage | None:
    """Read the clean images and the parts of a run; return its damage, None if there is none."""
    try:
        _ = run.clean
    except RunError as error:
        return Damage(run.path, str(error), only_parts=restorable(run.path))
    try:
        if isinstance(run, SweepRun):
            _ = run.measures
        else:
            run.check_whole(*run.parts.values())
    except RunError as error:
        return Damage(run.path, str(error), only_parts=bool(run.damaged()))
    return None


def check_undamaged(*folders: Path) -> None:
    """Raise RunError if runs with which an assessment is to go on are damaged, before minutes are spent on others."""
    opened = [open_whole(folder) for folder in folders]
    read = [one if isinstance(one, Damage) else damage_of(one) for one in opened]
    lost = [damage for damage in read if damage is not None]
    if lost:
        places, what = (listed(each, most=len(lost)) for each in ([str(d.path) for d in lost], [d.what for d in lost]))
        them, these = ("it", "this folder") if len(lost) == 1 else ("them", "these folders")
        raise RunError(
            f"{places} cannot be continued, because files in {them} are damaged: delete {these}, then run the same "
            f"command again to measure {what} again."
        )


def without_record(assessment: Path) -> list[Damage]:
    """Return the damage of runs in an assessment whose run.json is missing, as if they had never been started.

    They were: other files of theirs exist, or assessment.json has their figures.
    """
    begun = {part.parents[1] for part in assessment.glob(f"*/{PARTS}/*")}
    begun |= {assessment / name for name in earlier_measured(assessment)}
    lost = sorted(begun - set(runs_in(assessment)))
    return [Damage(folder, f"{folder / 'run.json'} is missing.") for folder in lost]


def rare_damages(runs: Sequence[RunFolder]) -> list[Damage]:
    """Return the damage in the sweeps of further images of rare classes beside these runs; `rare_sweep` omits them."""
    folders = [folder for run in runs if isinstance(run, SweepRun) and (folder := rare_folder(run))]
    return [damage for folder in folders if (damage := _damage_in(folder))]


def _damage_in(folder: Path) -> Damage | None:
    """Open and read a sweep; return its damage, None if there is none."""
    try:
        return damage_of(SweepRun(folder))
    except NewerRunError:
        raise
    except RunError as error:
        return Damage(folder, str(error))


def whole_runs(folders: Sequence[Path]) -> tuple[list[Run], list[Damage]]:
    """Open and read runs; return the undamaged runs, and what is wrong with the others.

    Raises RunError if all of them are damaged.
    """
    opened = [open_whole(folder) for folder in folders]
    read = [one if isinstance(one, Damage) else damage_of(one) or one for one in opened]
    whole = [one for one in read if not isinstance(one, Damage)]
    damaged = [one for one in read if isinstance(one, Damage)]
    if not whole:
        raise RunError(damaged[0].reason)
    return whole, damaged
