"""An authority of the tests with the certificates it issues, and files signed with them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
PASSWORD = b"mat-khau-thu"


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass
class Authority:
    """Issues certificates; ``root`` is what a portal would trust."""

    name: str = "CA thử nghiệm"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def subject(self) -> x509.Name:
        return _name(self.name, "Cơ quan chứng thực")

    def certificate(self) -> x509.Certificate:
        return self._issue(self.subject, self.key.public_key(), FIRST, LAST, is_authority=True)

    @property
    def root(self) -> Certificate:
        return Certificate.load(self.certificate().public_bytes(serialization.Encoding.DER))

    def pem(self) -> bytes:
        return self.certificate().public_bytes(serialization.Encoding.PEM)

    def pkcs12(self, common: str, organisation: str = "UBND huyện", until: datetime = LAST) -> bytes:
        """Key and certificate of a signer as a PKCS#12 file under ``PASSWORD``."""
        key = ec.generate_private_key(ec.SECP256R1())
        issued = self._issue(_name(common, organisation), key.public_key(), FIRST, until, is_authority=False)
        kept = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(PASSWORD)
        return pkcs12.serialize_key_and_certificates(b"seal", key, issued, [self.certificate()], kept)

    def signer(self, common: str, until: datetime = LAST) -> signers.SimpleSigner:
        return signers.SimpleSigner.load_pkcs12_data(self.pkcs12(common, until=until), [], PASSWORD)

    def _issue(self, subject, public, first, last, *, is_authority: bool) -> x509.Certificate:
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
        )
        builder = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self.subject, public_key=public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        mine = {"digital_signature": not is_authority, "content_commitment": not is_authority}
        keys = x509.KeyUsage(**usage, **mine, key_cert_sign=is_authority, crl_sign=is_authority)
        return builder.add_extension(keys, critical=True).sign(self.key, hashes.SHA256())


@cache
def authority() -> Authority:
    """One authority for a whole run: keys are not free."""
    return Authority()


def signed(pdf: bytes, signer: signers.SimpleSigner, field_name: str = "Ky1", box=(350, 60, 500, 110)) -> bytes:
    """What a signer's own program gives back: the file with one more signature, as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    meta = signers.PdfSignatureMetadata(field_name=field_name, md_algorithm="sha256")
    return signers.sign_pdf(writer, meta, signer=signer, new_field_spec=SigFieldSpec(field_name, box=box)).getvalue()
