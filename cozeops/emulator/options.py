"""What the facts leave open, as switches: each says its name, its default and what it does.

The default is what the official pages say in their tables of fields, and the stricter choice where they say
nothing, except that an empty list or string clears a field. A profile turns several switches at once:
`documented` answers as the examples of the pages do where these differ from the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple


def _option(default: Any, help: str, *choices: str) -> Any:
    return field(default=default, metadata={"help": help, "choices": choices})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The switches of an emulator."""

    edition: str = _option(
        "enterprise",
        "edition of the account: collaboration needs team or enterprise, members are invited on the others",
        "free", "pro_personal", "team", "enterprise",
    )  # fmt: skip
    auth_reply: str = _option(
        "401", "an unknown token: HTTP 401 with code 4100, or HTTP 200 with code 4101", "401", "200"
    )
    error_status: str = _option(
        "envelope",
        "HTTP status of business errors: 200 with the code, or the matching 4xx",
        "envelope",
        "http",
    )
    unknown_fields: str = _option(
        "reject", "body and query names that the contract does not know", "reject", "ignore"
    )
    page_bounds: str = _option("reject", "a page_size outside its bounds: refused or cut", "reject", "clamp")
    page_cap: int = _option(0, "most items that any list answers per page, whatever was asked; 0 is no cap")
    list_order: str = _option(
        "created", "order of lists: oldest first, or last changed first", "created", "updated"
    )
    all_connectors: str = _option(
        "asked",
        "is_published in a list of all bots: on the connector asked (1024 if none), or on any",
        "asked",
        "any",
    )
    empty: str = _option(
        "clear", "an empty string or list in a bot update: clears the field or keeps it", "clear", "keep"
    )
    foreign_references: str = _option(
        "accept",
        "a bot with a workflow of another workspace, where a seed without workspaces plants them all",
        "accept",
        "refuse",
    )
    unpublished_code: int = _option(4200, "code when the published copy of a never-published bot is read")
    pascal_onboarding: bool = _option(
        False, "onboarding_info is read in PascalCase, as in one documented example"
    )
    disabled_questions: str = _option(
        "hidden",
        "suggested_questions while suggestions are off: kept to itself, as the pages say, or read back",
        "hidden",
        "shown",
    )
    unset_fields: str = _option(
        "shown",
        "what nobody set of a bot (media_config, prompt_mode): shown with its default, or absent",
        "shown",
        "absent",
    )
    thinking_default: bool = _option(
        False, "GET bot adds thinking_type enabled to model parameters that do not say it"
    )
    parameters_as_text: bool = _option(
        False, "GET bot returns the values of model parameters as text (the seed declares a map of strings)"
    )
    suggest_reply: bool = _option(True, "GET bot returns suggest_reply_info")
    model_flags: bool = _option(False, "GET bot returns cache_type, sp_anti_leak and sp_current_time")
    workspace_details: bool = _option(
        True, "the workspace list returns description, owner_uid, admin_uids, joined_status"
    )
    not_in_workspace_key: str = _option(
        "not_in_workspace_user_ids",
        "key of unknown members in the reply to a member removal",
        "not_in_workspace_user_ids", "not_in_space_user_ids",
    )  # fmt: skip
    repeat_install: str = _option(
        "ok", "installing an installed connector: success or code 4000", "ok", "refuse"
    )
    repeat_collaborator: str = _option(
        "ok", "adding a collaborator twice: success or code 4000", "ok", "refuse"
    )
    missing_collaborator: str = _option(
        "refuse", "removing one who is none: code 4200 or success", "ok", "refuse"
    )
    missing_document: str = _option(
        "refuse", "deleting a document that is gone: code 4200 or success", "ok", "refuse"
    )
    append_type: bool = _option(
        True, "a document's name gets its type appended, also when it has it (x.pdf.pdf)"
    )
    processing_seconds: float = _option(0.2, "how long a document is being processed")
    fail_documents: str = _option("", "pattern (as in a shell) of document names whose processing fails")
    publish_seconds: float = _option(0.0, "how long a publication takes to show in lists")
    unready_seconds: float = _option(
        0.0, "how long after its creation a bot cannot be published (code 702042078, seen live)"
    )
    custom_audit: bool = _option(False, "publications to custom connectors wait for their audit result")
    store_api_id: bool = _option(
        False, 'GET bot shows api_id "0" for plugins, as the documentation does for the store\'s'
    )
    null_sources: bool = _option(
        False, "the reply to a new document has null as source_type and update_type, as its example"
    )
    unreachable_pages: str = _option(
        "", "pattern (as in a shell) of web pages that are refused with code 4305"
    )
    id_numbers: bool = _option(False, "document endpoints answer ids as numbers when Agw-Js-Conv is missing")
    qps_limits: bool = _option(True, "enforce the documented limits per second")
    throttle_reply: str = _option(
        "429", "over a limit: HTTP 429 or HTTP 200, both with code 4009", "429", "200"
    )
    retry_after: float = _option(1.0, "seconds of Retry-After on HTTP 429; 0 leaves the header out")
    unknown_member: str = _option(
        "refuse",
        "adding somebody unknown to a workspace of an enterprise: code 702042162, or in not_exist_user_ids",
        "refuse",
        "list",
    )
    member_limit: int = _option(1000, "most members of a workspace (702042018 beyond it)")
    default_model: str = _option("1706077826", "model of a bot that was created without one")
    foreign_callbacks: str = _option(
        "refuse",
        "a callback URL that is not on loopback is never called: refused, or accepted uncalled",
        "refuse",
        "accept",
    )
    unset_callback: str = _option(
        "absent", "callback_url of a callback app that has none: absent or empty", "absent", "empty"
    )
    missing_event: str = _option(
        "refuse", "unsubscribing from an event without a subscription: code 4200 or success", "ok", "refuse"
    )
    copy_seconds: float = _option(0.2, "how long an asynchronous copy task takes")
    fail_copies: str = _option("", "pattern (as in a shell) of names whose copy tasks fail")
    benefit_reply: str = _option(
        "flat", "reply to a new benefit limitation: flat in data, or in data.benefit_info", "flat", "nested"
    )
    benefit_ids: bool = _option(False, "the list of benefit limitations shows their benefit_id")
    chat_seconds: float = _option(0.0, "how long a bot thinks before it answers")

    def __post_init__(self) -> None:
        for entry in fields(self):
            _demand_choice(entry.name, getattr(self, entry.name), entry.metadata["choices"])

    @property
    def is_enterprise(self) -> bool:
        """Whether people join workspaces at once and collaboration exists."""
        return self.edition in ("team", "enterprise")


