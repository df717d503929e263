"""Says of runs that inputs or classes seem to be wrong, that images are grey, or that an assessment ended early."""

from collections.abc import Sequence
from pathlib import Path

from tfstab.assessment.results import earlier_note, earlier_unmeasured, earlier_unsearched
from tfstab.classifier.input_note import as_reported
from tfstab.classifier.preprocess import about
from tfstab.classifier.source import DEFAULTS
from tfstab.classifier.taken import REPEATED
from tfstab.datasets.class_folders import LEFT_OUT, NESTED
from tfstab.datasets.columns import MAY_DIVIDE, MAY_GROUP
from tfstab.datasets.copies import CONTRADICTING, COPIES, NOT_ALL_RIGHT
from tfstab.datasets.groups import (
    UNGROUPED,
    UNNAMED_SIGNS,
    UNUSED,
    drawn_in,
    few_groups_advice,
    groups_drawn,
    together_note,
)
from tfstab.datasets.remarks import (
    DAMAGED_LEFT_OUT,
    GREY_AMONG_COLOUR,
    TURNED_UPRIGHT,
    UPPER_BITS,
    count_in,
    remarks_of,
)
from tfstab.datasets.splits import training_warning
from tfstab.degradations import get_degradation
from tfstab.models.validation import chosen_by_notes
from tfstab.names import printed, quoted, shortened
from tfstab.orders import data_name
from tfstab.runs import RunFolder
from tfstab.runs.form import recorded_form
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import counted, listed

OF_OTHERS = "`tfstab guide images` shows what the others would add, and how to measure them in Python."


def input_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return what the check of the inputs said, in one text for each model and its images; none for nothing.

    Of several runs, the one with the most images counts. Assessments of older versions keep it in their own file only.
    """
    notes: dict[tuple[str, ...], str] = {}
    for run in sorted(runs, key=lambda run: -int(run.info["data"]["images"])):
        model, data = run.info["model"], run.info["data"]
        key = model["fingerprint"], str(recorded_form(model)), data["name"], data["split"]
        note = earlier_note(run.path.parent) or run.input_note
        if note:
            notes.setdefault(key, as_reported(note, model["name"]))
    return list(notes.values())


def compared_input_notes(runs: tuple[RunFolder, RunFolder], names: tuple[str, str]) -> list[str]:
    """Return that two runs' networks are read in different ways, and what the check of the inputs said.

    names: what the two networks are called.
    """
    forms = [str(run.info["model"].get("preprocess", "none")) for run in runs]
    notes = []
    if forms[0] != forms[1]:
        one, other = (f"{name} gets {about(form)}" for name, form in zip(names, forms, strict=True))
        notes.append(f"The inputs differ: {printed(one)}, {printed(other)}.")
    notes += [*_other_orders(runs, names), *_other_thresholds(runs, names)]
    for run, name in zip(runs, names, strict=True):
        if note := earlier_note(run.path.parent) or run.input_note:
            notes.append(as_reported(note, name))
    return notes


def _other_orders(runs: tuple[RunFolder, RunFolder], names: tuple[str, str]) -> list[str]:
    """Return a sentence on the classes that the outputs of two runs' networks stand for if their order differs."""
    first, second = (tuple(run.class_names) for run in runs)
    if first == second or sorted(first) != sorted(second):
        return []
    k = next(k for k, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1])
    (one, other), (a, b) = map(printed, names), (quoted(shortened(each[k], 60)) for each in (first, second))
    return [
        f"The outputs are named in different orders: output {k} stands for {a} in {one} and for {b} in {other}, for "
        "example. If both were trained with the same order, one of these orders is wrong, and the figures of its "
        "network mean little."
    ]


def _other_thresholds(runs: tuple[RunFolder, RunFolder], names: tuple[str, str]) -> list[str]:
    """Return a sentence on the decision thresholds of two runs' networks if they differ."""
    first, second = (run.info["model"].get("threshold", DEFAULTS["threshold"]) for run in runs)
    if first == second:
        return []
    one, other = map(printed, names)
    return [
        f"The decision thresholds differ: {first:g} of {one}, {second:g} of {other}. A threshold trades the recall of "
        "one class for that of the other, so a difference between the two may come from it alone."
    ]


