"""The invented people of the demonstration and their postings, as rows of the directory file."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from portal.demo import places
from portal.vietnamese import fold

FROM = "2021-07-01"


@dataclass(frozen=True)
class Posting:
    """One person in one post, the way the directory file has it."""

    unit: str
    code: str
    name: str
    kind: str
    email: str
    position: str
    role: str
    clerk: bool = False


def a_name(random: Random) -> str:
    """A plausible Vietnamese name; of the district's peoples."""
    woman = random.random() < 0.5
    family = random.choice(places.FAMILY)
    if family in ("H'", "Y"):
        given = random.choice(places.HIGHLAND_WOMAN if woman else places.HIGHLAND_MAN)
        return f"H'{given}" if woman else f"Y {given}"
    if woman:
        return f"{family} {random.choice(places.MIDDLE_WOMAN)} {random.choice(places.GIVEN_WOMAN)}"
    return f"{family} {random.choice(places.MIDDLE_MAN)} {random.choice(places.GIVEN_MAN)}"


def postings(random: Random) -> list[Posting]:
    """Everyone who works in the demonstration: heads, officers, clerks, and the wider roles."""
    rows: list[Posting] = []
    seen: set[str] = set()

    def add(unit: str, position: str, role: str, kind: str = "cong_chuc", clerk: bool = False) -> None:
        name = a_name(random)
        while name in seen:
            name = a_name(random)
        seen.add(name)
        code = f"KN{len(rows) + 1:03d}"
        email = f"{fold(name).replace(' ', '.').replace(chr(39), '')}.{code.lower()}@krongno.example"
        rows.append(Posting(unit, code, name, kind, email, position, role, clerk))

    for place in places.PLACES:
        if place.head_title:
            role = "chair" if place.kind == "district" else "head"
            kind = "can_bo" if place.kind in ("district", "commune") else "cong_chuc"
            add(place.code, place.head_title, role, "vien_chuc" if place.kind == "branch" else kind)
        officer_kind = "vien_chuc" if place.kind == "branch" else "cong_chuc"
        for number in range(place.officers):
            add(
                place.code,
                "Công chức" if officer_kind == "cong_chuc" else "Viên chức",
                "officer",
                officer_kind,
                clerk=number == 0,
            )
    add(places.DISTRICT, "Phó Chánh Văn phòng, phụ trách kiểm soát thủ tục hành chính", "monitoring_office")
    add(places.DISTRICT, "Chuyên viên kiểm soát thủ tục hành chính", "monitoring_office")
    add(places.DISTRICT, "Phó Trưởng phòng Nội vụ, phụ trách đánh giá công chức", "home_affairs")
    add(places.DISTRICT, "Quản trị hệ thống", "administrator")
    add(places.DISTRICT, "Thanh tra viên", "auditor")
    add("H16.09", "Chuyên viên an toàn thông tin", "it_authority")
    return rows


def directory_rows(random: Random) -> list[dict[str, str]]:
    """The rows of the directory file: units first, then every posting."""
    rows = [
        {
            "unit_code": place.code,
            "unit_name": place.name,
            "reports_in": place.reports_in,
            "managed_by": place.managed_by,
            "unit_kind": place.kind,
            "unit_from": "2004-01-01",
            "unit_to": "",
        }
        for place in places.PLACES
    ]
    units = {row["unit_code"]: row for row in rows}
    for person in postings(random):
        rows.append(
            {
                **units[person.unit],
                "person_code": person.code,
                "full_name": person.name,
                "person_kind": person.kind,
                "email": person.email,
                "position": person.position,
                "role": person.role,
                "from": FROM,
                "to": "",
                "clerk": "x" if person.clerk else "",
            }
        )
    return rows
