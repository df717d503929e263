"""Numbers, nouns and names in words."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
COUNTED = {"stops": "stop"}  # parameters that are written after their number, and their singular
OUT = "--out (in Python out=)"  # the option for the folder, in sentences that command and function share
LISTED = 4  # words in a list before "and 3 others"
T = TypeVar("T")


def spoken(seconds: float) -> str:
    """Return a time in words, such as "8 s", "3 min" or "2 h 10 min".

    Examples
    --------
    >>> from tfstab.wording import spoken
    >>> spoken(0.2), spoken(75), spoken(7800)
    ('1 s', '75 s', '2 h 10 min')
    """
    whole = round(seconds)
    if whole < 90:
        return f"{max(whole, 1)} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def dated(day: datetime) -> str:
    """Return a day in words, in the same language everywhere.

    Examples
    --------
    >>> from datetime import datetime
    >>> from tfstab.wording import dated
    >>> dated(datetime(2026, 11, 27, 14, 3))
    '27 November 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def after_number(unit: str) -> str:
    """Return a unit of severities as it follows a number; a proportion is a multiple.

    Examples
    --------
    >>> from tfstab.wording import after_number
    >>> after_number("grey levels"), after_number("of the grey level")
    ('grey levels', 'times the grey level')
    """
    return f"times{unit.removeprefix('of')}" if unit.startswith("of ") else unit


def of_parameter(parameter: str, amount: float | str) -> str:
    """Return a severity with the name of its parameter, without a unit.

    Examples
    --------
    >>> from tfstab.wording import of_parameter
    >>> of_parameter("sigma", 20.0), of_parameter("stops", "1 to 3"), of_parameter("stops", 1)
    ('sigma 20', '1 to 3 stops', '1 stop')
    """
    written = amount if isinstance(amount, str) else f"{amount:g}"
    if parameter in COUNTED:
        return f"{written} {COUNTED[parameter] if written == '1' else parameter}"
    return f"{parameter} {written}"


def at_severity(parameter: str, amount: float | str, unit: str) -> str:
    """Return a severity in words, with its unit only if this is a percentage.

    Examples
    --------
    >>> from tfstab.wording import at_severity
    >>> at_severity("sigma", 20.0, "grey levels"), at_severity("density", "55", "%")
    ('sigma 20', 'density 55 %')
    """
    return of_parameter(parameter, amount) + (" %" if unit.startswith("%") else "")


def unit_of_numbers(unit: str) -> str:
    """Return a unit of severities as it follows what they are: "sigma in grey levels"; a proportion is a multiple.

    Examples
    --------
    >>> from tfstab.wording import unit_of_numbers
    >>> unit_of_numbers("grey levels"), unit_of_numbers("of the grey level")
    ('in grey levels', 'as a multiple of the grey level')
    """
    return f"as a multiple {unit}" if unit.startswith("of ") else f"in {unit}"


