"""Tables of clean images by class: precision and recall, and confusions."""

from collections.abc import Sequence

import numpy as np

from tfstab.metrics import ClassMetrics
from tfstab.report.tables import Table

UNDEFINED = "A dash as precision means that no image was taken for the class; as recall, that the class has no images."


def class_table(title: str, metrics: ClassMetrics, class_names: Sequence[str], notes: Sequence[str] = ()) -> Table:
    """Return the precision and recall of each class.

    Parameters
    ----------
    title : str
        The table's title.
    metrics : ClassMetrics
        The metrics of K classes.
    class_names : sequence of str
        Names of the classes.
    notes : sequence of str, optional
        Sentences below the table.

    Returns
    -------
    Table
        One row for each class. Precision is NaN if the class was never predicted, recall if it has no images; a note
        then says so.

    References
    ----------
    Tables 1 to 6 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> from tfstab.metrics import ClassMetrics
    >>> from tfstab.report import class_table
    >>> class_table("Mine", ClassMetrics(np.array([[8, 2], [0, 10]])), ("cat", "dog")).text_rows()
    [['0', 'cat', '1.0000', '0.8000', '10'], ['1', 'dog', '0.8333', '1.0000', '10']]
    """
    rows = [
        (k, name, float(p), float(r), int(n))
        for k, (name, p, r, n) in enumerate(
            zip(class_names, metrics.precision, metrics.recall, metrics.support, strict=True)
        )
    ]
    columns = ("class", "name", "precision", "recall", "images")
    undefined = [UNDEFINED] if np.isnan([*metrics.precision, *metrics.recall]).any() else []
    return Table(title, columns, rows, (*undefined, *notes), digits={"precision": 4, "recall": 4})


def confusion_table(metrics: ClassMetrics) -> Table:
    """Return the number of images of each true class (row) by predicted class (column).

    Parameters
    ----------
    metrics : ClassMetrics
        The metrics of K classes.

    Returns
    -------
    Table
        One row and one column for each class.

    Examples
    --------
    >>> from tfstab.metrics import ClassMetrics
    >>> from tfstab.report import confusion_table
    >>> confusion_table(ClassMetrics(np.array([[8, 2], [0, 10]]), class_names=("cat", "dog"))).rows
    [(0, 'cat', 8, 2), (1, 'dog', 0, 10)]
    """
    classes = range(len(metrics.confusion))
    rows = [(k, metrics.class_names[k], *(int(n) for n in metrics.confusion[k])) for k in classes]
    columns = ("class", "name", *(f"as {k}" for k in classes))
    return Table("Confusion: true class (row) by predicted class (column)", columns, rows)
