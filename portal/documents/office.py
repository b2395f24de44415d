"""A Word file as PDF by LibreOffice, where the server has it: a child process with a profile of its own and a limit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from portal.documents.pdf import FONTS
from portal.logs import logger
from portal.refusal import Refused

SECONDS = 90
OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard")
FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{own}</dir>
  <cachedir>{folder}/fonts</cachedir>
  <alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
</fontconfig>
"""
"""Letters are set in Times New Roman; without a font of its measures the national title breaks into two lines."""
log = logger(__name__)


def program() -> str | None:
    """The office program of this server, None where there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(word: bytes, *, seconds: int = SECONDS) -> bytes:
    """The PDF of a Word file. Raises Refused where no office program is installed, or it fails or takes too long."""
    office = program()
    if office is None:
        raise Refused("documents.no_office")
    with tempfile.TemporaryDirectory(prefix="portal-office-") as folder:
        source, target = Path(folder) / "letter.docx", Path(folder) / "letter.pdf"
        source.write_bytes(word)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, *OPTIONS, "--convert-to", "pdf", "--outdir", folder, str(source)]
        _run(command, folder, seconds)
        if not target.is_file() or not target.read_bytes().startswith(b"%PDF"):
            raise Refused("documents.office_failed")
        return target.read_bytes()


def _run(command: list[str], folder: str, seconds: int) -> None:
    """Run the program in a group of its own: what it starts ends with it."""
    (Path(folder) / "fonts.conf").write_text(FONT_SETTINGS.format(own=FONTS, folder=folder))
    clean = {
        "HOME": folder, "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": f"{folder}/fonts.conf",
    }  # fmt: skip
    with subprocess.Popen(
        command, cwd=folder, env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    ) as child:  # fmt: skip
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(child.pid, signal.SIGKILL)
            log.warning("office program too slow", seconds=seconds)
            raise Refused("documents.office_failed") from error
    if code != 0:
        log.warning("office program failed", code=code)
        raise Refused("documents.office_failed")
