"""A real HTTP server on loopback with scripted responses, valid and faulty."""

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
