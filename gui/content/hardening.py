"""What a hardening has changed, for the overviews of both networks; runs in a worker thread."""

import math
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.errors import InputError, RunError
from tfstab.gui.content.robustness import OTHER_NETWORKS
from tfstab.limits import LARGEST_RUN_JSON, LONGEST_TEXT, MOST_RUN_VALUES
from tfstab.names import printed
from tfstab.reading import read_json
from tfstab.runs.files import COMPARISON, SIDES
from tfstab.runs.together import is_hardened_from
from tfstab.wording import listed

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.experiments.remedy_comparison import RemedyComparison

MOST_MINUTES = 1e6  # of a training
LONGEST_TITLE = 200  # characters of a degradation's title
# What is read of the model card of a hardened network.
CARD: dict[str, type[Any]] = {"fingerprint": str, "remedy": dict, "settings": dict, "data/validation": dict}
ORIGINAL = "original/fingerprint"  # an entry of the card
MOST_BESIDE = 100  # folders beside a hardening, at most, in which a counterpart is looked for
COMPARE = f"with the button “Compare with…”. Robustness > {OTHER_NETWORKS} then shows {{}}."
OTHER_FIELDS = "(you find them under More; all other fields are filled in already, as for this hardening)"


def hardened_first(own: "Figures", other: "Figures") -> "tuple[Figures, Figures] | None":
    """Return two assessments as original and hardened network if one was hardened from the other, else None."""
    for before, after in ((own, other), (other, own)):
        pairs = ((family.run, after.family(family.name)) for family in before.families)
        if any(theirs is not None and is_hardened_from(theirs.run.path, mine.path) for mine, theirs in pairs):
            return before, after
    return None


def change_of(own: "Figures", other: "Figures", going_on: bool = False) -> str:
    """Return what a hardening changed, as its report says first; "" if neither network was hardened from the other.

    It begins with what there was no time for; degradations not measured are left out while the hardening goes on. What
    the figures do not show, and the file of the hardened network, follow on lines of their own.
    """
    from tfstab.experiments.remedy_comparison import RemedyComparison
    from tfstab.experiments.remedy_text import lead, unmeasured_sentence
    from tfstab.gui.jobs.field_words import in_fields

    sides = hardened_first(own, other)
    if sides is None:
        return ""
    try:
        before, after = ([family.run for family in side.families] for side in sides)
        searches = [[] if side.search is None else [side.search] for side in sides]
        comparison = RemedyComparison([*before, *searches[0]], [*after, *searches[1]])
        measured = [family.title for family in comparison.families]
        folder = Path(after[0].path).parent.parent
        missing, shortened = _no_time_for(folder)
        missing = [] if going_on else [title for title in missing if title not in measured]
        told = [unmeasured_sentence(len(measured), missing)] if missing else []
        ended = not going_on and (folder / COMPARISON).is_file()
        fingerprint = str(after[0].info["model"]["fingerprint"])
        first = " ".join([*told, *shortened, in_fields(lead(comparison))])
        return "\n".join([first, *_besides(folder, comparison, fingerprint, ended)])
    except InputError:  # nothing in common yet
        return ""


def _besides(folder: Path, comparison: "RemedyComparison", fingerprint: str, ended: bool) -> list[str]:
    """Return what the figures do not show, and where the hardened network is, as far as its card says; a line for each.

    The card may be a stranger's; it counts if it is of the network with this fingerprint.
    """
    from tfstab.gui.jobs.field_words import in_fields
    from tfstab.report.hardening_limits import longer_training, not_compared
    from tfstab.report.trained_on import trained_on
    from tfstab.training.checks import read_card
    from tfstab.training.hardening_folder import HardeningFolder

    files = HardeningFolder(folder, comparison.after)
    try:
        card = read_card(files.card_path, CARD)
    except RunError:
        return []
    if card["fingerprint"] != fingerprint:
        return []
    trained, longer = in_fields(trained_on(card, comparison.families)), longer_training(card, comparison)
    told = [
        trained,
        f"{longer} {_control(folder, card)}" if longer else "",
        _limited(card),
        not_compared(card, comparison, ended),
    ]
    if files.model_path.is_file():
        told.append(f"The hardened network is the file {printed(str(files.model_path.absolute()))}.")
    return [each for each in told if each]


