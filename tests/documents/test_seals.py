"""The seal of an agency: who may open it, what it puts on the page, and that what comes out proves itself."""

import subprocess
from datetime import UTC, datetime

import pytest

from portal.documents.pdf import CORNER, letter_pdf, signature_place
from portal.documents.seals import Seals, sealed
from portal.documents.signatures import read_signatures
from portal.refusal import Refused
from tests.documents.certificates import PASSWORD, authority
from tests.documents.test_letter_layout import LETTER, pdf_text

AT = datetime(2023, 10, 17, 2, tzinfo=UTC)
WALL = datetime(2023, 10, 17, 9, 5, 7)
NAME = "PHÒNG TÀI NGUYÊN VÀ MÔI TRƯỜNG – Ưỡn ẹo ỷ ẵ"


def seal_at(folder, code="TNMT", data=None, password=PASSWORD, mode=0o600):
    for ending, content in (("p12", data or authority().pkcs12(NAME)), ("password", password + b"\n")):
        path = folder / f"{code}.{ending}"
        path.write_bytes(content)
        path.chmod(mode)
    return Seals(folder)


def test_a_sealed_letter_shows_who_and_when_and_proves_itself(tmp_path):
    issued = letter_pdf(LETTER)
    seal = seal_at(tmp_path).open("TNMT", AT)

    done = sealed(issued, seal, signature_place(LETTER), agency="UBND huyện Krông Nô", wall=WALL)

    (found,) = read_signatures(issued, done, roots=[authority().root], at=AT)
    assert (found.signer, found.trusted) == (NAME, True)
    text = pdf_text(done, tmp_path)
    assert f"Ký bởi: {NAME}" in text and "Ngày ký: 17/10/2023 09:05:07 +07:00" in text
    assert "Cơ quan: UBND huyện Krông Nô" in text
    fonts = subprocess.run(["pdffonts", tmp_path / "letter.pdf"], capture_output=True, check=True, text=True).stdout
    assert all(" yes " in line for line in fonts.splitlines()[2:])


def test_the_block_stands_between_title_and_name(tmp_path):
    place = signature_place(LETTER)

    assert place.page == 0 and 0 < place.left < place.right < 595 and 0 < place.bottom < place.top < 842
    (tmp_path / "letter.pdf").write_bytes(letter_pdf(LETTER))
    command = ["pdftotext", "-bbox", tmp_path / "letter.pdf", "-"]
    words = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    tops = {word: _y(words, word) for word in ("TỊCH", "Hường")}
    assert tops["TỊCH"][1] <= 842 - place.top + 3 and 842 - place.bottom - 3 <= tops["Hường"][0]


def _y(words, word):
    line = next(line for line in words.splitlines() if f">{word}<" in line)
    return tuple(float(line.split(f'{side}="')[1].split('"')[0]) for side in ("yMin", "yMax"))


def test_on_another_layout_it_stands_in_the_corner(tmp_path):
    done = sealed(letter_pdf(LETTER), seal_at(tmp_path).open("TNMT", AT), CORNER, agency="", wall=WALL)

    assert "Ngày ký: 17/10/2023" in pdf_text(done, tmp_path)


def code_of(seals, code="TNMT", at=AT):
    with pytest.raises(Refused) as error:
        seals.open(code, at)
    return error.value.code


def test_a_seal_that_cannot_be_used_says_why(tmp_path):
    assert code_of(Seals(None)) == code_of(seal_at(tmp_path), code="KHAC") == "documents.no_seal"
    assert code_of(seal_at(tmp_path), code="../TNMT") == "documents.no_seal"
    assert code_of(seal_at(tmp_path, password=b"sai")) == "documents.seal_unreadable"
    assert code_of(seal_at(tmp_path, data=b"khong phai")) == "documents.seal_unreadable"
    assert code_of(seal_at(tmp_path, mode=0o640)) == "documents.seal_open_to_others"
    old = authority().pkcs12("Cũ", until=datetime(2022, 1, 1, tzinfo=UTC))
    assert code_of(seal_at(tmp_path, data=old)) == "documents.seal_expired"


def test_which_units_have_a_seal(tmp_path):
    seals = seal_at(tmp_path)

    assert seals.has("TNMT") and not seals.has("KHAC") and seals.codes() == ["TNMT"]
    assert Seals(None).codes() == [] and not Seals(None).has("TNMT")
