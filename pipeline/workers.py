"""How many threads work side by side."""

import os


def count_workers(wanted: int | None) -> int:
    """As many as wanted; unset: one for each core that this process may use."""
    return wanted or len(os.sched_getaffinity(0))
