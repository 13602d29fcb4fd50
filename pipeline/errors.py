"""What can go wrong, as a tree.

::

    ReviewSentimentError
    ├── InputError            what the user gave cannot be used (exit 2)
    │   ├── SettingsError     a setting is unknown or impossible
    │   ├── SourceError       a file or site cannot be read as described
    │   ├── DataError         the reviews do not suffice for what was asked
    │   └── WorkspaceError    the workspace cannot be written, or lacks a stage's output
    └── RunError              the input was fine and the run failed (exit 1)
        └── FetchError        a page could not be fetched
            └── GoneError     there is no such page, or no longer

Every message is one line that names the culprit and the next step.
"""


class ReviewSentimentError(Exception):
    """The base of all errors that this project raises on purpose."""


class InputError(ReviewSentimentError):
    """What the user gave cannot be used."""


class SettingsError(InputError):
    """A setting is unknown or its value is impossible."""


class SourceError(InputError):
    """A source of reviews cannot be read as the settings describe it."""


class DataError(InputError):
    """The reviews are too few or too uniform for what was asked."""


class WorkspaceError(InputError):
    """The workspace cannot be written to, or lacks what an earlier stage makes."""


class RunError(ReviewSentimentError):
    """The input was fine and the run failed all the same."""


class FetchError(RunError):
    """A page could not be fetched."""


class GoneError(FetchError):
    """The site has no such page, or no longer."""