PROFILES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "documented": {
        "pascal_onboarding": True,
        "store_api_id": True,
        "unset_fields": "absent",
        "null_sources": True,
        "not_in_workspace_key": "not_in_space_user_ids",
        "workspace_details": False,
    },
}
"""Switches that go together; `--option profile=documented` turns them, and one may turn some of them back."""


class Item(NamedTuple):
    """One row of the table of options."""

    name: str
    default: Any
    help: str
    choices: tuple[str, ...]


def table() -> Iterator[Item]:
    """List the options, for help texts."""
    yield Item("profile", "plain", "several switches at once: as the examples of the pages", tuple(PROFILES))
    for entry in fields(Options):
        yield Item(entry.name, entry.default, entry.metadata["help"], entry.metadata["choices"])


def parse(assignments: Iterable[str]) -> Options:
    """Build options from `name=value` texts; ValueError says what is wrong."""
    known = {item.name: item for item in table()}
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or name not in known:
            raise ValueError(f"unknown option {assignment!r}; known are {', '.join(known)}")
        values[name] = _parse(name, type(known[name].default), text)
    profile = values.pop("profile", "plain")
    _demand_choice("profile", profile, tuple(PROFILES))
    return Options(**{**PROFILES[profile], **values})


def _demand_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if choices and value not in choices:
        raise ValueError(f"option {name} must be one of {', '.join(choices)}, not {value!r}")


def _parse(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"option {name} must be true or false, not {text!r}")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"option {name} must be {kind.__name__}, not {text!r}") from None
