"""The order of the rows of a sheet."""

import numpy as np
import pyarrow as pa

from pipeline.report.source_order import in_source_order, natural_key


def test_numbers_in_ids_are_sorted_as_numbers() -> None:
    ids = ["", "2", "007", "10", "10#2", "10#10", "a 2 of b", "a 10", "row 9", "row 10", "row 100"]
    ids.append("row " + "9" * 5_000)
    mixed = [ids[place] for place in np.random.default_rng(0).permutation(len(ids))]
    assert sorted(mixed, key=natural_key) == ids


def test_sources_keep_their_order_and_texts_of_a_review_theirs() -> None:
    rows = [("z", "10", ""), ("z", "10", "교통"), ("z", "9", ""), ("a", "1", "")]
    names = ("source", "review_id", "aspect")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    found = [tuple(row.values()) for row in in_source_order(table).to_pylist()]
    assert found == [rows[2], rows[0], rows[1], rows[3]]
    assert in_source_order(table.slice(0, 0)).num_rows == 0
