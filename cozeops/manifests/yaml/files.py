"""Files -> text: sizes, encodings, and the walls of the project."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from codecs import BOM_UTF8
from pathlib import Path

from cozeops.codes import Code
from cozeops.manifests.wording import printable
from cozeops.manifests.yaml.source import Refused, Source
from cozeops.values import FileContent

MANIFEST_LIMIT = 5 * 2**20
TEXT_LIMIT = 2**20
FILE_LIMIT = 100 * 2**20
_CHUNK = 2**20

# YAML counts these as line ends, editors do not; control characters belong in no manifest. What is allowed
# instead would be shorter, and take ten times as long to compile.
_NOT_IN_YAML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_manifest(path: Path, name: str, instead: bytes | None = None) -> Source:
    """A YAML file as text. Raises Refused with the index of what is wrong, and the source as `source`.

    `instead`: what the file is to say.
    """
    content = _bytes(path, name, MANIFEST_LIMIT, Code.UNREADABLE) if instead is None else instead
    try:
        text = _utf8(content)
        found = _NOT_IN_YAML.search(text)
        if found:
            raise _control(found)
    except Refused as refused:
        source = Source(name, path, content.decode("utf-8-sig", "replace"))
        raise RefusedIn(source, refused) from refused
    return Source(name, path, text)


class RefusedIn(Refused):
    """A manifest that was read but is no text; `source` shows where."""

    def __init__(self, source: Source, refused: Refused) -> None:
        super().__init__(refused.code, refused.message, refused.hint, index=refused.index)
        self.source = source


def read_text(path: Path, name: str, instead: bytes | None = None) -> str:
    """A text file: a BOM is dropped, CRLF becomes LF, the rest is as it is. Raises Refused.

    `instead`: what the file is to say.
    """
    content = _bytes(path, name, TEXT_LIMIT, Code.UNUSABLE_FILE) if instead is None else instead
    try:
        text = _utf8(content)
    except Refused as refused:
        message = f"{printable(name)}: {refused.message}"
        raise Refused(Code.UNUSABLE_FILE, message, refused.hint) from refused
    return text.replace("\r\n", "\n")


def read_content(path: Path, name: str) -> FileContent:
    """A file that is sent to Coze: hashed in pieces, not kept. Raises Refused."""
    sha256, size = hashlib.sha256(), 0
    try:
        _check_kind(path, name, FILE_LIMIT, Code.UNUSABLE_FILE)
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise _cannot(name, error, Code.UNUSABLE_FILE) from error
    return FileContent(path=name, sha256=sha256.hexdigest(), size=size, location=path)


def _bytes(path: Path, name: str, limit: int, code: Code) -> bytes:
    try:
        _check_kind(path, name, limit, code)
        with open(path, "rb") as stream:  # noqa: PTH123 - one of thousands of files
            return stream.read()
    except OSError as error:
        raise _cannot(name, error, code) from error


def _check_kind(path: Path, name: str, limit: int, code: Code) -> None:
    found = os.stat(path)  # noqa: PTH116 - one of thousands of files
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise Refused(code, f"{printable(name)} is {what}", "name a file")
    if found.st_size > limit:
        message = f"{printable(name)} has {found.st_size / 2**20:,.1f} MiB, at most {limit // 2**20} are read"
        raise Refused(code, message, "split it")


def _cannot(name: str, error: OSError, code: Code) -> Refused:
    return Refused(code, f"cannot read {printable(name)}: {error.strerror or error}", "check its permissions")


def _utf8(content: bytes) -> str:
    nul = content.find(b"\0")
    if nul >= 0:
        index = len(content[:nul].decode("utf-8-sig", "replace"))
        hint = (
            "save it as UTF-8"
            if content[:2] in (b"\xff\xfe", b"\xfe\xff")
            else "name a text file, saved as UTF-8"
        )
        raise Refused(Code.UNREADABLE, "a binary file: it contains a zero byte", hint, index=index)
    try:
        return content.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = content.removeprefix(BOM_UTF8)[: error.start]
        index = len(before.decode(errors="replace"))
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
        raise Refused(Code.UNREADABLE, message, "save it as UTF-8", index=index) from error


def _control(found: re.Match[str]) -> Refused:
    shown = f"U+{ord(found.group()):04X}"
    return Refused(
        Code.UNREADABLE,
        f"the character {shown} cannot stand in YAML",
        "delete it (it is invisible in most editors), or write it as an escape in double quotes",
        index=found.start(),
    )
