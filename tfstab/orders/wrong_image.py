"""How to learn whether an image that is wrong when clean is misclassified because of the photograph or the model."""

from pathlib import Path

from tfstab.orders.step import Step
from tfstab.paths import user_path
from tfstab.runs.info import FUNCTION, model_of
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

PICTURE = "PICTURE"  # stands for the file of an image
AS_PICTURE = "whether the photograph or the model is the reason, and the most similar images"
ONCE_SAVED = f"the same in the terminal, once the image is saved as a file, whose name takes the place of {PICTURE}"
IN_VIEWER = "whether the photograph or the model is the reason: select the image, then choose Explain this image"


def words_as_picture(folder: Path, run: SweepRun | SearchRun, image: int) -> list[str]:
    """Return the words of the command that inspects an image as a picture; `PICTURE` stands for a file not found.

    Parameters
    ----------
    folder : Path
        The run or assessment with whose images it is compared.
    run : SweepRun or SearchRun
        The run, or one of the assessment, that has the image.
    image : int
        Index of the image in the full split.
    """
    data, clean = run.info["data"], run.clean
    source, name = user_path(str(data["name"]).removeprefix("folder:")), clean.file(image)
    around = source.parent if source.suffix == ".csv" else source
    files = [path for path in (around / name, around / str(data["split"]) / name) if path.is_file()] if name else []
    true_class = run.class_names[int(clean.class_index[clean.row(image)])]
    return ["inspect", str(folder), str(files[0]) if files else PICTURE, "--class", true_class]


def steps_of_wrong_image(folder: Path, run: SweepRun | SearchRun, image: int) -> list[Step]:
    """Return what says whether the photograph or the model is the reason: a command; without a file, the viewer first.

    Neither can load a Python function, so there is no step for such a model. The parameters are those of
    `words_as_picture`.
    """
    if model_of(run.info).get(FUNCTION):
        return []
    words = [*words_as_picture(folder, run, image), "--why"]
    if words[2] != PICTURE:
        return [Step(words, AS_PICTURE)]
    return [Step(["view", str(folder)], IN_VIEWER), Step(words, ONCE_SAVED)]
