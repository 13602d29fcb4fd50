"""Exceptions.

::

    ReviewSentimentError
    ├── InputError            invalid input (exit 2)
    │   ├── SettingsError     unknown setting or invalid value
    │   ├── SourceError       a file or site does not match its settings
    │   ├── DataError         too few or unsuitable reviews
    │   └── WorkspaceError    the workspace is unusable or lacks a stage's output
    └── RunError              valid input, but the run failed (exit 1)
        └── FetchError        a page could not be fetched
            └── GoneError     the page does not exist (404, 410)

Each message is one line that names the cause and the next step. It never contains secrets of URLs
or control characters, which may come from a site's responses.
"""

from pipeline.redact import printable


class ReviewSentimentError(Exception):
    """Base class of all exceptions of this package."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class InputError(ReviewSentimentError):
    """Invalid input: settings, files, command-line arguments."""


class SettingsError(InputError):
    """A setting is unknown or its value is invalid."""


class SourceError(InputError):
    """A file or site cannot be read, or does not match its settings."""


class DataError(InputError):
    """The reviews are too few, or all of one class."""


class WorkspaceError(InputError):
    """The workspace or the review store is unusable, or lacks the output of an earlier stage."""


class RunError(ReviewSentimentError):
    """The input was valid, but the run failed."""


class FetchError(RunError):
    """A page could not be fetched."""


class GoneError(FetchError):
    """The page does not exist or was removed (HTTP 404 or 410)."""
