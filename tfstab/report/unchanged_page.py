"""The report page of a hardening that adopted nothing: why, what was tried, and what to do next."""

from typing import TYPE_CHECKING

from tfstab.names import named, printed
from tfstab.report.harden_tables import cost_table, tried_table
from tfstab.report.hardening import Hardening
from tfstab.report.hardening_advice import advice
from tfstab.report.page import render_template
from tfstab.report.settings import SHORT
from tfstab.report.tables import Table

if TYPE_CHECKING:
    from tfstab.orders.hardening import HardeningSubject


def unchanged_page(hardening: Hardening, subject: "HardeningSubject") -> str:
    """Return the page as HTML."""
    name = printed(hardening.card["original"]["name"])
    return render_template(
        "harden_unchanged.html",
        title=f"Hardening of {named(name)}",
        subtitle=f"remedy: {hardening.remedy} · nothing adopted",
        verdict=hardening.summary().replace("\n", " ").partition(". "),
        tried=tried_table(hardening.card),
        next_steps=advice(hardening),
        costs=cost_table(hardening, subject),
        copy=None if hardening.model is None else hardening.model.name,
        settings=settings_table(hardening),
    )


def settings_table(hardening: Hardening) -> Table:
    """Return the settings of the hardening and the versions of what it used, from the model card."""
    card = hardening.card
    settings = {name.replace("_", " "): value for name, value in card["settings"].items() if value is not None}
    settings["against"] = ", ".join(settings["against"])
    fingerprint = {"fingerprint of the network": card["original"]["fingerprint"][:SHORT]}
    rows = [(name, str(value)) for name, value in (fingerprint | settings | card["versions"]).items()]
    return Table("Settings and versions", ("what", "value"), rows)
