"""Which pictures of a folder hardening has made right or wrong, in a sentence."""

from typing import TYPE_CHECKING

from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.report.folder_findings import FolderFindings

FLATTERS = (
    "If the pictures were collected because the network before hardening got them wrong, any other network gets some "
    "of them right by chance. The measured images show whether the hardened network is better (tfstab compare)."
)


def changed_by_hardening(found: "FolderFindings") -> str:
    """Return how many wrong pictures hardening has made right, and how many right ones wrong.

    found: what was found out about pictures whose true classes are known.
    """
    known = [one for one in found.pictures if one.right is not None]
    were = [one for one in known if one.before == one.true_class]
    repaired = sum(one.right is True for one in known) - sum(one.right is True for one in were)
    broken = sum(one.right is False for one in were)
    wrong = len(known) - len(were)
    if not wrong:
        said = f"{found.before!r}, the network before hardening, gets none of them wrong"
    else:
        of_these = f"{repaired:,} of these right" if wrong > 1 else "it right" if repaired else "it wrong, too"
        said = (
            f"{found.before!r}, the network before hardening, gets {counted(wrong, 'picture')} wrong; the hardened "
            f"network gets {of_these}"
        )
    now = "none is" if not broken else f"{broken:,} {'is' if broken == 1 else 'are'}"
    said += f". Of the pictures that were right before, {now} wrong now." if were else "."
    return f"{said} {FLATTERS}" if repaired else said
