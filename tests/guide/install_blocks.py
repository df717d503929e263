"""The table of the page Install: what installing takes, from the stored results of `make release-check`."""

import results_store
from page_blocks import table


def installs():
    """Sizes and seconds of each environment, with where they were measured."""
    stored = results_store.read("installs")
    values = stored["values"]
    rows = [
        (one["python"], one["extras"], f"{one['downloaded']:,}", f"{one['installed']:,}", f"{one['install']:.0f}")
        for one in values["environments"]
    ]
    columns = ("Python", "extras", "download, MB", "on disk, MB", "seconds to install")
    return (
        f"{table(columns, rows, text=2)}\n"
        f"The wheel has {values['wheel'] / 1e6:.1f} MB, the sdist {values['sdist'] / 1e6:.1f} MB. Measured at commit "
        f"{stored['commit'][:7]} on {stored['date']} ({stored['machine']}).\n"
    )


def blocks():
    """Return the text of each block by its name."""
    return {"installs": installs()}
