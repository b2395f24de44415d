"""What an official letter says, apart from how it is drawn.

Pure. ``pdf.py`` and ``docx.py`` lay the same content out by Decree 30/2020/NĐ-CP, Appendix I.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DEMO_MARK = "Bản trình diễn - dữ liệu minh hoạ, không có giá trị thi hành"
DRAFT_MARK = "DỰ THẢO"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One official letter.

    ``parent_lines`` and ``agency_lines`` stand at the head, already in capitals; ``number_line`` and ``place_and_date``
    on one line below; ``paragraphs`` are plain text; ``authority_lines`` are the signer's title in capitals, with
    its prefix ("TM. …") where one is due; ``copies`` are the lines of "Nơi nhận"; ``dated_on`` goes
    into the file's own data only. ``mark`` is printed at the foot of every page, ``draft`` says so at the top.
    ``details`` are single facts by name, for an agency's own Word file that words the letter itself.
    """

    parent_lines: tuple[str, ...]
    agency_lines: tuple[str, ...]
    number_line: str
    place_and_date: str
    title: str
    recipients: tuple[str, ...]
    paragraphs: tuple[str, ...]
    authority_lines: tuple[str, ...]
    signer_name: str
    copies: tuple[str, ...]
    dated_on: date
    subject: str = ""
    mark: str = ""
    draft: bool = False
    details: tuple[tuple[str, str], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The content as plain data, with the fixed words of every letter."""
        return {
            **self.as_json(),
            "nation": NATION,
            "motto": MOTTO,
            "draft_mark": DRAFT_MARK,
        }

    def as_json(self) -> dict[str, Any]:
        """The content in the types JSON has, for a column that keeps it."""
        return {**asdict(self), "dated_on": self.dated_on.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The letter that ``as_json`` kept."""
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        plain["details"] = tuple((str(name), str(value)) for name, value in data.get("details", ()))
        return cls(**{**plain, "dated_on": date.fromisoformat(data["dated_on"])})

    def as_text(self) -> str:
        """The letter as plain text, one line each, for previews and comparisons."""
        head = (*self.parent_lines, *self.agency_lines, self.number_line, self.place_and_date, self.title)
        body = (", ".join(self.recipients), *self.paragraphs, *self.authority_lines, self.signer_name)
        return "\n".join(line for line in (*head, *body) if line)
