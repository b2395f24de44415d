"""For Schemathesis: a key of its own for each request that has a good one, as a program would send it."""

from __future__ import annotations

import uuid
from typing import Any

import schemathesis

from portal.api.rules import is_key

HEADER = "Idempotency-Key"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Otherwise every second good body would be refused because its key came with another one."""
    sent = (case.headers or {}).get(HEADER)
    if isinstance(sent, str) and is_key(sent):
        case.headers[HEADER] = uuid.uuid4().hex
