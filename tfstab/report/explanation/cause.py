"""The topic `cause`: why the network loses images, in words, and what helps."""

from tfstab.explanation import ExplanationRun
from tfstab.explanation.cause import causes_of
from tfstab.explanation.lead import after_causes, lead, next_steps
from tfstab.explanation.one_image import ImageExplanation
from tfstab.explanation.remedies import with_remedies
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table


def section(run: ExplanationRun) -> Section | None:
    """Return the section that names the causes, with their evidence and what helps."""
    lines = [lead(run), *with_remedies(causes_of(run)), *after_causes(run), next_steps(run)]
    return Section("Why", [line for line in lines if line])


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return for one image the picture of its noise, with the cause in the caption."""
    explained = ImageExplanation(run, image)
    return [Picture(f"image-{image}", explained.summary().replace("\n", ". ", 1), explained.plot())]
