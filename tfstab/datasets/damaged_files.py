"""Image files that cannot be read: the error that names them, or a warning if they are left out."""

from tfstab.errors import DataError
from tfstab.warning import warn
from tfstab.wording import counted


def damage_report(where: str, damaged: list[tuple[str, str]], of: int, at_least: bool = False) -> str:
    """Return the beginning of a sentence on files (name, what is wrong) that cannot be read, among `of` files.

    at_least: whether there may be more of them.
    """
    named = "; ".join(f"{name} ({wrong})" for name, wrong in damaged[:5])
    more = f"; and {len(damaged) - 5:,} more" if len(damaged) > 5 else ""
    number = f"{'at least ' if at_least and len(damaged) < of else ''}{len(damaged):,}"
    return f"{number} of {counted(of, 'file')} in {where} cannot be read as an image: {named}{more}"


def damage_advice(where: str, damaged: list[tuple[str, str]], of: int, at_least: bool = False) -> str:
    """Return the same as a sentence that says what to do about these files."""
    them = "it" if len(damaged) == 1 else "them"
    return (
        f"{damage_report(where, damaged, of, at_least)}: repair or remove {them}, or leave {them} out with --damaged "
        "skip (in Python damaged='skip')."
    )


def refuse_damaged(where: str, damaged: list[tuple[str, str]], of: int, policy: str, at_least: bool = False) -> None:
    """Warn of damaged files if the policy is "skip" and others are left; otherwise raise DataError.

    at_least: whether there may be more of them, because only headers were read.
    """
    if not damaged:
        return
    if policy != "skip":
        raise DataError(damage_advice(where, damaged, of, at_least))
    report = damage_report(where, damaged, of, at_least)
    if len(damaged) == of:
        raise DataError(f"{report}: no image is left; give images that can be read.")
    warn(f"{report}; {'it is' if len(damaged) == 1 else 'they are'} left out.")
