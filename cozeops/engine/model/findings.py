"""Every finding that a plan can carry: its code, its severity, and whether people may wave it through."""

from __future__ import annotations

from collections.abc import Iterable

from cozeops.address import Address
from cozeops.engine.model.plan import Finding, Severity
from cozeops.errors import BlockedError, UsageError
from cozeops.frozen import frozen


@frozen
class Rule:
    """A kind of finding."""

    code: str
    name: str
    severity: Severity
    acknowledgeable: bool = True

    def found(self, address: Address | None, message: str, hint: str = "") -> Finding:
        """A finding under this rule."""
        return Finding(self.code, self.name, self.severity, address, message, hint)


NOT_FOUND = Rule("COZE101", "not-found", Severity.BLOCK, acknowledgeable=False)
GONE_OR_INVISIBLE = Rule("COZE102", "gone-or-invisible", Severity.BLOCK, acknowledgeable=False)
INCOMPLETE_LISTING = Rule("COZE103", "incomplete-listing", Severity.BLOCK, acknowledgeable=False)
FIXED_FIELD = Rule("COZE104", "fixed-field", Severity.BLOCK, acknowledgeable=False)
REMOVES_UNKNOWN = Rule("COZE105", "removes-unknown", Severity.BLOCK)
DESTRUCTIVE_CHANGE = Rule("COZE106", "destructive-change", Severity.BLOCK)
PROTECTED = Rule("COZE107", "protected", Severity.BLOCK, acknowledgeable=False)
NOT_OWNER = Rule("COZE108", "not-owner", Severity.WARN)
WRONG_ACCOUNT = Rule("COZE109", "wrong-account", Severity.BLOCK, acknowledgeable=False)
CANNOT_COMPARE = Rule("COZE110", "cannot-compare", Severity.WARN)
RESETS_UNREADABLE = Rule("COZE111", "resets-unreadable", Severity.WARN)
CANNOT_REMOVE = Rule("COZE112", "cannot-remove", Severity.WARN)
DRAFT_ONLY = Rule("COZE113", "draft-only", Severity.INFO)
MAYBE_RENAMED = Rule("COZE114", "maybe-renamed", Severity.INFO)
THRESHOLD = Rule("COZE115", "threshold", Severity.BLOCK)
ADOPT_OVERWRITES = Rule("COZE116", "adopt-overwrites", Severity.WARN)
RELEASED = Rule("COZE117", "released", Severity.INFO)
LEFT_MANIFESTS = Rule("COZE118", "left-manifests", Severity.INFO)
FORGETS = Rule("COZE119", "forgets", Severity.WARN)
LOCAL_STATE_IN_CI = Rule("COZE120", "local-state-in-ci", Severity.WARN)
STATE_LEFT_BEHIND = Rule("COZE127", "state-left-behind", Severity.WARN)
PROCESSING = Rule("COZE122", "processing", Severity.INFO)
NOT_INSTALLED = Rule("COZE123", "not-installed", Severity.WARN)
CANNOT_EMPTY = Rule("COZE124", "cannot-empty", Severity.WARN)
AWAITING = Rule("COZE125", "awaiting", Severity.INFO)
NOT_BROUGHT_BACK = Rule("COZE126", "not-brought-back", Severity.WARN)
PRUNES_EVERYTHING = Rule("COZE121", "prunes-everything", Severity.BLOCK, acknowledgeable=False)
NEEDS_EDITION = Rule("COZE150", "needs-edition", Severity.BLOCK)
NEEDS_ROLE = Rule("COZE151", "needs-role", Severity.BLOCK)
ENTERPRISE_TOKEN = Rule("COZE152", "enterprise-token", Severity.WARN)
NO_SOURCE = Rule("COZE153", "no-source", Severity.BLOCK, acknowledgeable=False)
UNPUBLISHED_COPY = Rule("COZE154", "unpublished-copy", Severity.BLOCK)
RECOPY = Rule("COZE155", "recopy", Severity.BLOCK)
COPY_UNKNOWN = Rule("COZE156", "copy-unknown", Severity.BLOCK)
OTHER_ORGANIZATION = Rule("COZE157", "other-organization", Severity.BLOCK, acknowledgeable=False)
SOURCE_MOVED = Rule("COZE158", "source-moved", Severity.INFO)
NO_RECEIVER = Rule("COZE130", "no-receiver", Severity.BLOCK, acknowledgeable=False)
MOVES_RESOURCES = Rule("COZE131", "moves-resources", Severity.WARN)
SECRET_DIFFERS = Rule("COZE132", "secret-differs", Severity.WARN)

COSTS = Rule("COZE140", "costs", Severity.BLOCK)
NEEDED_TO_UPDATE = Rule("COZE141", "needed-to-update", Severity.BLOCK, acknowledgeable=False)
ID_UNKNOWN = Rule("COZE142", "id-unknown", Severity.BLOCK, acknowledgeable=False)
NOT_PUBLISHED = Rule("COZE143", "not-published", Severity.BLOCK, acknowledgeable=False)
WOULD_BE_REFUSED = Rule("COZE144", "would-be-refused", Severity.BLOCK, acknowledgeable=False)
NEEDS_STATE = Rule("COZE145", "needs-state", Severity.BLOCK)

UNCHECKED = Rule("COZE160", "unchecked", Severity.INFO)
GATED = Rule("COZE161", "gated", Severity.INFO)
NOT_PROVEN = Rule("COZE162", "not-proven", Severity.BLOCK)
GOING_BACK = Rule("COZE163", "going-back", Severity.WARN)

