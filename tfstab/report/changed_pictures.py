"""Which pictures of a folder hardening has made right or wrong, in a sentence."""

from typing import TYPE_CHECKING

from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.report.folder_findings import FolderFindings

FLATTERS = (
    "Of pictures that were collected because the network before hardening got them wrong, any other network gets some "
    "right by chance: the measured images say whether it is better (tfstab compare)."
)


def changed_by_hardening(found: "FolderFindings") -> str:
    """Return how many pictures the hardened network has right that the one before had wrong, and the other way round.

    found: what was found out about pictures whose true classes are known.
    """
    known = [one for one in found.pictures if one.right is not None]
    were = [one for one in known if one.before == one.true_class]
    repaired = sum(one.right is True for one in known) - sum(one.right is True for one in were)
    broken = sum(one.right is False for one in were)
    wrong = len(known) - len(were)
    if not wrong:
        said = f"{found.before!r}, the network before hardening, has none of them wrong"
    else:
        said = (
            f"{found.before!r}, the network before hardening, has {counted(wrong, 'picture')} wrong; of "
            f"{'it' if wrong == 1 else 'these'}, the hardened network has {repaired:,} right"
        )
    now = "none is" if not broken else f"{broken:,} {'is' if broken == 1 else 'are'}"
    said += f". Of the pictures that were right before, {now} wrong now." if were else "."
    return f"{said} {FLATTERS}" if repaired else said
