"""Checks the user's files before a run."""

from __future__ import annotations

from pipeline.crawl.run import check_source
from pipeline.errors import InputError, SettingsError
from pipeline.prepare.unlabeled import check_unlabeled
from pipeline.settings import Settings


def check_inputs(settings: Settings) -> None:
    """Validate the sources and the file of unlabelled reviews, without network access.

    Raises:
        SourceError: A file does not exist, cannot be read, lacks a column or has labels without a
            clear meaning.
        SettingsError: See :func:`pipeline.crawl.run.check_source`; or the file of pretrained
            layers does not exist.
    """
    for number, source in enumerate(settings.all_sources):
        try:
            check_source(source)
        except InputError as error:
            if not settings.sources:
                raise
            raise type(error)(
                f"sources.{number} ({source.name or source.title}): {error}"
            ) from error
    check_unlabeled_file(settings)
    if (layers := settings.pretrain.from_path) and not layers.is_file():
        raise SettingsError(f"pretrain.from_path: no such file: {layers}")


def check_unlabeled_file(settings: Settings) -> None:
    """Validate the file of unlabelled reviews, if one is set.

    Raises:
        SourceError: It does not exist, cannot be read or has no text column.
    """
    if path := settings.pretrain.unlabeled_path:
        check_unlabeled(path)
