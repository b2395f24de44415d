"""Two children of one command: the server, and the scheduler, which is started again when it dies."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

STEP = 0.1
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
STEADY = 60.0
"""Seconds after which a child counts as well: the next time it dies it is started again at once."""
GRACE = 40.0
_PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """Runs ``server`` and ``scheduler`` until told to stop or the server ends; stops both together."""

    def __init__(self, server: Sequence[str], scheduler: Sequence[str], environment: Mapping[str, str]) -> None:
        self._commands = (list(server), list(scheduler))
        # The terminal of a newcomer shows what is wrong, not that all is well.
        self._environments = (dict(environment), {"PORTAL_LOG_LEVEL": "WARNING", **environment})
        self._stopped = False

    def run(self) -> int:
        """Work until told to stop; the exit code: 0 when told, else that of the server."""
        for name in SIGNALS:
            signal.signal(name, self._stop)
        server, scheduler = self._start(0), self._start(1)
        begun, wait, again_at = time.monotonic(), FIRST_WAIT, None
        try:
            while not self._stopped and server.poll() is None:
                time.sleep(STEP)
                now = time.monotonic()
                if scheduler.poll() is None:
                    continue
                if again_at is None:
                    wait = FIRST_WAIT if now - begun > STEADY else min(wait * 2, LONGEST_WAIT)
                    again_at = now + wait
                elif now >= again_at:
                    scheduler, begun, again_at = self._start(1), now, None
        finally:
            _end(server, scheduler)
        return 0 if self._stopped else server.returncode

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopped = True

    def _start(self, which: int) -> subprocess.Popen[bytes]:
        """Start a child in a process group of its own: Ctrl-C reaches this process only, which then stops both."""
        parent = os.getpid()
        return subprocess.Popen(
            self._commands[which],
            env=self._environments[which],
            process_group=0,
            preexec_fn=lambda: _end_with(parent),
        )


def _end_with(parent: int) -> None:
    """In the child: be told to stop when the parent dies, even by kill -9, so that no orphan is left (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def _end(*children: subprocess.Popen[bytes]) -> None:
    """Ask every child to stop, and kill what has not after the grace."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    ends = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(max(STEP, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
