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
