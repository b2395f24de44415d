"""The conversation with the mail server: standard library only. Knows no database."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from portal.config import Settings

TIMEOUT = 20
"""Seconds for each answer of the server; far below the lease of a mail."""
LONGEST_ERROR = 300
MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
NAME = "Cổng Đúng Hạn"


class NotSent(Exception):
    """The server did not take a mail. ``for_good``: trying again will not help, a person must look."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.words = words[:LONGEST_ERROR]
        self.for_good = for_good


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What is sent. ``message_id`` is the same each time the same mail is sent."""

    to: str
    subject: str
    plain: str
    html: str
    message_id: str
    written_at: datetime
    attachment: bytes | None = None
    attachment_name: str = ""


class Post:
    """A connection that stays open for several mails."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server, self._sender, self.is_lost = server, sender, False

    def send(self, envelope: Envelope) -> None:
        """Hand one mail to the server; returns when the server took it. Raises NotSent."""
        try:
            self._server.send_message(message_of(envelope, self._sender), self._sender, [envelope.to])
        except (OSError, smtplib.SMTPException, ValueError, UnicodeError) as error:
            self.is_lost = isinstance(error, (OSError, smtplib.SMTPServerDisconnected)) and not isinstance(
                error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused
            )
            raise _not_sent(error) from error


@contextmanager
def open_post(settings: Settings) -> Iterator[Post]:
    """Connect as the settings say; raises NotSent where the server is not there or refuses the sign-in."""
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise _not_sent(error, connecting=True) from error
    try:
        yield Post(server, settings.mail_from)
    finally:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def _connect(settings: Settings) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cafile=str(settings.smtp_ca_file) if settings.smtp_ca_file else None)
    server: smtplib.SMTP
    if settings.smtp_security == "ssl":
        server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=trusted)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def message_of(envelope: Envelope, sender: str) -> EmailMessage:
    """The mail as the server gets it: plain text, and the same as simple HTML. Raises ValueError for line breaks in
    headers, so nobody smuggles one in by a name."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(NAME, addr_spec=parseaddr(sender)[1])
    message["To"] = Address(addr_spec=envelope.to)
    message["Subject"] = envelope.subject
    message["Date"] = format_datetime(envelope.written_at)
    message["Message-ID"] = envelope.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(envelope.plain, cte="quoted-printable")
    message.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    if envelope.attachment is not None:
        kind = MEDIA_TYPES.get(envelope.attachment_name.rpartition(".")[2].lower(), "application/octet-stream")
        main, _slash, sub = kind.partition("/")
        message.add_attachment(envelope.attachment, maintype=main, subtype=sub, filename=envelope.attachment_name)
    return message


def _not_sent(error: Exception, *, connecting: bool = False) -> NotSent:
    """What went wrong, in the server's words. Only what the server refuses for this mail is final."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return NotSent(f"{code} {_text(said)}", for_good=code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        words = f"{error.smtp_code} {_text(error.smtp_error)}"
        return NotSent(words, for_good=error.smtp_code >= 500 and not connecting)
    words = f"{type(error).__name__}: {error}"
    return NotSent(words, for_good=isinstance(error, (ValueError, UnicodeError)) and not connecting)


def _text(said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(words.split())
