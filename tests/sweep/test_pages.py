"""What a Parquet file's pages unpack to is read from their own headers."""

import contextlib
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.sweep.pages import _of_chunk, unpacked_bytes


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize("compression", ["zstd", "none"])
def test_the_pages_of_a_plain_file(tmp_path, version, statistics, compression):
    numbers = pa.array(np.random.default_rng(0).integers(0, 9, 30_000))
    table = pa.table({"a": numbers, "b": numbers.cast(pa.float32()), "c": numbers.cast(pa.string())})
    pq.write_table(
        table,
        tmp_path / "t",
        compression=compression,
        data_page_version=version,
        write_statistics=statistics,
        row_group_size=11_000,
        data_page_size=5_000,
        use_dictionary=["c"],
    )
    described = pq.read_metadata(tmp_path / "t")
    groups = [described.row_group(k) for k in range(described.num_row_groups)]
    told = sum(group.column(k).total_uncompressed_size for group in groups for k in range(3))  # with the headers
    assert 0.95 * told < unpacked_bytes(tmp_path / "t", described) < told


BAD = {
    "nothing": b"", "a stop at once": b"\0" * 50, "no end": b"\x15" + b"\x80" * 50,
    "structs in structs": b"\x1c" * 60_000,
    "a type that is none": b"\x1f\0", "a list": b"\x19\0\0", "a negative size": b"\x15\0\x15\x01\x15\x01\0",
    "more than there is": b"\x15\0\x15\x10\x15\x80\x80\x01\0",
}  # fmt: skip


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
def test_headers_that_are_none(header):
    with pytest.raises(pa.ArrowInvalid, match="a page "):
        _of_chunk(io.BytesIO(header), 0, max(10, len(header)))


@given(st.binary(max_size=60))
def test_any_bytes(header):
    with contextlib.suppress(pa.ArrowInvalid):
        assert _of_chunk(io.BytesIO(header), 0, len(header)) >= 0
