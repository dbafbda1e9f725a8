"""How often somebody may try to enter, counted by the place they try from: a stranger shuts nobody out but themselves.

A place is the address, or what shows better than it that somebody was here before: the mark that an entry leaves in the
browser, the session they are in. All this is in the memory of the process and begins anew with it; the bound that
counts an account's tries from everywhere is kept in the catalog (:mod:`faldone.pipeline.accounts.entering`).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from faldone.domain.digest import Digest

FREE_FAILURES: Final = 5
"""Errors in a row after which nothing is heard from a place for a minute, then for longer."""

_LOCK_MINUTES_MOST = 60
_KEPT = 10_000
_LINE_BITS = 64


def line_of(address: str) -> str:
    """The line that an address is of: one of IPv6 has 64 bits of addresses to itself, and takes another as it likes."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), _LINE_BITS), strict=False))


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody tries from. ``known`` is by what the account was here before; empty for a stranger's place."""

    address: str = ""
    known: str = ""

    @property
    def key(self) -> str:
        """By what it is counted."""
        return f"known:{self.known}" if self.known else f"address:{line_of(self.address)}"


class Locks:
    """Errors in a row at one account from one place, and until when no more is heard from there."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._rows: OrderedDict[tuple[str, str], tuple[int, dt.datetime | None]] = OrderedDict()
        self._guard = threading.Lock()

    def hold(self, account: str, place: Place, now: dt.datetime) -> bool:
        """Whether nothing is heard from there now."""
        with self._guard:
            _, until = self._rows.get((account, place.key), (0, None))
        return until is not None and now < until

    def failed(self, account: str, place: Place, now: dt.datetime) -> None:
        """Counts an error."""
        key = account, place.key
        with self._guard:
            failures = self._rows.pop(key, (0, None))[0] + 1
            self._rows[key] = failures, (now + _lock(failures) if failures >= FREE_FAILURES else None)
            if len(self._rows) > self._kept:
                self._rows.popitem(last=False)

    def forgive(self, account: str, place: Place | None = None) -> None:
        """Forgets the errors of an account from one place, or from all."""
        with self._guard:
            if place is not None:
                self._rows.pop((account, place.key), None)
                return
            for key in [key for key in self._rows if key[0] == account]:
                del self._rows[key]


def _lock(failures: int) -> dt.timedelta:
    doublings = min(failures - FREE_FAILURES, _LOCK_MINUTES_MOST.bit_length())
    return dt.timedelta(minutes=min(2**doublings, _LOCK_MINUTES_MOST))


class Tries:
    """A sliding window over refused tries, at one name from one place and by address.

    The locks stop guesses at one account; this one also stops those that try a few words at each of many, and treats
    names that exist and names that do not alike. Where an account was before, what others do from the same address
    does not count: an office has one address.
    """

    def __init__(
        self,
        by_name: int = 20,
        by_address: int = 60,
        span: dt.timedelta = dt.timedelta(minutes=10),
        kept: int = _KEPT,
    ) -> None:
        self._most = {"name": by_name, "address": by_address}
        self._span = span
        self._kept = kept
        self._failed: OrderedDict[tuple[str, ...], deque[dt.datetime]] = OrderedDict()
        self._guard = threading.Lock()

    def allows(self, name: str, place: Place, now: dt.datetime) -> bool:
        """Whether this try is heard."""
        with self._guard:
            return all(len(self._recent(key, now)) < self._most[key[0]] for key in _keys(name, place))

    def failed(self, name: str, place: Place, now: dt.datetime) -> None:
        """Counts a try that was refused."""
        with self._guard:
            for key in _keys(name, place):
                tries = self._recent(key, now)
                tries.append(now)
                self._failed[key] = tries
                self._failed.move_to_end(key)
            while len(self._failed) > self._kept:
                self._failed.popitem(last=False)

    def _recent(self, key: tuple[str, ...], now: dt.datetime) -> deque[dt.datetime]:
        tries = self._failed.get(key, deque())
        while tries and now - tries[0] >= self._span:
            tries.popleft()
        return tries


def _keys(name: str, place: Place) -> list[tuple[str, ...]]:
    who = Digest.of(name.strip().lower().encode("utf-8", "surrogatepass")).hex  # it may be a name that was mistyped
    at_name = ("name", who, place.key)
    return [at_name] if place.known else [at_name, ("address", line_of(place.address))]
