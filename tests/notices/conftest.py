"""A mail server that really listens, and kinds of notices of our own."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask

from portal import clock
from portal.config import Settings
from portal.database import commit
from portal.notices.actions import tell
from portal.notices.kinds import KINDS, Item, Kind

MONDAY = datetime(2023, 10, 16, 9, 0)
DUTY = Kind(
    name="test.duty", label="Nhiệm vụ", says=lambda count, stage: f"{count} việc {stage}".strip(), listed="home.index"
)
NEWS = Kind(name="test.news", label="Tin", says=lambda count, stage: f"{count} tin", listed="home.index", is_duty=False)


@dataclass
class Server:
    """A mail server on this machine; ``answers`` are given to the next mails, then everything is taken."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.got.append(message_from_bytes(envelope.content, policy=default))
        return answer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for this machine."""
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*asked, *more], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def server() -> Iterator[Server]:
    """A server without encryption."""
    yield from _running(Server())


def _running(server: Server, **more: Any) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **more)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def strict_server(certificate: tuple[Path, Path]) -> Iterator[Server]:
    """A server that wants STARTTLS and a sign-in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"cong", b"mat-khau")
        return AuthResult(success=right, handled=False)

    wants = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": known}
    yield from _running(Server(), **wants)


@pytest.fixture
def mailing(app: Flask) -> Callable[..., None]:
    """Set up mail: ``mailing(server)``."""

    def set_up(server: Server, **more: Any) -> None:
        settings: Settings = app.config["SETTINGS"]
        facts = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none", **more}
        app.config["SETTINGS"] = settings.model_copy(update={"mail_from": "cong@dunghan.vn", **facts})

    return set_up


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Two kinds of our own."""
    KINDS.update({kind.name: kind for kind in (DUTY, NEWS)})
    yield
    for kind in (DUTY, NEWS):
        KINDS.pop(kind.name)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """The business clock stands on a Monday in October 2023."""
    with clock.standing_at(MONDAY):
        yield


def say(*numbers: int, to: Any, kind: Kind = DUTY, stage: str = "", on: datetime = MONDAY) -> int:
    """Tell a person about things by their number."""
    items = [Item(entity_id=number, person_id=to.id, label=f"H{number}", due_on=on.date()) for number in numbers]
    with commit():
        return tell(kind, items, stage=stage, on=on.date(), at=clock.now())
