"""The state of an inspection: what is known about a file so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.inspect.findings import Inspection
from pipeline.redact import printable
from pipeline.settings import FileSource


@dataclass
class Reading:
    """What is known about a file so far.

    Attributes:
        source: The source; settings that were found out are added.
        result: The findings.
        notes: Lines of TOML that the user should confirm.
        doubts: Problems that do not stop a run; they are listed last.
        asks_for_labels: Whether a problem asks what the labels mean, or where they are, so that the
            file is not called unlabelled.
    """

    source: FileSource
    result: Inspection
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    asks_for_labels: bool = False

    def problem(self, message: str, *, is_doubt: bool = False) -> None:
        """Add a problem to fix; the path of the file is removed, because it is shown only once."""
        of_its_kind = self.doubts if is_doubt else self.result.problems
        path = str(self.source.path)
        text = message.removeprefix(path).lstrip(":, ") if message.startswith(path) else message
        of_its_kind.append(printable(text))

    def set_columns(self, **names: str) -> None:
        """Set names of columns that a run needs to accept the file."""
        self.result.as_is = False
        columns = self.source.columns.model_copy(update=names)
        self.source = self.source.model_copy(update={"columns": columns})
