"""How a unit is named at the head of a letter, and which place stands before the date.

Pure. Units carry the names people use ("UBND xã Đắk Sôr"); Decree 30/2020 wants them written out and in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations, pairwise

PEOPLES_COMMITTEE = "ỦY BAN NHÂN DÂN"
SHORT_FORMS = (
    (re.compile(r"^UBND\b", re.IGNORECASE), "Ủy ban nhân dân"),
    (re.compile(r"\bVP\s?HĐND\s?(?:&|và)\s?UBND\b", re.IGNORECASE), "Văn phòng HĐND và UBND"),
    (re.compile(r"\bCN\s?VPĐKĐĐ\b", re.IGNORECASE), "Chi nhánh Văn phòng Đăng ký đất đai"),
    (re.compile(r"\bVPĐKĐĐ\b", re.IGNORECASE), "Văn phòng Đăng ký đất đai"),
)
AREA_WORDS = ("tỉnh", "thành phố", "tp.", "tp", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "đặc khu")
BLANK_DAY = "      "
HEAD_WIDTH = 22
"""So many capitals of 13 points fit the 61 mm of the left column."""
MOST_WORDS = 14
GLUE = "\u00a0"
COMPOUNDS = (
    "CHI NHÁNH", "VĂN PHÒNG", "ĐĂNG KÝ", "ĐẤT ĐAI", "TÀI NGUYÊN", "MÔI TRƯỜNG", "KINH TẾ", "HẠ TẦNG", "TÀI CHÍNH",
    "KẾ HOẠCH", "LAO ĐỘNG", "THƯƠNG BINH", "XÃ HỘI", "VĂN HÓA", "VĂN HOÁ", "THÔNG TIN", "TRUYỀN THÔNG", "GIÁO DỤC",
    "ĐÀO TẠO", "NÔNG NGHIỆP", "PHÁT TRIỂN", "NÔNG THÔN", "THANH TRA", "NỘI VỤ", "TƯ PHÁP", "TRUNG TÂM", "PHỤC VỤ",
    "HÀNH CHÍNH", "CÔNG NGHỆ", "KHOA HỌC", "KRÔNG NÔ", "ĐẮK NÔNG",
)  # fmt: skip
"""Words of agency names that are not torn apart at the end of a line."""


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
        return (PEOPLES_COMMITTEE, *balanced(area))
    return balanced(name)


def balanced(name: str) -> tuple[str, ...]:
    """A long name in as few lines as fit the head of a letter, of even length, compounds kept whole."""
    for compound in COMPOUNDS:
        name = name.replace(compound, compound.replace(" ", GLUE))
    words = name.split(" ")
    filled = _filled(words)
    lines = filled
    if len(words) <= MOST_WORDS:
        fitting = [split for split in _splits(words, len(filled)) if max(map(len, split)) <= HEAD_WIDTH]
        lines = min(fitting, key=_unevenness, default=filled)
    return tuple(line.replace(GLUE, " ") for line in lines)


def _filled(words: list[str]) -> tuple[str, ...]:
    """Line after line as full as it goes: the fewest lines, and the answer for names without end."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= HEAD_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def _splits(words: list[str], count: int) -> Iterator[tuple[str, ...]]:
    """Every way to set the words in so many lines."""
    for cuts in combinations(range(1, len(words)), count - 1):
        bounds = (0, *cuts, len(words))
        yield tuple(" ".join(words[start:end]) for start, end in pairwise(bounds))


def _unevenness(lines: tuple[str, ...]) -> float:
    mean = sum(map(len, lines)) / len(lines)
    return sum((len(line) - mean) ** 2 for line in lines)


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
