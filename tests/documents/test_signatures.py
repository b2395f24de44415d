"""A file that comes back signed is the issued one and nothing else; what is not says exactly why."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from portal.documents.pdf import letter_pdf
from portal.documents.signatures import MOST_ADDED, read_signatures
from portal.refusal import Refused
from tests.documents.certificates import Authority, authority, signed
from tests.documents.test_letter_layout import LETTER

AT = datetime(2023, 10, 17, 2, tzinfo=UTC)
ISSUED = letter_pdf(LETTER)


@pytest.fixture(scope="module")
def head():
    return authority().signer("Trần Thị Hường")


@pytest.fixture(scope="module")
def by_head(head):
    return signed(ISSUED, head)


def code_of(returned, *, issued=ISSUED, roots=None, at=AT):
    with pytest.raises(Refused) as error:
        read_signatures(issued, returned, roots=[authority().root] if roots is None else roots, at=at)
    return error.value.code


def changed(pdf, change):
    """The file with one more incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def redraw(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 600 850 re f"))
    writer.mark_update(page.container_ref)


def draw_over(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject({
        generic.pdf_name("/Type"): generic.pdf_name("/Annot"), generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
        generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))),
    })  # fmt: skip
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(note)])
    writer.mark_update(page.container_ref)


def test_who_signed_with_which_certificate_and_when_is_read(by_head):
    (found,) = read_signatures(ISSUED, by_head, roots=[authority().root], at=AT)

    assert (found.signer, found.organisation, found.issuer) == ("Trần Thị Hường", "UBND huyện", "CA thử nghiệm")
    assert found.trusted is True and found.claimed_at is not None and found.valid_to.year == 2040
    assert found.as_json()["valid_to"].startswith("2040-01-01")


def test_without_authorities_nobody_vouches_for_the_certificate(by_head):
    (found,) = read_signatures(ISSUED, by_head, roots=[], at=AT)

    assert found.trusted is None


def test_two_who_sign_one_after_the_other_are_both_read(by_head):
    both = signed(by_head, authority().signer("UBND huyện Krông Nô"), "Ky2", (60, 60, 200, 110))

    found = read_signatures(ISSUED, both, roots=[authority().root], at=AT)

    assert [one.signer for one in found] == ["Trần Thị Hường", "UBND huyện Krông Nô"]


def test_an_unsigned_or_another_file_is_not_taken(by_head, head):
    other = letter_pdf(replace(LETTER, number_line="Số: 06/PXL"))

    assert code_of(ISSUED) == "documents.not_signed"
    assert code_of(signed(other, head)) == "documents.not_the_issued_file"
    assert code_of(by_head, issued=other) == "documents.not_the_issued_file"
    assert code_of(changed(ISSUED, lambda writer: None)) == "documents.not_signed"
    assert code_of(ISSUED + b"x" * (MOST_ADDED + 1)) == "documents.too_much_added"


def test_another_letter_behind_the_issued_bytes_is_not_taken(head):
    """The issued bytes stand in front, and nothing refers to them."""
    other = signed(letter_pdf(replace(LETTER, number_line="Số: 06/PXL")), head)

    assert code_of(ISSUED + other) in ("documents.not_the_issued_file", "documents.signature_unreadable")


@pytest.mark.parametrize("change", [redraw, draw_over])
def test_what_was_changed_before_it_was_signed_is_seen(head, change):
    assert code_of(signed(changed(ISSUED, change), head)) == "documents.changed_beside_signature"


@pytest.mark.parametrize("change", [redraw, draw_over])
def test_what_was_changed_after_it_was_signed_is_seen(by_head, change):
    assert code_of(changed(by_head, change)) in (
        "documents.changed_after_signature",
        "documents.changed_beside_signature",
    )


def test_a_changed_byte_of_the_signature_breaks_it(by_head):
    where = by_head.index(b"/Contents <") + 400
    forged = by_head[:where] + (b"0" if by_head[where : where + 1] != b"0" else b"1") + by_head[where + 1 :]

    assert code_of(forged) in ("documents.signature_broken", "documents.signature_unreadable")


def test_a_certificate_must_be_valid_and_of_a_trusted_authority(by_head):
    old = signed(ISSUED, authority().signer("Người ký cũ", until=datetime(2022, 1, 1, tzinfo=UTC)))
    foreign = signed(ISSUED, Authority("CA lạ").signer("Người lạ"))

    assert code_of(old) == "documents.certificate_expired"
    assert code_of(old, roots=[]) == "documents.certificate_expired"
    assert code_of(foreign) == "documents.certificate_not_trusted"
    assert code_of(by_head, at=datetime(2019, 1, 1, tzinfo=UTC)) == "documents.certificate_expired"


def test_a_block_as_large_as_the_page_is_refused(head):
    assert code_of(signed(ISSUED, head, box=(0, 0, 595, 842))) == "documents.signature_covers_page"


@pytest.mark.parametrize("tail", [b"\x00" * 50, b"startxref\n0\n%%EOF", b"\n99 0 obj\n<< /Kids [99 0 R] >>\nendobj\n"])
def test_nonsense_behind_the_issued_bytes_is_refused(tail):
    assert code_of(ISSUED + tail) in (
        "documents.not_signed", "documents.not_the_issued_file", "documents.signature_unreadable",
    )  # fmt: skip


def test_the_issued_file_can_be_read_out_of_the_returned_one(by_head):
    assert by_head.startswith(ISSUED) and PdfFileReader(io.BytesIO(by_head)).total_revisions == 2
