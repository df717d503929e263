"""What the dialog of a new run is filled with at first. No Qt in here."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.datasets import NAMED
from tfstab.datasets.groups import drawn_in
from tfstab.datasets.remarks import reading_of, remarks_of
from tfstab.gui.jobs.command_order import MODEL_OPTIONS, CommandOrder
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.protocol import RunOrder
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.jobs.unknown_model import why_to_choose
from tfstab.gui.kinds import KINDS
from tfstab.runs.files import HARDENING, is_side
from tfstab.runs.info import model_of

if TYPE_CHECKING:
    from tfstab.assessment.opened import Assessment

# What is most probably wanted next, by the kind of the run in view.
LIKE = {"search": "search", "sweep": "sweep", "assessment": "assess"}
IMAGES = ("split", "limit", "images", "resize", "damaged")  # which images are taken, and how they are read

NOT_ENDED = (
    "This assessment was interrupted before its options were recorded. If you had set the number of images, "
    "the degradations or requirements, set them here again. What has been measured is kept."
)


@dataclass
class Draft:
    """What a dialog of a new run contains at first; None for its defaults.

    Attributes
    ----------
    model, data : str or None
        As in RunOrder; "" is left for the user to choose.
    kind : str or None
        One of `tfstab.gui.jobs.tasks.TASKS`.
    settings : dict
        Settings and limits of the kind of run, or values of the command's parameters.
    images : dict
        Values of some of IMAGES.
    options : dict
        Options of the model, as in RunOrder.
    runs : list of Path
        Runs to look at.
    out : str or None
        The folder of the results; None for a new one.
    beside : Path or None
        Where a new folder for the results is proposed; None for where the last one was.
    lacking : str
        Why the user has to choose the model, in a sentence, or "".
    failed : str
        Why the job failed that was ordered like this, in a sentence, or "".
    advised : dict
        The options of the model that would mend it, as in RunOrder, as far as they are known.
    note : str
        What to know before it is started, in sentences, or "".
    """

    model: str | None = None
    data: str | None = None
    kind: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    images: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    runs: list[Path] = field(default_factory=list)
    out: str | None = None
    beside: Path | None = None
    lacking: str = ""
    failed: str = ""
    advised: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def concerned(self) -> tuple[str, ...]:
        """Names of the parameters that the failure concerns, as far as its sentence names them or their values."""
        if self.advised:
            return tuple(self.advised)
        options = dict.fromkeys(re.findall(r"--([a-z][a-z-]*)", self.failed))
        if options:
            return tuple({"import": "imports"}.get(option, option.replace("-", "_")) for option in options)
        for name, value in (("model", self.model), ("data", self.data), ("train", self.settings.get("train"))):
            given = str(value or "")
            path = given.partition(":")[2] or given  # "folder:PATH"
            if path and re.search(rf"(?<![\w-]){re.escape(path)}(?![\w-])", self.failed):
                return (name,)
        quoted = set(re.findall(r"'([^']+)'", self.failed))  # such as one of several degradations
        lists = {name: re.split("[,@]", value) for name, value in self.settings.items() if isinstance(value, str)}
        return tuple(name for name, values in lists.items() if quoted.intersection(values))


def draft_of_job(job: Job) -> Draft:
    """Return a draft with everything that was ordered in a job, to try again if it failed, or to measure more."""
    return replace(draft_of_order(job.order), failed=job.sentence, advised=job.advised)


def draft_of_order(order: RunOrder | CommandOrder) -> Draft:
    """Return a draft with everything that was ordered."""
    if isinstance(order, RunOrder):
        limits = {name: value for name, value in order.limits.items() if name not in IMAGES}
        settings = order.settings | limits | {"target": order.target, "mask": order.mask}
        images = {name: getattr(order, name, order.limits.get(name)) for name in IMAGES}
        return Draft(order.model, order.data, order.kind, settings, images, order.options, out=order.out)
    rest = {name: value for name, value in order.values.items() if name not in ("model", "data", "runs")}
    settings = {name: value for name, value in rest.items() if name not in (*IMAGES, *MODEL_OPTIONS)}
    images = {name: rest.get(name) for name in IMAGES}
    runs = [Path(run) for run in order.values.get("runs", ())]
    left_empty = "" if "data" in TASKS[order.task].optional else None
    source = order.model or None, order.values.get("data") or left_empty, order.task
    return Draft(*source, settings, images, order.options, runs, order.out)


def draft_after(jobs: Sequence[Job]) -> Draft:
    """Return a draft of an assessment, with model and images of the last of these jobs that has a model.

    If that job is an assessment, its options are copied, too. Jobs that an earlier window has left behind do not count.
    """
    orders = (job.order for job in reversed(jobs) if job.state is not State.EARLIER and job.order.model)
    order = next(orders, None)
    if order is None:
        return Draft(kind="assess")
    like = draft_of_order(order)
    images = {name: value for name, value in like.images.items() if name not in ("limit", "images")}
    settings = like.settings if like.kind == "assess" else {}
    return Draft(like.model, like.data, "assess", settings, images, like.options)


def draft_of_run(info: Mapping[str, Any], path: Path, model: tuple[str, dict[str, Any]] | None) -> Draft:
    """Return a draft with the model and images of an open run.

    Parameters
    ----------
    info : mapping
        What run.json records.
    path : Path
        The run folder.
    model : tuple of str and dict, or None
        Where its model is, and the options with which it was loaded; None if that is not known.
    """
    data = info.get("data", {})
    name, split = str(data.get("name", "")), str(data.get("split", "test"))
    kind = str(info.get("kind", ""))
    draft = Draft(kind=LIKE.get(kind), runs=[path], beside=folder_beside(path))
    if kind in KINDS:
        draft.settings = {name: value for name, value in info["settings"].items() if name not in ("target", "mask")}
        draft.settings["seed"] = info.get("seed", 0)
        if "sigmas" in draft.settings:
            draft.settings["severities"] = draft.settings.pop("sigmas")
    if model is not None:
        draft.model, draft.options = model
    elif "model" in info:  # another network, or other images, than the run's must not be taken by mistake
        draft.model, draft.lacking = "", why_to_choose(model_of(info))
    there = name in NAMED or any(Path(name.removeprefix(start)).exists() for start in ("folder:", "images:"))
    draft.data = name if there else ""
    if there:
        draft.images = {"split": split} | reading_of(remarks_of(data))
    return draft


def continued(draft: Draft, info: Mapping[str, Any]) -> Draft:
    """Return a draft with the settings and the number of images that an explanation, which goes on, records."""
    settings = {name: info["settings"][name] for name in ("sigma", "copies", "max_queries") if name in info["settings"]}
    only = ",".join(info["settings"].get("only", ())) or None
    images = draft.images | {"limit": int(info["data"]["images"])}
    return replace(draft, settings=settings | {"only": only, "seed": info["seed"]}, images=images)


def assessed_more(draft: Draft, folder: Path, seed: int) -> Draft:
    """Return a draft that goes on with an assessment: with the options that it records, in its folder.

    draft: of the model and the images, as from `draft_of_run`. seed: of its runs.
    """
    # Imported here, because the window appears sooner without it.
    from tfstab.assessment.results import earlier_settings, records_settings

    given = ({"seed": seed} if seed else {}) | earlier_settings(folder)
    images = {name: given.pop(name) for name in IMAGES if name in given}
    note = "" if records_settings(folder) else NOT_ENDED
    return replace(draft, kind="assess", settings=given, images=draft.images | images, out=str(folder), note=note)


def assessed_alike(draft: Draft, folder: Path) -> Draft:
    """Return a draft for another assessment, with the options that the one in a folder records except its images."""
    from tfstab.assessment.results import earlier_settings  # here, because the window appears sooner without it

    return replace(draft, settings={name: one for name, one in earlier_settings(folder).items() if name not in IMAGES})


def hardened_alike(draft: Draft, assessment: "Assessment") -> Draft:
    """Return a draft of the hardening that an assessment proposes.

    If the assessment measured degradations of the user's own, the model is trained on these as well as on the built-in
    ones. If degradations were chosen for the assessment, both models are compared under these only.
    """
    # Imported here, because the window appears sooner without it.
    from tfstab.assessment.results import earlier_settings
    from tfstab.orders.proposed import ordinary

    chosen = earlier_settings(assessment.path).get("degradation")
    return replace(draft, settings=ordinary(assessment)[0] | ({} if chosen is None else {"degradation": chosen}))


def measured_more(draft: Draft, run: Any) -> Draft:
    """Return a draft that goes on with a search or a sweep: with its images, in its folder.

    draft: of the run, as from `draft_of_run`. run: the run, opened.
    """
    indices = run.clean.indices
    first, end = int(indices.min()), int(indices.max()) + 1
    # A span would take all images of the groups in place of one of each.
    is_span = len(indices) == end - first and drawn_in(remarks_of(run.info["data"])) is None
    chosen = {"images": f"{first}:{end}"} if is_span else {"limit": len(indices)}
    return replace(draft, images=draft.images | chosen, out=str(run.path))


def folder_beside(run: Path) -> Path | None:
    """Return the folder that a run, or the assessment or hardening that it is a part of, is in; None if not writable.

    A run in the folder of a hardening would be opened together with its two networks.
    """
    from tfstab.assessment.results import RESULTS  # here, because the window appears sooner without it

    above = run.absolute().parent
    home = above.parent if (above / RESULTS).is_file() or is_side(above) else above
    home = home.parent if (home / HARDENING).is_file() else home
    return home if os.access(home, os.W_OK) else None
