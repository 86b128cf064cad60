"""SARIF 2.1.0, as code scanning takes it: a result per remark, a rule per code. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from cozeops.codes import CODES
from cozeops.report.forms.inert import BREAK
from cozeops.report.forms.remarks import Remark
from cozeops.values import Json
from cozeops.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Plain messages of SARIF have links, `[text](target)`, and placeholders, `{0}`.
_ACTIVE = re.compile(r"(?<=\])(?=\()|(?<=\{)(?=\d+\})")


def sarif_log(remarks: Sequence[Remark]) -> str:
    """The log's text. Places are relative to where the repository begins (`%SRCROOT%`)."""
    codes = {remark.code: remark for remark in remarks}
    order = {code: number for number, code in enumerate(sorted(codes))}
    driver = {
        "name": "cozeops",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(codes[code]) for code in order],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "cozeops/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark, order[remark.code]) for remark in remarks],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(remark: Remark) -> Json:
    code = CODES.get(remark.code)
    about = code.explanation if code else remark.code
    rule: Json = {
        "id": remark.code,
        "shortDescription": {"text": remark.name or (code.summary if code else remark.code)},
        "fullDescription": {"text": about},
        "help": {"text": f"{about} `cozeops explain {remark.code}` says the same."},
        "defaultConfiguration": {"level": str(remark.level)},
    }
    if remark.name:
        rule["name"] = remark.name
    return rule


def _result(remark: Remark, rule: int) -> Json:
    location: Json = {}
    if at := remark.position:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(at.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": at.line, "startColumn": at.column},
        }
    if remark.address:
        location["logicalLocations"] = [{"fullyQualifiedName": remark.address, "kind": "resource"}]
    return {
        "ruleId": remark.code,
        "ruleIndex": rule,
        "level": str(remark.level),
        "message": {"text": _ACTIVE.sub(BREAK, remark.text)},
        "locations": [location] if location else [],
        "partialFingerprints": {"cozeops/v1": _fingerprint(remark)},
    }


def _fingerprint(remark: Remark) -> str:
    """The same for the same remark on another line, so that an alert is not closed and opened again."""
    file = remark.position.file if remark.position else ""
    said = "\0".join((remark.code, file, remark.address, remark.message))
    return sha256(said.encode("utf-8")).hexdigest()[:32]
