"""Numbers of things in words."""


def counted(number: int, thing: str = "image") -> str:
    """Return a number with its noun, such as "1 image" or "1,200 images"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
