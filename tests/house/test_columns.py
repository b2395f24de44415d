"""Every column says whether it is personal data."""

from __future__ import annotations

from portal.database import Base
from portal.schema import METADATA_MODULES

KINDS = {None, "officer", "applicant", "secret"}


def test_every_column_says_whether_it_is_personal() -> None:
    assert METADATA_MODULES

    wrong = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "personal" not in column.info or column.info["personal"] not in KINDS
    ]

    assert not wrong


def test_every_table_belongs_to_a_module_the_migrations_know() -> None:
    known = {module.__name__ for module in METADATA_MODULES}

    unknown = {mapper.class_.__module__ for mapper in Base.registry.mappers if mapper.class_.__module__ not in known}

    assert not unknown
