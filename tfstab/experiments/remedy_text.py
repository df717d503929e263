"""What a remedy changed, in sentences that claim no more than the intervals support."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.metrics.paired import Paired

if TYPE_CHECKING:
    from tfstab.experiments.remedy_comparison import RemedyComparison

LISTED = 6  # names in a list before "and 3 others"


def lead(comparison: "RemedyComparison") -> str:
    """Return the accuracy under the degradations before and after, and the clean accuracy, in one sentence."""
    accuracy, clean = comparison.change("accuracy"), comparison.change("clean")
    where = accuracy.title.removeprefix("accuracy under ")
    return (
        f"Under {where} {_moved('accuracy', accuracy.paired)}; {_moved('clean accuracy', clean.paired)} "
        f"({accuracy.images:,} images)."
    )


def sentences(comparison: "RemedyComparison") -> list[str]:
    """Return the lead, the families whose accuracy changes, and the other figures."""
    lines = [f"{comparison.after} compared with {comparison.before}", lead(comparison)]
    if len(comparison.families) > 1:
        lines.append(families_sentence(comparison))
    for change in comparison.changes[2:]:
        p = change.paired
        if change.name == "minimum_noise":
            lines.append(
                f"{_capital(change.title)} of {change.images} images: {p.first:.1f} before and {p.second:.1f} after, "
                f"in grey levels; the median ratio is {p.value:.2f} ({p.low:.2f} to {p.high:.2f})"
            )
        else:
            lines.append(f"{_capital(change.title)}: {before_after(p)}, {points(p)}")
    return lines


def families_sentence(comparison: "RemedyComparison") -> str:
    """Return under which families the accuracy rises, under which it falls, and which are not decided."""
    families = comparison.families
    by_sign = {sign: [family.title for family in families if family.decided == sign] for sign in (1, -1, 0)}
    told = [f"{verb} under {listed(by_sign[sign])}" for sign, verb in ((1, "rises"), (-1, "falls")) if by_sign[sign]]
    text = f"Accuracy {' and '.join(told)}" if told else "Under no single degradation is a change certain"
    undecided = f"; not decided: {listed(by_sign[0])}" if told and by_sign[0] else ""
    return f"{text}{undecided}."


def _moved(what: str, paired: Paired) -> str:
    """Return that a share rises or falls, from and to which value, or that this is not decided."""
    if paired.sign == 0:
        return f"a change of {what} is not certain ({before_after(paired)}, {points(paired)})"
    verb = "rises" if paired.sign > 0 else "falls"
    return f"{what} {verb} from {paired.first:.1%} to {paired.second:.1%} ({points(paired)})"


def before_after(paired: Paired) -> str:
    """Return two shares: "42.0% before and 51.2% after"."""
    return f"{paired.first:.1%} before and {paired.second:.1%} after"


def points(paired: Paired) -> str:
    """Return a difference of two shares with its interval: "+9.2 points, +8.3 to +10.1"."""
    return f"{100 * paired.value:+.1f} points, {100 * paired.low:+.1f} to {100 * paired.high:+.1f}"


def listed(names: Sequence[str]) -> str:
    """Return names in words: "fog, contrast and 3 others"."""
    shown = list(names)
    if len(shown) > LISTED:
        shown = [*shown[: LISTED - 1], f"{len(shown) - LISTED + 1} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _capital(text: str) -> str:
    """Return the text with a capital letter at its start."""
    return text[:1].upper() + text[1:]
