"""Seeds: the objects that the API cannot create, and a start for the ones that it can.

A seed is a JSON object; every section is a list and may be left out:

    {"users":      [{"user_id": "206...", "nick_name": "小厨", "enterprise_role": "enterprise_member"}],
     "tokens":     [{"token": "pat_1", "user_id": "...", "permissions": "*" or ["listBot"],
                     "workspaces": "*" or ["..."], "read_only": false}],
     "oauth_apps": [{"client_id": "...", "public_key_id": "...", "public_key": "PEM", "user_id": "..."}],
     "workspaces": [{"id": "7548...", "name": "厨房", "owner_uid": "...", "connectors": ["..."],
                     "members": [{"user_id", "role_type"}], "workspace_type": "team" or "personal"}],
     "plugins":    [{"plugin_id": "...", "name": "...", "tools": [{"tool_id", "name", "description"}]}],
     "workflows":  [{"workflow_id": "...", "workflow_name": "...", "workspace_id", "app_id", "published"}],
     "apps":       [{"id": "...", "name": "...", "workspace_id": "..."}],
     "connectors": [{"connector_id": "...", "name": "..."}],
     "bots":       [{"bot_id": "...", "workspace_id": "...", "name": "...", ...fields of bot update}]}

Further sections are `enterprises` (the id of the one that there is), `organizations`, `folders`, `templates`,
`voices`, `lives`, `api_apps`, `oauth_apps`, `store_plugins` and `store_categories`; `chat_rules` and
`workflow_rules` say what bots and workflows answer (see `script`), and may be planted at any time.

Without `workspace_id` an object lives in the personal workspace of the default user. The families say which
sections there are and which fields they take; an entry that is there already is replaced.
"""

from __future__ import annotations

from typing import Any

from .fields import At, check
from .routing import Planting, Registry, Seed
from .store import Store
from .wire import CozeError, Row

DEFAULT_USER = "2069720456000000"
DEFAULT_WORKSPACE = "7300000000000000001"
ENTERPRISE = "volcano_2100000001"


STANDARD: Row = {
    "users": [{"user_id": DEFAULT_USER, "nick_name": "模拟器", "enterprise_role": "enterprise_super_admin"}],
    "tokens": [{"token": "pat_emulator"}, {"token": "pat_emulator_readonly", "read_only": True}],
    "workspaces": [{"id": DEFAULT_WORKSPACE, "name": "个人空间", "workspace_type": "personal"}],
}
"""What every new emulator has: a user, a personal workspace, a token for everything and one for reading."""


def enterprise_of(store: Store) -> str:
    """Return the id of the one enterprise that there is."""
    found: str = next((row["id"] for row in store["enterprises"]), ENTERPRISE)
    return found


class SeedError(ValueError):
    """A seed that cannot be planted; the message names the section, the entry and the field."""


def validate(registry: Registry, seed: Any) -> list[tuple[Seed, list[Row]]]:
    """Check a seed against the sections of all families."""
    if not isinstance(seed, dict):
        raise SeedError("A seed must be an object of sections")
    known = {section.section for section in registry.seeds}
    if unknown := sorted(map(str, seed.keys() - known)):
        raise SeedError(f"Unknown section {unknown[0]}; known are {', '.join(sorted(known))}")
    checked: list[tuple[Seed, list[Row]]] = []
    for section in registry.seeds:
        entries = seed.get(section.section, [])
        if not isinstance(entries, list):
            raise SeedError(f"{section.section} must be a list")
        try:
            at = At(section.section)
            checked.append(
                (section, [check(section.fields, entry, at / n) for n, entry in enumerate(entries)])
            )
        except CozeError as error:
            raise SeedError(error.msg.removeprefix("Invalid parameter ")) from None
    return checked


def plant(planting: Planting, registry: Registry, seed: Any) -> None:
    """Check a seed, then turn its entries into rows; inside a transaction."""
    for section, entries in validate(registry, seed):
        for entry in entries:
            try:
                section.plant(planting, entry)
            except CozeError as error:
                raise SeedError(f"{section.section}: {error.msg}") from None
