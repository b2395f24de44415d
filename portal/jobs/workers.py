"""Processes that run jobs: what they are called, and whether one still lives."""

from __future__ import annotations

import itertools
import os
import socket
from datetime import datetime
from pathlib import Path

from portal.jobs.rules import DEAD_AFTER

LONGEST_HOST = 60
_numbers = itertools.count(1)
DEAD = ("Z", "X", "x")
"""A zombie does no work; its parent has only not looked yet."""


def new_worker() -> str:
    """A name for one who runs jobs: host, process, its birth since process numbers are given out again, and a count."""
    return f"{_host()}:{os.getpid()}:{_birth(os.getpid())}:{next(_numbers)}"


def is_gone(worker: str, last_sign: datetime, at: datetime) -> bool:
    """Whether a worker is dead: on this machine the process says so, elsewhere a long silence. Instants."""
    host, number, birth, _ = worker.rsplit(":", 3)
    if host == _host() and birth:
        return _birth(int(number)) != birth
    return at - last_sign > DEAD_AFTER


def _host() -> str:
    return socket.gethostname()[:LONGEST_HOST]


def _birth(number: int) -> str:
    """When a process began, in ticks of the machine; blank when it is dead or the system does not tell."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    # The name of the program stands in brackets and may contain anything.
    state, *facts = stat.rpartition(")")[2].split()
    return "" if state in DEAD else facts[18]
