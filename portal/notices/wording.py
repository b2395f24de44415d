"""What a notice says in the reader's language, where it leads, and the mail of a day. Codes and dates only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.notices.kinds import KINDS, Kind
from portal.notices.models import Notice, NoticeItem
from portal.notices.rules import lines_shown
from portal.web.filters import day as said_day


@dataclass(frozen=True)
class Line:
    """One thing of a notice as it is shown."""

    label: str
    due: str
    url: str


@dataclass(frozen=True)
class Worded:
    """A notice as it is shown: the sentence, whose place the reader stands in, its first things, how many more."""

    id: int
    says: str
    absent: str
    is_duty: bool
    lines: Sequence[Line]
    more: int
    url: str
    notice: Notice


def worded(notice: Notice, items: Sequence[NoticeItem]) -> Worded | None:
    """The words of a notice; None for a kind this version does not know any more."""
    kind = KINDS.get(notice.kind)
    if kind is None:
        return None
    shown = items[: lines_shown(notice.things)]
    lines = [
        Line(item.label, said_day(item.due_on) if item.due_on else "", _page_of(kind, item.entity_id)) for item in shown
    ]
    return Worded(
        id=notice.id,
        says=kind.says(notice.things, notice.stage),
        absent=notice.absent.full_name if notice.absent else "",
        is_duty=kind.is_duty,
        lines=lines,
        more=notice.things - len(lines),
        url=lines[0].url if not kind.listed or notice.things == 1 else address(kind.listed, kind.values),
        notice=notice,
    )


def _page_of(kind: Kind, entity_id: int) -> str:
    if kind.endpoint:
        return address(kind.endpoint, {kind.argument: entity_id})
    return address(kind.listed or "notices.index", kind.values)


def address(endpoint: str, values: Mapping[str, Any]) -> str:
    """The path of a page; the same inside a request and in a job, where no host is known."""
    return current_app.url_map.bind("").build(endpoint, dict(values))


@dataclass(frozen=True)
class Digest:
    """The mail of one person and day."""

    subject: str
    plain: str
    html: str


def digest_of(notices: Sequence[Worded], on: date) -> Digest:
    """One mail for all that a person was told and has not read: duties first. Raises ValueError for none."""
    if not notices:
        raise ValueError("an empty digest is no mail")
    base = str(current_app.config["SETTINGS"].base_url).rstrip("/")
    duties = [one for one in notices if one.is_duty]
    others = [one for one in notices if not one.is_duty]
    facts = {
        "duties": duties,
        "others": others,
        "on": on,
        "base": base,
        "all_url": base + address("notices.index", {}),
        "choose_url": base + address("notices.choices", {}),
    }
    # The day stands in the subject: mail programs fold equal subjects into one thread and hide the newest.
    things = sum(one.notice.things for one in duties)
    subject = (
        ngettext("%(num)s thing waits for you, %(day)s", "%(num)s things wait for you, %(day)s", things,
                 day=said_day(on))
        if things
        else _("News for you, %(day)s", day=said_day(on))
    )  # fmt: skip
    return Digest(
        subject=f"[Đúng Hạn] {subject}",
        plain=_drawn("notices/digest_plain.html", facts).strip() + "\n",
        html=_drawn("notices/digest.html", facts),
    )


def _drawn(template: str, facts: Mapping[str, Any]) -> str:
    """A template without the frame of pages, which would ask who is signed in."""
    return current_app.jinja_env.get_template(template).render(facts)


def test_mail(on: date) -> Digest:
    """The mail an administrator lets the portal write to himself."""
    words = _("This is a test mail of the portal. It arrived, so mail works.")
    subject = _("Test mail, %(day)s", day=said_day(on))
    return Digest(
        subject=f"[Đúng Hạn] {subject}",
        plain=words + "\n",
        html=f"<p>{words}</p>\n",
    )
