"""The minimum noise of two networks on the same images; every function may run in a worker thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.assessment.words import size
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Ratio
from tfstab.search.norm import Norm, get_norm

if TYPE_CHECKING:
    from tfstab.experiments.search_comparison import SearchComparison
    from tfstab.search import SearchRun

NUMBERS = ("noise of first (median)", "noise of second (median)", "second divided by first (median)", "ratio from",
           "ratio to")  # fmt: skip


@dataclass(frozen=True, eq=False)
class ComparedNoise:
    """The minimum noise of two networks.

    Attributes
    ----------
    pair : SearchComparison
        The searches.
    ratio : Ratio
        Over the images that both get right when clean, the median of the second network's noise divided by the first's.
    """

    pair: "SearchComparison"
    ratio: Ratio

    @property
    def norm(self) -> Norm:
        """In which the noise is measured."""
        return get_norm(self.pair.first.config.norm)

    @property
    def sign(self) -> int:
        """1 if the second network needs more noise, -1 if the first does, 0 if that is not decided."""
        return decided([self.ratio])[0] if self.pair.decides else 0

    @property
    def texts(self) -> tuple[str, str, str]:
        """The median noise of the first and of the second network, and the median ratio with its interval."""
        first, second = (
            f"{self.norm.title} {size(self.norm, value)}" for value in (self.ratio.first, self.ratio.second)
        )
        ends = self.ratio.ends(2) or "too few images for an interval"
        return first, second, f"median of ratios {self.ratio.value:.2f} ({ends})"

    @property
    def numbers(self) -> tuple[float, ...]:
        """The same as numbers, in the columns NUMBERS."""
        r = self.ratio
        return r.first, r.second, r.value, r.low, r.high

    def said(self, first: str, second: str) -> str:
        """Return the comparison in sentences. first, second: what the networks are called."""
        from tfstab.experiments.comparison_text import noise_sentences
        from tfstab.names import all_named

        a, b = all_named(first, second)
        return " ".join(noise_sentences(self.pair, (a, b)))


def compare_noise(first: "SearchRun", second: "SearchRun") -> ComparedNoise | str:
    """Compare the minimum noise that two searches found, or return why that is impossible, in sentences.

    Raises
    ------
    InputError
        The searches have different norms, or no image in common.
    """
    from tfstab.experiments.alike_searches import why_unlike
    from tfstab.experiments.search_comparison import SearchComparison

    if why := why_unlike(first, second):
        return f"{why[0].upper()}{why[1:]}"
    pair = SearchComparison(first, second)
    if not pair.compared.any():
        return "There is no image that both get right when clean and find noise for."
    return ComparedNoise(pair, pair.ratio())
