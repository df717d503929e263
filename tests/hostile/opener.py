"""Opens hostile files, each in a forked child with memory and CPU limits, and prints what came of it as JSON lines.

`python opener.py JOBS.json`: JOBS has a list of [name, opener, argument] for each kind: "plain", and then "model", for
which TensorFlow is imported. Forking from a process that has imported all it needs costs milliseconds a file, and gives
the CPU time and memory of each file alone. POSIX only.
"""

import gc
import json
import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from guard import nothing_outside
from tfstab.errors import TfstabError

SAFETY_MEMORY, SAFETY_CPU, SAFETY_WALL = 3 << 30, 20, 90  # protect this machine; the test's own limits are lower


def open_model(path: str) -> object:
    """Load a model, and score one batch with it."""
    from tfstab import load_classifier

    classifier = load_classifier(path)
    return classifier.scores(np.zeros((1, *classifier.input_shape), np.uint8))


def open_card(path: str) -> object:
    """Read the card beside a model."""
    from tfstab.models import card_of

    return card_of(path)


def open_data(spec: str) -> object:
    """Load a data set, and look at its first and last image."""
    from tfstab import load_dataset

    dataset = load_dataset(spec)
    return np.asarray(dataset.images[:1]), np.asarray(dataset.images[-1:])


def open_run(path: str) -> object:
    """Open a run, and read all that it holds."""
    import tfstab

    run = tfstab.open_run(path)
    return run.measures if hasattr(run, "measures") else list(run)


OPENERS = {"model": open_model, "card": open_card, "data": open_data, "run": open_run}


def prepare(kind: str) -> None:
    """Import what is needed, so that its time and memory count for no file."""
    import h5py  # noqa: F401
    import PIL.Image  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import tfstab

    if kind == "model":
        from tfstab.classifier import backend

        backend.leave_out_optional()  # as in the command, which starts faster
        backend.keras()
        import tfstab.models.noise_layer
    else:
        _ = tfstab.load_dataset, tfstab.open_run  # imported when first named
    gc.freeze()  # a fork that looks for garbage would copy all pages


def attempt(opener: str, argument: str) -> dict[str, str]:
    """What opening this raised."""
    try:
        with nothing_outside():
            OPENERS[opener](argument)
    except TfstabError as error:
        return {"raised": "TfstabError", "said": str(error)}
    except BaseException as error:  # exactly what must not happen
        return {"raised": type(error).__name__, "said": str(error)[:1000]}
    return {"raised": "", "said": ""}


def limited(function) -> dict[str, object]:
    """Call a function in a forked child with limits; its answer with the child's CPU seconds and memory."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
        if pages:
            most = pages * resource.getpagesize() + SAFETY_MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (SAFETY_CPU, SAFETY_CPU))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(SAFETY_WALL)
        with os.fdopen(writing, "w") as pipe:
            json.dump(function(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, status, used = os.wait4(pid, 0)
    outcome = json.loads(answer) if answer else {"raised": f"killed, status {status}", "said": ""}
    scale = 1 if sys.platform == "darwin" else 1024
    return outcome | {"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss * scale / 1e6}


def main() -> None:
    jobs = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for kind in ("plain", "model"):
        prepare(kind)
        idle = limited(dict)
        for name, opener, argument in jobs[kind]:
            outcome = limited(lambda opener=opener, argument=argument: attempt(opener, argument))
            outcome["megabytes"] -= idle["megabytes"]
            sys.stdout.write(json.dumps({"name": name, **outcome}) + "\n")


if __name__ == "__main__":
    main()
