"""The record of a model: the texts it was trained and tested on, with its fair answers.

An answer is fair if the model that gave it had not learnt from the text: in a cross-validation the
answer of the fold's model, otherwise the answer to a review of the test split. Later models are
compared with the model by these answers. The record is kept apart from the metrics, because a purge
deletes the metrics; in the record, it deletes the rows of the purged reviews only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace

PREFIX = "network_"
"""Prefix of the columns with the answers."""
_COMPLETE = b"complete"


class Record(NamedTuple):
    """What a model was trained and tested on.

    Attributes:
        table: Columns ``id``, ``text`` (cleaned) and, prefixed with :data:`PREFIX`, those of the
            target's predictions, null where no answer is fair.
        is_complete: Whether it has all texts; after a purge, some are missing.
    """

    table: pa.Table
    is_complete: bool

    @classmethod
    def read(cls, manifest: Manifest) -> Record:
        """Read a record."""
        table = pq.read_table(manifest.path(names.RECORD))
        return cls(table, (table.schema.metadata or {}).get(_COMPLETE) == b"yes")

    def write(self, workspace: Workspace, key: str) -> Manifest:
        """Write the record of the model with this key."""
        marked = self.table.replace_schema_metadata(
            {_COMPLETE: b"yes" if self.is_complete else b"no"}
        )
        folder = workspace.folder(names.RECORDS, key)
        with atomic_path(folder / names.RECORD) as temporary:
            pq.write_table(marked, temporary)
        return workspace.finish(names.RECORDS, key, [names.RECORD], marked.num_rows, {})

    def only(self, ids: Collection[str]) -> Record:
        """The record of these reviews."""
        kept = pa.array([one in ids for one in self.table["id"].to_pylist()], pa.bool_())
        table = self.table.filter(kept)
        return Record(table, self.is_complete and table.num_rows == self.table.num_rows)