def _control(folder: Path, card: dict[str, Any]) -> str:
    """Return how to find out in the window what longer training alone gains, as the command line proposes it."""
    from tfstab.gui.jobs.field_words import field_of
    from tfstab.report.hardening_control import minutes_of_training
    from tfstab.training.control import MIXTURES, is_control
    from tfstab.training.hardening_config import HardenConfig

    differs: dict[str, Any]
    if is_control(card):
        differs, what = {"clean_share": HardenConfig().clean_share}, "what degraded images add"
        compare = COMPARE.format("the difference")
    else:
        differs = {} if card["remedy"].get("name") in MIXTURES else {"remedy": MIXTURES[0]}
        differs |= {"clean_share": 1}
        what, compare = "how much", COMPARE.format("what remains of the gain")
    if (beside := _counterpart(folder, card)) is not None:
        other = f"the run {SIDES[1]} in {printed(beside.name)}"
        control = "" if is_control(card) else "a control, "
        return f"To find out {what}, compare it with {other} ({control}trained equally long) {compare}"
    steps, spent = card.get("steps"), card.get("minutes")
    as_long = {"steps": steps} if type(steps) is int else {}
    if isinstance(spent, int | float) and 0 < spent < MOST_MINUTES:  # the card may be a stranger's
        as_long["minutes"] = math.ceil(minutes_of_training(card, 0, spent))
    filled = [f'"{value}" in the field {field_of(name)}' for name, value in (differs | as_long).items()]
    given = f", with {listed(filled)} {OTHER_FIELDS}" if filled else ""
    return (
        f"To find out {what}, choose Harden… in the tab Why of the run {SIDES[0]}{given}. When it has ended, compare "
        f"both hardened networks {compare}"
    )


def _counterpart(folder: Path, card: dict[str, Any]) -> Path | None:
    """Return the folder of a hardening to compare with this one, from the folders beside it; None if there is none.

    Both have the same original and as many steps, and one of them is a control. The cards there may be a stranger's.
    """
    from tfstab.training.checks import read_card
    from tfstab.training.control import is_control

    try:
        folders = sorted(folder.parent.iterdir())
    except OSError:  # a folder that may not be read
        return None
    beside = (path for path in folders if path != folder and (path / SIDES[1]).is_dir())
    for path in islice(beside, MOST_BESIDE):
        for file in sorted(path.glob("*.json")):
            with suppress(RunError):  # a file that is no model card
                other = read_card(file, {**CARD, ORIGINAL: str})
                alike = other["original"] == card.get("original") and other.get("steps") == card.get("steps")
                if alike and is_control(other) != is_control(card):
                    return path
    return None


def _limited(card: dict[str, Any]) -> str:
    """Return what the limit for clean accuracy cost, naming fields of the form; "" if nothing, or if it is unknown."""
    from tfstab.gui.jobs.field_words import in_fields
    from tfstab.training.tried_shares import check_tried, limited_sentence, tried_shares

    try:
        check_tried(card)
        return in_fields(limited_sentence(tried_shares(card)))
    except (ValueError, KeyError, TypeError):  # the card is damaged, or of an older version
        return ""


def _no_time_for(folder: Path) -> tuple[list[str], list[str]]:
    """Return what a hardening had no time for, as it records: titles of degradations, and a sentence on the training.

    The file may be a stranger's, or of an older version; then there may be nothing.
    """
    path = folder / COMPARISON
    try:
        told = {} if path.is_symlink() else read_json(path, LARGEST_RUN_JSON, most_values=MOST_RUN_VALUES)
    except (OSError, ValueError, RecursionError):
        return [], []
    found = told if isinstance(told, dict) else {}
    titles = found.get("unmeasured")
    missing = [title for title in titles if _is_text(title, LONGEST_TITLE)] if isinstance(titles, list) else []
    return missing, [found["shortened"]] if _is_text(found.get("shortened"), LONGEST_TEXT) else []


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
