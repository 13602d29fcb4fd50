"""What is known of a file while it is inspected."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.inspect.findings import Inspection
from pipeline.redact import printable
from pipeline.settings import FileSource


@dataclass
class Reading:
    """What is known of a file, step by step.

    Attributes:
        source: The source, with what was found out added.
        result: The findings.
        notes: Lines of the TOML to confirm.
        doubts: Problems that a run gets over, which come last.
    """

    source: FileSource
    result: Inspection
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def problem(self, message: str, *, is_doubt: bool = False) -> None:
        """Note what is to be mended, without the path of the file, which is said once."""
        of_its_kind = self.doubts if is_doubt else self.result.problems
        path = str(self.source.path)
        text = message.removeprefix(path).lstrip(":, ") if message.startswith(path) else message
        of_its_kind.append(printable(text))

    def set_columns(self, **names: str) -> None:
        """Change names of columns, without which a run would refuse the file."""
        self.result.as_is = False
        columns = self.source.columns.model_copy(update=names)
        self.source = self.source.model_copy(update={"columns": columns})
