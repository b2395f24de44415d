"""What may be kept: allow-listed kinds whose content is what the ending says, without macros and without bombs."""

import io
import struct
import zipfile

import openpyxl
import pytest

from portal.documents import checks, rules
from portal.documents.checks import check_upload
from portal.documents.docx import letter_docx
from portal.documents.pdf import letter_pdf
from portal.documents.store import FileStore
from portal.refusal import Refused
from tests.documents.test_letter_layout import LETTER

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + b"\0" * 32


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Mã hồ sơ"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    kept = io.BytesIO(data)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return kept.getvalue()


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        check_upload(data, name)
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (letter_pdf(LETTER), "Thư xin lỗi.pdf", "application/pdf"),
        (letter_docx(LETTER), "thu.DOCX", rules.MEDIA_TYPES["docx"]),
        (workbook(), "danh sách.xlsx", rules.MEDIA_TYPES["xlsx"]),
        (PNG, "anh.png", "image/png"),
        (JPG, "anh.jpeg", "image/jpeg"),
        ("Mã;Tên\n1;Ước\n".encode(), "a.csv", "text/csv"),
        ("Mã\tTên".encode("utf-16"), "a.csv", "text/csv"),
        ("Ghi chú".encode(), "a.txt", "text/plain"),
    ],
)
def test_allowed_kinds_are_kept(data, name, media_type):
    assert check_upload(data, name).media_type == media_type


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.pdf", "documents.empty_file"),
        (b"x" * (rules.LARGEST_FILE + 1), "a.txt", "documents.too_large"),
        (b"MZ\x90", "a.exe", "documents.type_not_allowed"),
        (b"<svg/>", "a.svg", "documents.type_not_allowed"),
        (b"%PDF-1.7", "pdf", "documents.type_not_allowed"),
        (letter_pdf(LETTER), "a.xlsx", "documents.not_what_it_says"),
        (b"<html>", "a.pdf", "documents.not_what_it_says"),
        (PNG, "a.txt", "documents.not_what_it_says"),
        (b"PK\x03\x04broken", "a.docx", "documents.not_what_it_says"),
        (workbook(), "a.docx", "documents.not_what_it_says"),
        (with_member(workbook(), "xl/vbaProject.bin", b"x"), "a.xlsx", "documents.has_macros"),
    ],
)
def test_everything_else_is_refused_by_name(data, name, code):
    assert refusal(data, name) == code


def test_a_bomb_is_refused_from_its_directory_and_by_counting(monkeypatch):
    bomb = with_member(workbook(), "xl/media/a.bin", b"\0" * 30_000_000)
    assert refusal(bomb, "a.xlsx") == "documents.inflates_too_much"

    lying = bomb.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 30_000))
    assert refusal(lying, "a.xlsx") in ("documents.inflates_too_much", "documents.not_what_it_says")

    monkeypatch.setattr(checks.rules, "MOST_MEMBERS", 3)
    assert refusal(workbook(), "a.xlsx") == "documents.too_many_members"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\thư.pdf", "thư.pdf"),
        ("a\r\nb\u202egpj.pdf", "abgpj.pdf"),
        ("", "tep"),
        ("...", "tep"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_lose_folders_and_tricks(given, kept):
    assert rules.safe_name(given) == kept


def test_the_store_keeps_content_once_and_notices_changes(tmp_path):
    store = FileStore(tmp_path / "files")

    first, again = store.put(b"noi dung", "text/plain"), store.put(b"noi dung", "text/plain")

    assert first == again and store.read(first.sha256) == b"noi dung"
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    path = store.path(first.sha256)
    path.chmod(0o640)
    path.write_bytes(b"khac")
    with pytest.raises(ValueError):
        store.read(first.sha256)
    with pytest.raises(ValueError):
        store.path("../../etc/passwd")
