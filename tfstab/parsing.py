"""Functions that turn what a person types into values, for the command line and the viewer alike."""

from tfstab.errors import InputError


def parse_numbers(text: str, name: str) -> tuple[float, ...]:
    """Parse numbers that are separated by commas.

    Parameters
    ----------
    text : str
        What was typed, such as "1,2,4"; spaces around numbers are allowed.
    name : str
        Name of the option or field, for the error message.

    Returns
    -------
    tuple of float
        The numbers, in the order in which they were typed.

    Raises
    ------
    InputError
        Something between the commas is not a number.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{name} is '{text}'; expected numbers separated by commas, such as 1,2,4.") from None


def parse_names(text: str | None) -> tuple[str, ...]:
    """Return the names in a text, which are separated by commas, each once; () for None."""
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def parse_ranges(text: str, name: str) -> dict[str, tuple[float, float] | None]:
    """Parse names with ranges of severities, such as "fog,gaussian_noise@5:40".

    Parameters
    ----------
    text : str
        What was typed: NAME or NAME@WEAKEST:STRONGEST, separated by commas.
    name : str
        Name of the option or field, for the error message.

    Returns
    -------
    dict
        The range of each name, or None where none was typed.

    Raises
    ------
    InputError
        A part has another form, or a name is there twice.
    """
    ranges: dict[str, tuple[float, float] | None] = {}
    for part in parse_names(text):
        key, at, span = (piece.strip() for piece in part.partition("@"))
        weakest, _, strongest = span.partition(":")
        try:
            ends = (float(weakest), float(strongest)) if at else None
        except ValueError:
            raise InputError(
                f"{name} has '{part}'; expected NAME or NAME@WEAKEST:STRONGEST, such as fog or gaussian_noise@5:40."
            ) from None
        if key in ranges:
            raise InputError(f"{name} has {key} twice; expected each degradation once.")
        ranges[key] = ends
    if not ranges:
        raise InputError(f"{name} is '{text}'; expected names of degradations, such as fog,gaussian_noise@5:40.")
    return ranges