def file_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each data set which files were left out, and what stands out about the others, such as 16 bits."""
    noted = dict.fromkeys((str(run.info["data"]["name"]), remarks_of(run.info["data"])) for run in runs)
    notes = []
    for name, remarks in noted:
        damaged, grey = count_in(remarks, DAMAGED_LEFT_OUT), count_in(remarks, GREY_AMONG_COLOUR)
        if damaged:
            notes.append(f"{counted(damaged, 'damaged file')} of {data_name(name)} left out.")
        notes += [f"{data_name(name)}: {what}: {count:,}." for what in LEFT_OUT if (count := count_in(remarks, what))]
        if nested := count_in(remarks, NESTED):
            are = "is in a folder" if nested == 1 else "are in folders"
            notes.append(f"{counted(nested)} of {data_name(name)} {are} inside class folders.")
        if deep := count_in(remarks, UPPER_BITS):
            notes.append(f"{counted(deep, 'file')} of {data_name(name)} with 16 bits a channel: the upper 8 are kept.")
        if turned := count_in(remarks, TURNED_UPRIGHT):
            are = "is" if turned == 1 else "are"
            notes.append(
                f"{counted(turned, 'file')} of {data_name(name)} {are} turned upright, as the EXIF data say. Some "
                "loaders do not turn files, such as Keras' image_dataset_from_directory and Pillow's Image.open. A "
                "model that was trained with one of them may be less accurate here."
            )
        if contradicting := count_in(remarks, CONTRADICTING):
            notes.append(
                f"{counted(contradicting, 'file')} of {data_name(name)} have the same content as a file of another "
                f"class, {NOT_ALL_RIGHT}."
            )
        if copies := count_in(remarks, COPIES):
            are = "is a copy of another" if copies == 1 else "are copies of others"
            notes.append(
                f"{counted(copies, 'file')} of {data_name(name)} {are} in the same class. Intervals assume independent "
                "images: with many copies they are too narrow."
            )
        if values := count_in(remarks, MAY_DIVIDE):
            notes.append(
                f"The table of {data_name(name)} has no column split, so all of its images are measured. Another "
                f"column has {values} values that may name splits: training images may be among those measured."
            )
        if values := count_in(remarks, MAY_GROUP):
            notes.append(
                f"The table of {data_name(name)} has a column with {counted(values, 'value')}, which is not read but "
                "may name groups of images. If images with the same value belong together, as those of one patient or "
                "one video do, intervals are too narrow."
            )
        if grey:
            are = "is" if grey == 1 else "are"
            notes.append(f"{counted(grey, 'file')} of {data_name(name)} {are} grey, the others in colour.")
    return list(dict.fromkeys(notes))


def threshold_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each model with another decision threshold than 0.5 a sentence on it and on the scores shown."""
    infos = [run.info for run in runs if "threshold" in run.info["model"]]
    moved = {(i["model"]["name"], i["model"]["threshold"], i["data"]["class_names"][1]) for i in infos}
    return [
        f"{model} predicts {name} if its score of this class is above the threshold {threshold:g}. Scores are "
        "shown shifted, so that the threshold is at 0.5; the calibration error (ECE) is that of the model's own scores."
        for model, threshold, name in sorted(moved)
    ]


