"""What a person types, as values. Needs nothing: command line and viewer read it alike."""

from tfstab.errors import InputError


def parse_numbers(text: str, name: str) -> tuple[float, ...]:
    """Numbers separated by commas. name: of the option or field, for the error. Raises InputError."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{name} is '{text}'; expected numbers separated by commas, such as 1,2,4.") from None