def counted(number: int, thing: str = "image", things: str = "") -> str:
    """Return a number with its noun. things: its plural, if that does not end in "s" alone.

    Examples
    --------
    >>> from tfstab.wording import counted
    >>> counted(1), counted(1200), counted(3, "class", "classes")
    ('1 image', '1,200 images', '3 classes')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def out_of(number: int, of: int, the: str = "") -> str:
    """Return how many of several things: "9 of 32" or, if it is each of them, "all 32". the: "the " for "9 of the 32".

    Examples
    --------
    >>> from tfstab.wording import out_of
    >>> out_of(9, 32), out_of(9, 1200, "the "), out_of(32, 32), out_of(2, 2), out_of(1, 1)
    ('9 of 32', '9 of the 1,200', 'all 32', 'both', '1 of 1')
    """
    if 1 < number == of:
        return "both" if of == 2 else f"all {of:,}"
    return f"{number:,} of {the}{of:,}"


def capital(text: str) -> str:
    """Return a text with a capital letter at its start, and nothing else changed.

    Examples
    --------
    >>> from tfstab.wording import capital
    >>> capital("JPEG compression"), capital("fog")
    ('JPEG compression', 'Fog')
    """
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str], last: str = "and", most: int = LISTED) -> str:
    """Return words as a list in a sentence. most: how many it may have, "and 3 others" included.

    Examples
    --------
    >>> from tfstab.wording import listed
    >>> listed(["fog"]), listed(["fog", "jpeg"], "or"), listed(["fog", "jpeg", *["noise"] * 2000], most=3)
    ('fog', 'fog or jpeg', 'fog, jpeg and 2,000 others')
    """
    shown = list(words)
    if len(shown) > most:
        shown, last = [*shown[: most - 1], f"{len(shown) - most + 1:,} others"], "and"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def first_few(items: Sequence[T], most: int) -> Sequence[T]:
    """Return the first items, as many as `most`; all if only one is left, as its name is as short as "1 more".

    Examples
    --------
    >>> from tfstab.wording import first_few
    >>> first_few("abcd", 2), first_few("abc", 2)
    ('ab', 'abc')
    """
    return items if len(items) == most + 1 else items[:most]


def as_given(value: object) -> str:
    """Return a value as errors show it: text in quotes, as '5' would otherwise look like the number 5.

    Examples
    --------
    >>> from tfstab.wording import as_given
    >>> as_given(5), as_given("5")
    ('5', "'5'")
    """
    return repr(value) if isinstance(value, str) else str(value)


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article.

    Examples
    --------
    >>> from tfstab.wording import with_article
    >>> with_article("sweep"), with_article("explanation")
    ('a sweep', 'an explanation')
    """
    return f"{'an' if noun[:1].lower() in set('aeiou') else 'a'} {noun}"


def roughly(seconds: float) -> str:
    """Return an estimated time in words, rounded to what an estimate can mean, such as "20 s" or "1 h 40 min".

    Examples
    --------
    >>> from tfstab.wording import roughly
    >>> roughly(7.7), roughly(23), roughly(5_900), roughly(200_000)
    ('8 s', '20 s', '1 h 40 min', '56 h')
    """
    for most, step in ((10, 1), (90, 10), (5_400, 60), (36_000, 600)):
        if seconds < most:
            return spoken(step * round(seconds / step))
    return f"{round(seconds / 3600):,} h"


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage with so many decimals.

    Examples
    --------
    >>> from tfstab.wording import percent
    >>> percent(0.3), percent(1), percent(0.3, 1)
    ('30 %', '100 %', '30.0 %')
    """
    return f"{100 * share:.{digits}f} %".replace("-", "−")


def scored(score: float) -> str:
    """Return a score of a class as it is shown everywhere: three digits after the point.

    Examples
    --------
    >>> from tfstab.wording import scored
    >>> scored(0.9988), scored(0.591)
    ('0.999', '0.591')
    """
    return f"{score:.3f}"


def rounded_to(value: float, digits: int = 2) -> str:
    """Return a number rounded to some significant digits, and never as "1.2e+02", which `.2g` makes of 120.

    Examples
    --------
    >>> from tfstab.wording import rounded_to
    >>> rounded_to(0.4567), rounded_to(100.4), rounded_to(-1234.5, digits=3), rounded_to(float("inf"))
    ('0.46', '100', '-1230', 'inf')
    """
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text else text


def distinct_names(paths: Sequence[Path], names: Sequence[str] = ()) -> list[str]:
    """Return what distinguishes runs: their names if all differ, or else the ends of their paths.

    Parameters
    ----------
    paths : sequence of Path
        Their folders.
    names : sequence of str
        What they would rather be called, such as the names of their networks.

    Returns
    -------
    list of str
        Folder names, preceded by as many folders above them as it takes; equal only for the same path.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tfstab.wording import distinct_names
    >>> runs = [Path("a/fog"), Path("b/fog")]
    >>> distinct_names(runs, ["lenet", "quick"]), distinct_names(runs, ["lenet", "lenet"])
    (['lenet', 'quick'], ['a/fog', 'b/fog'])
    """
    if all(names) and len(set(names)) == len(paths):
        return list(names)
    whole = [path.absolute() for path in paths]
    longest = max((len(path.parts) for path in whole), default=1)
    ends = ([str(Path(*path.parts[-depth:])) for path in whole] for depth in range(1, longest + 1))
    return next((found for found in ends if len(set(found)) == len(paths)), [path.name for path in whole])
