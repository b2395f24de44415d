"""What the days off of a coming year will probably be: the library `holidays` proposes, a person decides. No database.

The library knows the Labour Code, the lunar calendar and substitute days; what an official document decides every year
(the layout of Tết, the second day of the National Day, swaps) it can only guess, and each proposal says so.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache

from holidays import country_holidays

from portal.calendars.rules import SATURDAY, DayKind, NamedDay
from portal.deadlines import DayStatus

LAW = "Bộ luật Lao động 45/2019/QH14, điều 112"
SUBSTITUTE = "; nghỉ bù theo điều 111 khoản 3"
SWAPPED = re.compile(r"thay cho ngày (\d{2}/\d{2}/\d{4})")
TET = "Tết Nguyên Đán"
NATIONAL_DAY, CULTURE_DAY = "Quốc khánh", "Văn hóa"
DOUBTS = {
    TET: "Dự kiến theo luật và lịch âm. Năm ngày nghỉ Tết do văn bản chính thức ấn định hằng năm; chờ thông báo.",
    NATIONAL_DAY: "Dự kiến. Ngày liền kề 2/9 (trước hoặc sau) do văn bản chính thức ấn định hằng năm; chờ thông báo.",
    CULTURE_DAY: "Dự kiến. Ngày nghỉ mới từ năm 2026; đối chiếu văn bản thi hành đối với cơ quan nhà nước.",
    SUBSTITUTE: "Dự kiến. Nghỉ bù vì ngày lễ trùng thứ Bảy hoặc Chủ nhật; chờ thông báo lịch nghỉ chính thức.",
    SWAPPED.pattern: "Dự kiến. Hoán đổi theo thư viện ngày nghỉ; đối chiếu số văn bản.",
    "": "Dự kiến theo luật; chờ thông báo lịch nghỉ chính thức.",
}


@cache
def proposals(year: int) -> tuple[NamedDay, ...]:
    """The weekdays off of a year as the library has them, each unconfirmed with its doubt, in order."""
    found = country_holidays("VN", years=year, language="vi")
    named = (_proposal(day, found[day]) for day in sorted(found) if day.year == year and day.weekday() < SATURDAY)
    return tuple(named)


@cache
def on_weekends(year: int) -> tuple[tuple[date, str], ...]:
    """The holidays that fall on a Saturday or Sunday: the reason for the substitute days."""
    found = country_holidays("VN", years=year, language="vi", observed=False)
    return tuple((day, found[day]) for day in sorted(found) if day.year == year and day.weekday() >= SATURDAY)


def _proposal(day: date, name: str) -> NamedDay:
    swapped = SWAPPED.search(name)
    worked = datetime.strptime(swapped[1], "%d/%m/%Y").date() if swapped else None
    is_substitute = "nghỉ bù" in name
    kind = DayKind.SWAP if worked else DayKind.OFF
    document = LAW + (SUBSTITUTE if is_substitute else "")
    return NamedDay(day, kind, name, document, DayStatus.UNCONFIRMED, _doubt(name, is_substitute), worked)


def _doubt(name: str, is_substitute: bool) -> str:
    if SWAPPED.search(name):
        return DOUBTS[SWAPPED.pattern]
    if "Tết" in name and "Dương lịch" not in name:
        return DOUBTS[TET]
    fitting = next((word for word in (NATIONAL_DAY, CULTURE_DAY) if word in name), "")
    return DOUBTS[fitting or (SUBSTITUTE if is_substitute else "")]
