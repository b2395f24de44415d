"""How a unit is named at the head of a letter, and which place stands before the date.

Pure. Units carry the names people use ("UBND xã Đắk Sôr"); Decree 30/2020 wants them written out and in capitals.
"""

from __future__ import annotations

import re
from datetime import date

PEOPLES_COMMITTEE = "ỦY BAN NHÂN DÂN"
SHORT_FORMS = (
    (re.compile(r"^UBND\b", re.IGNORECASE), "Ủy ban nhân dân"),
    (re.compile(r"\bVP\s?HĐND\s?(?:&|và)\s?UBND\b", re.IGNORECASE), "Văn phòng HĐND và UBND"),
    (re.compile(r"\bCN\s?VPĐKĐĐ\b", re.IGNORECASE), "Chi nhánh Văn phòng Đăng ký đất đai"),
    (re.compile(r"\bVPĐKĐĐ\b", re.IGNORECASE), "Văn phòng Đăng ký đất đai"),
)
AREA_WORDS = ("tỉnh", "thành phố", "tp.", "tp", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "đặc khu")
BLANK_DAY = "      "


def full_name(unit_name: str) -> str:
    """The name of a unit with its usual short forms written out."""
    name = " ".join(unit_name.split())
    for pattern, words in SHORT_FORMS:
        name = pattern.sub(words, name)
    return name


def agency_lines(unit_name: str) -> tuple[str, ...]:
    """The name of an agency in capitals, as the lines of a letter head.

    A People's Committee breaks after its title, as every seed letter does: ("ỦY BAN NHÂN DÂN", "XÃ ĐẮK SÔR").
    """
    name = full_name(unit_name).upper()
    area = name.removeprefix(PEOPLES_COMMITTEE).strip()
    if name.startswith(PEOPLES_COMMITTEE) and area:
        return (PEOPLES_COMMITTEE, area)
    return (name,)


def area_of(unit_name: str) -> str:
    """The bare place name of an area's unit: "UBND xã Đắk Sôr" gives "Đắk Sôr"; a ward's number keeps its word."""
    name = full_name(unit_name).removeprefix("Ủy ban nhân dân").strip()
    lowered = name.lower()
    for word in AREA_WORDS:
        rest = name[len(word) :].strip()
        if lowered.startswith(word + " ") and rest and not rest[0].isdigit():
            return rest
    return name


def number_with_zero(number: int) -> str:
    """A document number as Decree 30/2020 writes it: below ten with a leading zero."""
    return f"{number:02d}"


def day_in_words(day: date) -> str:
    """As in "ngày 07 tháng 02 năm 2023": days below ten and the months January and February take a zero."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def blank_day_in_words(day: date) -> str:
    """The date line before the clerk has dated the letter: the day is left open."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày{BLANK_DAY}tháng {month} năm {day.year}"