SECRET_IN_PROMPT = Rule("COZE201", "secret-in-prompt", Severity.BLOCK)
UNKNOWN_VARIABLE = Rule("COZE202", "unknown-variable", Severity.WARN)
MODEL_NOT_ALLOWED = Rule("COZE203", "model-not-allowed", Severity.BLOCK)
CONNECTOR_NOT_ALLOWED = Rule("COZE204", "connector-not-allowed", Severity.BLOCK)
PROMPT_NEAR_LIMIT = Rule("COZE205", "prompt-near-limit", Severity.INFO)
THINKING_WITH_TOOLS = Rule("COZE206", "thinking-with-tools", Severity.WARN)
EMPTY_KNOWLEDGE = Rule("COZE207", "empty-knowledge", Severity.WARN)

# Of the project's own programs. The finding is called as its command is, whatever the rule is called.
OWN_CHECK = Rule("COZE250", "own-check", Severity.BLOCK)
CHECK_WITHOUT_RESULT = Rule("COZE251", "check-without-result", Severity.BLOCK, acknowledgeable=False)
CHECKS_NOT_RUN = Rule("COZE252", "checks-not-run", Severity.INFO)
OWN_CHECKS = frozenset({OWN_CHECK.code, CHECK_WITHOUT_RESULT.code})

# Problems that only the live side shows; they end a plan, with their place in the manifest.
NO_SUCH_PART = "COZE090"
NEEDED_TO_CREATE = "COZE091"
AMBIGUOUS_NAME = "COZE092"
UNKNOWN_REFERENCE = "COZE093"
SAME_OBJECT = "COZE094"

RULES = {
    rule.code: rule
    for rule in (
        NOT_FOUND,
        GONE_OR_INVISIBLE,
        INCOMPLETE_LISTING,
        FIXED_FIELD,
        REMOVES_UNKNOWN,
        DESTRUCTIVE_CHANGE,
        PROTECTED,
        NOT_OWNER,
        WRONG_ACCOUNT,
        CANNOT_COMPARE,
        RESETS_UNREADABLE,
        CANNOT_REMOVE,
        DRAFT_ONLY,
        MAYBE_RENAMED,
        THRESHOLD,
        ADOPT_OVERWRITES,
        RELEASED,
        NOT_BROUGHT_BACK,
        LEFT_MANIFESTS,
        FORGETS,
        LOCAL_STATE_IN_CI,
        PRUNES_EVERYTHING,
        PROCESSING,
        NOT_INSTALLED,
        CANNOT_EMPTY,
        AWAITING,
        COSTS,
        NEEDED_TO_UPDATE,
        ID_UNKNOWN,
        NOT_PUBLISHED,
        WOULD_BE_REFUSED,
        NEEDS_STATE,
        NEEDS_EDITION,
        NEEDS_ROLE,
        ENTERPRISE_TOKEN,
        NO_RECEIVER,
        MOVES_RESOURCES,
        SECRET_DIFFERS,
        UNCHECKED,
        GATED,
        NOT_PROVEN,
        GOING_BACK,
        NO_SOURCE,
        UNPUBLISHED_COPY,
        RECOPY,
        COPY_UNKNOWN,
        OTHER_ORGANIZATION,
        SOURCE_MOVED,
        SECRET_IN_PROMPT,
        UNKNOWN_VARIABLE,
        MODEL_NOT_ALLOWED,
        CONNECTOR_NOT_ALLOWED,
        PROMPT_NEAR_LIMIT,
        THINKING_WITH_TOOLS,
        EMPTY_KNOWLEDGE,
        OWN_CHECK,
        CHECK_WITHOUT_RESULT,
        CHECKS_NOT_RUN,
    )
}


def blocking(findings: Iterable[Finding], acknowledged: Iterable[str] = ()) -> list[Finding]:
    """The findings that stop an apply. `acknowledged` are `CODE`, `CODE@ADDRESS`, or the same with the name.

    Raises UsageError for an acknowledgement of something that does not exist.
    """
    accepted = [_parse(text) for text in acknowledged]
    return [
        finding
        for finding in findings
        if finding.severity is Severity.BLOCK
        and not (
            RULES[finding.code].acknowledgeable
            and any(code == finding.code and where in ("", str(finding.address)) for code, where in accepted)
        )
    ]


def demand_acknowledged(findings: Iterable[Finding], acknowledged: Iterable[str]) -> None:
    """Raise BlockedError unless every blocking finding was acknowledged."""
    stopping = blocking(findings, acknowledged)
    if not stopping:
        return
    lines = [
        f"{found.code} {found.name}{f' at {found.address}' if found.address else ''}" for found in stopping
    ]
    codes = sorted({found.code for found in stopping if RULES[found.code].acknowledgeable})
    hint = (
        f"review the plan, then apply it with {' '.join(f'--ack {code}' for code in codes)}" if codes else ""
    )
    if any(not RULES[found.code].acknowledgeable for found in stopping):
        hint = "mend what the plan says; " + (hint or "this cannot be acknowledged")
    raise BlockedError("blocked by " + "; ".join(lines), hint=hint)


def _parse(text: str) -> tuple[str, str]:
    code, _, where = text.partition("@")
    for rule in RULES.values():
        if code in (rule.code, rule.name):
            return rule.code, where
    raise UsageError(f"--ack {text}: there is no finding called {code}", hint="copy the code from the plan")
