"""Which settings may be changed for a run that is started in the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pipeline.errors import SettingsError
from pipeline.settings.orchestration import ScheduleSettings
from pipeline.settings.run import Settings

FIXED_SECTIONS = frozenset({
    *("source", "sources", "store", "runner", "schedule", "dashboard", "api"),
    *("notify", "alerts", "tracking"),
})  # fmt: skip
"""Where data comes from and goes to, and who may do what."""
_HARMLESS = frozenset({bool, int, float, type(None)})


def check_allowed(settings: Settings) -> None:
    """Check ``schedule.allow_overrides``.

    Raises:
        SettingsError: A key is unknown, or holds an address, a path or other free text.
    """
    for key in settings.schedule.allow_overrides:
        if not can_be_allowed(key):
            raise SettingsError(
                f"schedule.allow_overrides: {key} cannot be allowed; only settings whose value is "
                "a number, true or false, or one of fixed choices, such as train.epochs, can be "
                f"allowed, and none of the sections {', '.join(sorted(FIXED_SECTIONS))}"
            )


def can_be_allowed(key: str) -> bool:
    """Whether ``section.key`` is a setting without addresses, paths or free text."""
    section, _, name = key.partition(".")
    field = Settings.model_fields.get(section)
    if field is None or section in FIXED_SECTIONS:
        return False
    fields = getattr(field.annotation, "model_fields", {})
    return name in fields and _is_harmless(fields[name].annotation)


def check_changes(changes: Iterable[str], schedule: ScheduleSettings) -> None:
    """Check the changes of a run.

    Args:
        changes: Assignments ``section.key=value``.
        schedule: Settings of the schedule's owner.

    Raises:
        SettingsError: A run changes a key that ``schedule.allow_overrides`` does not list.
    """
    for one in changes:
        key = one.partition("=")[0].strip()
        if key not in schedule.allow_overrides:
            raise SettingsError(
                f"overrides: {key} cannot be changed in the dashboard; whoever runs the schedule "
                "can allow it in schedule.allow_overrides"
            )


def _is_harmless(annotation: Any) -> bool:
    if annotation in _HARMLESS or get_origin(annotation) is Literal or annotation is Ellipsis:
        return True
    parts = get_args(annotation)
    return bool(parts) and all(map(_is_harmless, parts))
