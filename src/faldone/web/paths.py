"""Paths within the site that a request names: never a way out of it."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit


def local_path(path: str | None, default: str = "/") -> str:
    """The path if it leads within this site, else ``default``."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in unquote(path):
        return default
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in unquote(path)):
        return default
    return path


def with_next(door: str, path: str) -> str:
    """The door, with where to go behind it."""
    return f"{door}?next={quote(local_path(path), safe='/')}" if path not in ("", "/") else door
