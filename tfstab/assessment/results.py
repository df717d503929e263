"""What an assessment records for later: its options, times, the check of the inputs, what was not measured."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.assessment.outcomes import STATUSES
from tfstab.degradations import degradation_names
from tfstab.reading import read_json
from tfstab.runs.files import ASSESSMENT, BEGUN, SEARCH

RESULTS = ASSESSMENT
INPUT_NOTE = "input_note"  # the entry: a sentence, or null if the check found nothing
INPUT_OPTIONS = "input_options"  # the entry: the options of `ModelOptions` that this sentence advises
REPORT_SECONDS = "report_seconds"  # the entry
IMAGE_SECONDS = "image_seconds"  # the entry: for a degraded image, measured at the beginning of the call
SECONDS = "seconds"  # the entry: of measuring, in all calls
DAMAGED = "damaged"  # the entry: names of the folders that were left out because they are damaged
UNMEASURED = "unmeasured"  # the entry: names of the families not yet measured when the assessment ended
UNSEARCHED = "unsearched"  # the entry: why no minimum noise was searched for, or null
FAMILIES = "families"  # the entry: figures of each family
MINIMUM_NOISE = "minimum_noise"  # the entry: figures of the search, or null
AVAILABLE = "available"  # the entry: how many images were given
REQUIREMENTS = "requirements"  # the entry: outcomes of the requirements in the last call
NEXT_STEPS = "next_steps"  # the entry: commands or Python calls for what to do next
SETTINGS = "settings"  # the entry: options of the last call, by name of parameter of `tfstab assess`
ADVISED = ("preprocess", "classes", "threshold")  # the options that a check of the inputs can advise
LONGEST = 3600.0  # seconds; a report that took longer says nothing about the next one
MOST_SLOWDOWN = 4.0  # times: a machine that seems even slower now is not believed to be
MOST_SECONDS = 1e9  # of measuring, about 30 years; a larger number is not believed


def earlier_seconds(folder: Path) -> float | None:
    """Return how many seconds figures and report of an earlier call took, or None if that is not known."""
    seconds = _entry(folder, REPORT_SECONDS, None)
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < LONGEST else None


def slowdown(folder: Path, image_seconds: float) -> float:
    """Return how many times as long as in an earlier call a degraded image takes now; from 1, if unknown, to 4."""
    then = image_seconds_in(folder)
    return 1.0 if then is None else min(MOST_SLOWDOWN, max(1.0, image_seconds / then))


def image_seconds_in(folder: Path) -> float | None:
    """Return how many seconds it took to degrade and score an image in the last call, or None if that is not known."""
    seconds = _entry(folder, IMAGE_SECONDS, None)
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < LONGEST else None


def measured_before(folder: Path) -> float:
    """Return how many seconds earlier calls took, 0 if there were none. Calls that wrote no report do not count."""
    seconds = _entry(folder, SECONDS, None)
    known = isinstance(seconds, int | float) and 0 < seconds < MOST_SECONDS
    return float(seconds) if known else 0.0


def input_entries(note: str | None, advised: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries on the check of the inputs: what it said, as `earlier_note` returns it, and the options."""
    said = {} if note is None else {INPUT_NOTE: note or None}
    return said | ({INPUT_OPTIONS: dict(advised)} if advised else {})


def earlier_note(folder: Path) -> str | None:
    """Return what the check of the inputs said in the last call, "" for nothing, or None if that is not known.

    The call may have been killed, or be measuring at present.
    """
    note = _entry(folder, INPUT_NOTE, False, _checked_in(folder))
    if note is None:
        return ""
    return note if _is_text(note) else None


def earlier_options(folder: Path) -> dict[str, str]:
    """Return the options that the check of the inputs advised in the last call; {} if that is not known."""
    found = _entry(folder, INPUT_OPTIONS, None, _checked_in(folder))
    options = found if isinstance(found, dict) else {}
    known = {name: options[name] for name in ADVISED if name in options}
    valid = all(
        isinstance(one, str) and one.isprintable() and len(one) <= limits.LONGEST_NOTE for one in known.values()
    )
    valid = valid and bool(re.fullmatch(r"[\d.]+(e-\d+)?", known.get("threshold", "0.5")))
    return known if valid else {}


