"""A real HTTP server on loopback that answers, well or badly, what a test tells it to."""

from tests.site.replies import (
    Answer,
    Bomb,
    Drip,
    Flood,
    Late,
    Reply,
    Reset,
    Silence,
    redirect,
)
from tests.site.server import Asked, Site, serve

__all__ = [
    "Answer",
    "Asked",
    "Bomb",
    "Drip",
    "Flood",
    "Late",
    "Reply",
    "Reset",
    "Silence",
    "Site",
    "redirect",
    "serve",
]