def group_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each data set with groups that one image of each group was drawn, or that several are measured."""
    noted = dict.fromkeys((str(run.info["data"]["name"]), remarks_of(run.info["data"])) for run in runs)
    together = [note for name, remarks in noted if (note := together_note(remarks, of=data_name(name)))]
    unnamed = [
        f"The test images of {data_name(name)} are {UNNAMED_SIGNS}, and which of them show the same sign is not "
        "published. So intervals hold for photographs of these signs; for other signs they are too narrow."
        for name, remarks in noted
        if UNNAMED_SIGNS in remarks
    ]
    unused = [
        f"A table in {data_name(name)} names groups of images, which are not used. If images of one group are alike, "
        "intervals are too narrow. To measure one image of each group, give the table in place of the folder."
        for name, remarks in noted
        if UNUSED in remarks
    ]
    return [*together, *unused, *unnamed] + [
        f"{data_name(name)} has {counted(drawn[1])} of {groups_drawn(remarks)}. One image of each group was drawn at "
        "random, and only these images are measured, because images of one group are not independent. "
        f"{_ungrouped(remarks)}{few_groups_advice(*drawn) or OF_OTHERS}"
        for name, remarks in noted
        if (drawn := drawn_in(remarks))
    ]


def _ungrouped(remarks: str) -> str:
    """Return what images without a group do to the figures, "" if there are none."""
    if not count_in(remarks, UNGROUPED):
        return ""
    return (
        "Images without a group count as independent. If some of them belong together, intervals are too narrow, and "
        "their classes have too much weight: name their groups, too. "
    )


def grey_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each model for colours that was given grey images that their channel is repeated."""
    return [
        f"The images of {data} are grey, and {model} takes colours: their channel is repeated. A model that was "
        "trained on colours may be less accurate on them."
        for data, model in _noted(runs, REPEATED)
    ]


def seen_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return that images were perhaps used to train the models, or that some of them chose the weights of a model."""
    infos = [run.info for run in runs]
    models: dict[tuple[str, str, str], dict[str, None]] = {}  # by the images; a dict keeps the order of names
    for info in infos:
        data = info["data"]
        models.setdefault((data["name"], data["split"], remarks_of(data)), {})[printed(info["model"]["name"])] = None
    notes = []
    for (name, split, remarks), given in models.items():
        which = next(iter(given)) if len(given) == 1 else f"one of {listed(list(given), most=len(given))}"
        notes.append(training_warning(name, split, remarks, f"The images of {data_name(name)}", which))
    return [f"{note}." for note in dict.fromkeys(notes) if note] + chosen_by_notes(infos)


def _noted(runs: Sequence[RunFolder], remark: str) -> list[tuple[str, str]]:
    """Return the names of the data and the model of the runs with a remark on their data, each pair once."""
    noted = [run.info for run in runs if remark in remarks_of(run.info["data"])]
    return list(dict.fromkeys((printed(info["data"]["name"]), printed(info["model"]["name"])) for info in noted))


def unmeasured_notes(runs: Sequence[RunFolder]) -> list[str]:
    """Return for each assessment among these runs what it did not measure: degradations, the minimum noise.

    A sentence that holds for all folders is given once. Others begin with the model's name, and with the folder's if
    models in several folders have the same name.
    """
    swept = {(run.path.parent, run.degradation.name) for run in runs if isinstance(run, SweepRun)}
    measured = [
        run for run in runs if isinstance(run, SweepRun | SearchRun)
    ] or runs  # an explanation may be in a folder of its own
    models = {run.path.parent: printed(run.info["model"]["name"]) for run in measured}
    folders_of: dict[str, list[Path]] = {}
    for folder in models:
        titles = [get_degradation(name).title for name in earlier_unmeasured(folder) if (folder, name) not in swept]
        notes = [f"The assessment ended before it came to {listed(titles, most=len(titles))}."] if titles else []
        searched = any(isinstance(run, SearchRun) and run.path.parent == folder for run in runs)
        notes += [] if searched else filter(None, [earlier_unsearched(folder)])
        for note in notes:
            folders_of.setdefault(note, []).append(folder)
    alike = len(set(models.values())) < len(models)
    names = {folder: f"{model} ({printed(folder.name)})" if alike else model for folder, model in models.items()}
    return [
        note if len(where) == len(models) else f"{listed([names[folder] for folder in where])}: {note}"
        for note, where in folders_of.items()
    ]