def earlier_unmeasured(folder: Path) -> list[str]:
    """Return the families not yet measured when an earlier call ended; [] if that is not known."""
    names = _entry(folder, UNMEASURED, [])
    return [name for name in degradation_names() if name in names] if isinstance(names, list) else []


def earlier_measured(folder: Path) -> list[str]:
    """Return the names of the run folders whose figures an earlier call recorded; [] if that is not known."""
    families = _entry(folder, FAMILIES, None)
    names = [one.get("name") for one in families if isinstance(one, dict)] if isinstance(families, list) else []
    named = [name for name in names if isinstance(name, str) and name.isidentifier()]
    return [*named, *([SEARCH] if _entry(folder, MINIMUM_NOISE, None) else [])]


def earlier_unsearched(folder: Path) -> str:
    """Return why an earlier call did not search for the minimum noise, as a sentence; "" if it did or is not known."""
    reason = _entry(folder, UNSEARCHED, None)
    return reason if _is_text(reason) else ""


def earlier_steps(folder: Path) -> list[str]:
    """Return the lines on what to do next that the last call recorded; [] if that is not known.

    Whoever made the folder wrote them, so they may be shown, but not run.
    """
    steps = _entry(folder, NEXT_STEPS, None)
    return steps if _are_texts(steps) else []


def earlier_available(folder: Path) -> int | None:
    """Return how many images the data of an earlier call had, or None if that is not known."""
    images = _entry(folder, AVAILABLE, None)
    return images if isinstance(images, int) and images > 0 else None


def earlier_settings(folder: Path) -> dict[str, Any]:
    """Return the options of `tfstab assess` in the last call, by name of parameter, as far as they are known.

    The call may have been killed. Which model it was, and how it and the images are read, is known from the runs.
    """
    found = _entry(folder, SETTINGS, None, BEGUN) or _entry(folder, SETTINGS, None)
    given = found if isinstance(found, dict) else {}
    return {name: given[name] for name, is_one in GIVEN.items() if name in given and is_one(given[name])}


def records_settings(folder: Path) -> bool:
    """Return whether an assessment has recorded its options, as it does once it measures."""
    return any((folder / name).is_file() for name in (BEGUN, RESULTS))


def earlier_outcomes(folder: Path) -> list[tuple[str, str]]:
    """Return status and sentence of each requirement that the last call was given, as far as they are known."""
    found = _entry(folder, REQUIREMENTS, None)
    given = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    known = [one for one in given if one.get("status") in STATUSES and _is_text(one.get("sentence"))]
    return [(one["status"], one["sentence"]) for one in known]


def _checked_in(folder: Path) -> str:
    """Return the file that has the latest check of the inputs."""
    return RESULTS if _entry(folder, INPUT_NOTE, False, BEGUN) is False else BEGUN


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= limits.LONGEST_NOTE and value.isprintable()


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < MOST_SECONDS


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_SECONDS


GIVEN: dict[str, Callable[[Any], bool]] = {  # by name of parameter: whether a value is valid for it
    "minutes": _is_number, "seed": _is_whole, "limit": _is_whole, "images": _is_text, "degradation": _is_text,
    "no_search": lambda value: value is True, "require": _are_texts,
}  # fmt: skip


def _entry(folder: Path, name: str, missing: Any, file: str = RESULTS) -> Any:
    """Return an entry of a folder's assessment.json, or of another file, or `missing` if it cannot be read."""
    path = folder / file
    if path.is_symlink() or not path.is_file():
        return missing
    try:
        return read_json(path, limits.LARGEST_RUN_JSON, most_values=limits.MOST_RUN_VALUES)[name]
    except (ValueError, LookupError, TypeError, OSError, RecursionError):  # damaged, or of another origin
        return missing
