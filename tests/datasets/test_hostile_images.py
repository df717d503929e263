"""Files made to harm: each is refused in one sentence, at once and in little memory."""

import gzip
import io
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from guard import nothing_outside
from tfstab import limits, load_dataset
from tfstab.errors import DataError

PIXELS = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A folder of one good image."""
    (tmp_path / "data" / "cat").mkdir(parents=True)
    Image.fromarray(PIXELS).save(tmp_path / "data" / "cat" / "a.png")
    return tmp_path / "data"


def refused(source, said, *arguments, megabytes=100):
    """Load what must be refused; fails where it takes more than 10 seconds of processor time or so much memory."""
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises(DataError, match=said) as told, nothing_outside():
            load_dataset(str(source), *arguments)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(told.value) and time.process_time() - begun < 10 and peak < 1e6 * megabytes


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, data, *more):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


HOSTILE = {
    "png of 10 gigapixels": ("b.png", png(100_000, 100_000, zlib.compress(b"\0" * 10**7))),
    "png of a text that unpacks to a gigabyte": (
        "b.png", png(4, 4, zlib.compress(b"\0" * 52), chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 10**8, 1))),
    ),
    "ppm of 10 gigapixels": ("b.ppm", b"P6 100000 100000 255\n" + b"\0" * 100),
    "bmp of 4 gigapixels": (
        "b.bmp", b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 65_000, 65_000, 1, 24, 0, 0, 0, 0, 0, 0),
    ),
    "gif of 4 gigapixels": ("b.gif", b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"),
    "postscript by another name": ("b.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_images_that_would_fill_the_memory(folder, case):
    name, content = HOSTILE[case]
    (folder / "cat" / name).write_bytes(content)
    refused(f"folder:{folder}", rf"1 of 2 files in .*cat.{name}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("table", [False, True])
def test_a_pipe_is_not_waited_for(folder, table):
    os.mkfifo(folder / "cat" / "b.png")
    if table:
        (folder / "labels.csv").write_text("cat/a.png,cat\ncat/b.png,cat\n")
    refused(f"folder:{folder}", r"b\.png is not a regular file")


def link(at, to):
    try:
        at.symlink_to(to, target_is_directory=to.is_dir())
    except OSError:
        pytest.skip("this system lets nobody make links")


def test_links_that_lead_out_are_refused(folder):
    outside = folder.parent / "secret.png"
    Image.fromarray(PIXELS).save(outside)
    link(folder / "cat" / "b.png", outside)
    refused(f"folder:{folder}", r"b\.png leads out of")
    (folder / "labels.csv").write_text("cat/b.png,cat\n")
    refused(f"folder:{folder}", r"b\.png leads out of")
    refused(folder / "labels.csv", r"b\.png leads out of")
    link(folder / "near", folder / "cat")
    link(folder / "far", folder.parent)
    (folder / "labels.csv").write_text("cat/a.png,cat\nfar/secret.png,cat\n")
    refused(folder / "labels.csv", r"far.secret\.png leads out of")
    (folder / "labels.csv").write_text("near/../../secret.png,cat\n")
    refused(folder / "labels.csv", r"secret\.png leads out of")


def test_linked_folders_and_tables_that_lead_out_are_refused(folder):
    outside = folder.parent / "other"
    outside.mkdir()
    Image.fromarray(PIXELS).save(outside / "a.png")
    (outside / "labels.csv").write_text("a.png,cat\n")
    link(folder / "dog", outside)
    refused(f"folder:{folder}", "dog leads out of")
    (folder / "dog").unlink()
    link(folder / "labels.csv", outside / "labels.csv")
    refused(f"folder:{folder}", r"labels\.csv leads out of")


def test_links_inside_are_followed_and_circles_are_not(folder):
    link(folder / "cat" / "b.png", folder / "cat" / "a.png")
    assert len(load_dataset(f"folder:{folder}")) == 2
    link(folder / "cat" / "c.png", folder / "cat" / "c.png")
    refused(f"folder:{folder}", r"c\.png")


# --- arrays ---


def npy(shape, content=b""):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def npz(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


LABELS = npy((4,), b"\0" * 4)


@pytest.mark.parametrize("shape", [(10**12,), (10**6, 1000, 1000, 3), (2**62, 4, 4, 3), (-1, 4, 4, 3)])
def test_headers_that_declare_more_than_there_is(tmp_path, shape):
    refused(npz(tmp_path / "a.npz", images=npy(shape, b"\0" * 192), labels=LABELS), "is damaged")
    refused(npz(tmp_path / "b.npz", images=npy((4, 4, 4, 3), b"\0" * 192), labels=npy(shape)), "is damaged")
    (tmp_path / "images.npy").write_bytes(npy(shape, b"\0" * 192))
    (tmp_path / "labels.npy").write_bytes(LABELS)
    refused(tmp_path / "images.npy", "is damaged")


def test_a_header_of_a_gigabyte(tmp_path):
    header = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**30)
    refused(npz(tmp_path / "a.npz", images=header + b"{" * 10**6, labels=LABELS), "is damaged")
    (tmp_path / "images.npy").write_bytes(header + b"{" * 10**6)
    (tmp_path / "labels.npy").write_bytes(LABELS)
    refused(tmp_path / "images.npy", "is damaged")


def bomb(path, name, head, size):
    """A zip file with a member of `size` zero bytes after head."""
    packing = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 9}
    with zipfile.ZipFile(path, "w", **packing) as archive, archive.open(name, "w") as member:
        member.write(head)
        for _ in range(size >> 20):
            member.write(bytes(1 << 20))
    return path


def test_an_npz_file_that_unpacks_to_far_more(tmp_path):
    path = bomb(tmp_path / "a.npz", "images.npy", npy((256, 1024, 1024)), 256 << 20)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.npy", LABELS)
    assert path.stat().st_size < 1e6
    refused(path, r"is refused: the 0\.\d MB of its 'images\.npy' unpack to 268 MB")


def test_a_zip_file_that_lies_about_the_size_of_a_part(tmp_path):
    path = npz(tmp_path / "a.npz", images=npy((4, 4, 4, 3), b"\0" * 10**6), labels=LABELS)
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 10**6 + 128), struct.pack("<I", 192 + 128)))
    refused(path, "is damaged")


# --- official archives ---


def test_a_gtsrb_archive_whose_table_or_sign_unpacks_to_far_more(tmp_path):
    bomb(tmp_path / "GTSRB_Final_Training_Images.zip", "GTSRB/00000/GT-00000.csv", b"", 32 << 20)
    refused("gtsrb", "damaged", "train", tmp_path, megabytes=20)
    table = b"Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n00000_00000.ppm;9;9;0;0;8;8;0\n"
    path = bomb(tmp_path / "GTSRB_Final_Training_Images.zip", "GTSRB/00000/00000_00000.ppm", b"P6 9 9 255\n", 32 << 20)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("GTSRB/00000/GT-00000.csv", table)
    refused("gtsrb", "damaged", "train", tmp_path, megabytes=20)


def test_a_gtsrb_table_that_names_files_outside(tmp_path):
    table = b"Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n../../../../secret.ppm;9;9;0;0;8;8;0\n"
    Image.fromarray(PIXELS).save(tmp_path / "secret.ppm")
    with zipfile.ZipFile(tmp_path / "GTSRB_Final_Training_Images.zip", "w") as archive:
        archive.writestr("GTSRB/00000/GT-00000.csv", table)
    refused("gtsrb", "damaged", "train", tmp_path)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_cifar10_archive_that_unpacks_to_more_than_is_read(tmp_path, kind, monkeypatch):
    """A large file, and large headers of a file, which tarfile would read into memory."""
    monkeypatch.setattr(limits, "LARGEST_CIFAR_ARCHIVE", 32 << 20)
    member = tarfile.TarInfo("cifar-10-batches-py/test_batch")
    member.type, member.size = kind, 2 << 30
    zeros = gzip.compress(bytes(4 << 20), 1)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(gzip.compress(member.tobuf(tarfile.GNU_FORMAT)) + 64 * zeros)
    refused("cifar10", "damaged|holds no", "test", tmp_path, megabytes=40)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_cifar10_batch_that_is_a_link_or_pipe_is_none(tmp_path, kind):
    member = tarfile.TarInfo("cifar-10-batches-py/test_batch")
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "cifar-10-python.tar.gz", "w:gz") as tar:
        tar.addfile(member)
    refused("cifar10", "holds no test_batch", "test", tmp_path)
