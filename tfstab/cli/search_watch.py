"""Shows in the terminal how far a search is."""

from pathlib import Path

from rich.progress import Progress

from tfstab.datasets import Dataset
from tfstab.names import shortened_front
from tfstab.paths import user_path
from tfstab.runs.files import find_parts
from tfstab.search import MinimumNoise, SearchConfig, SearchProgress
from tfstab.search.norm import get_norm, sized

LONGEST_NAME = 30  # characters of a file name beside the progress bar
DEFAULT_NORM = SearchConfig().norm


class SearchWatch:
    """Shows a search in a progress bar: images finished, and the state of one that is being searched.

    Parameters
    ----------
    bar : Progress
        The bar.
    total : int
        Images to search.
    out : Path
        The run folder, which may hold images finished earlier.
    dataset : Dataset, optional
        The images, if they have file names to show.
    norm : str
        The norm that is minimised.
    """

    def __init__(
        self, bar: Progress, total: int, out: Path, dataset: Dataset | None = None, norm: str = DEFAULT_NORM
    ) -> None:
        self.bar, self.total, self.norm = bar, total, get_norm(norm)
        self.names: dict[int, str] = {}
        if dataset is not None and dataset.names is not None:
            self.names = dict(zip(dataset.indices.tolist(), dataset.names.tolist(), strict=True))
        done = len(find_parts(user_path(out)))
        self.task = bar.add_task("minimum noise", total=total, completed=done, unit="images", note="")

    def on_clean(self, done: int, total: int) -> None:
        """Show how many clean images have been scored, which is the first step."""
        self.bar.update(self.task, note=f"clean images first: {done:,} of {total:,}")

    def on_generation(self, progress: SearchProgress) -> None:
        """Show the state of the image, every tenth generation."""
        if progress.generation % 10 == 0:
            state = f"{self.norm.title} {sized(self.norm, progress.norm)}" if progress.flipped else "not yet flipped"
            name = shortened_front(self.names.get(progress.image, f"image {progress.image}"), LONGEST_NAME)
            note = f"{name}, generation {progress.generation}: {state}"
            self.bar.update(self.task, note=note)

    def on_result(self, result: MinimumNoise) -> None:
        """Count an image as finished."""
        self.bar.advance(self.task)

    def finish(self) -> None:
        """Clear the note; a search that was stopped does not fill the bar."""
        self.bar.update(self.task, note="")
