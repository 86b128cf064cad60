"""A fleet over every kind that an export can tell of, as large as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.engine import full

Spec = dict[str, Any]

PEOPLE = 2
"""Resources that there are once, however large the fleet: the enterprise and its organization."""
MIX = {
    "Bot/chef": 10,
    "KnowledgeBase/text": 4,
    "KnowledgeBase/pictures": 1,
    "Workflow/flow": 2,
    "Workspace/home": 1,
    "App/shop": 1,
    "CallbackApp/events": 1,
    "Plugin/news": 1,
    "Quota/one": 1,
    "Voice/waiter": 1,
    "VoiceprintGroup/staff": 1,
    "VariableValues/vip": 1,
}
"""How many of each there are in one share of the fleet, made after the project with every field."""
SHARE = sum(MIX.values())


def project(shares: int) -> dict[str, Spec]:
    """Address -> resource; `SHARE` of them per share, a workspace each, and what all have in common."""
    found = {
        address: deepcopy(full.PROJECT[address])
        for address in ("EnterpriseMembers/company", "Organization/food", "Connector/kiosk")
    }
    for share in range(shares):
        for model, count in MIX.items():
            for number in range(count):
                resource = _like(model, share, share * count + number)
                found[f"{resource['kind']}/{resource['metadata']['name']}"] = resource
    return found


def _like(model: str, share: int, number: int) -> Spec:
    resource = deepcopy(full.PROJECT[model])
    metadata, spec = resource["metadata"], resource["spec"]
    metadata["name"] = f"{metadata['name']}-{number}"
    if "workspace" in metadata:
        metadata["workspace"] = f"home-{share}"
    if "name" in spec:
        spec["name"] = f"{spec['name']} {number}"
    if "id" in spec:
        spec["id"] = f"{int(spec['id']) + 1000 * (number + 1)}"
    for change in _ADJUST.get(model, ()):
        change(spec, share, number)
    return resource


def _bot(spec: Spec, share: int, number: int) -> None:
    spec["knowledge"]["datasets"] = [f"text-{share * 4 + number % 4}", f"pictures-{share}"]
    spec["plugins"] = [{"plugin": f"news-{share}", "tools": ["top", "search"]}]
    spec["workflows"] = [f"flow-{share * 2 + number % 2}"]
    # No call lists custom channels: an export cannot tell of them.
    spec["publish"] = (
        {"connectors": ["api", "chat_sdk"][: 1 + number % 2]} if number % 5 else {"connectors": []}
    )


def _base(spec: Spec, share: int, number: int) -> None:
    spec["documents"] = [{"file": "a.md"}, {"file": "b.txt", "name": "b"}]


def _pictures(spec: Spec, share: int, number: int) -> None:
    spec["images"] = [
        {"file": "icon.png", "name": "icon", "caption": "麻婆豆腐"},
        {"file": "two.png", "name": "two", "caption": f"鱼 {number}"},
    ]


def _speakers(spec: Spec, share: int, number: int) -> None:
    spec["features"] = [{"name": "a", "file": "a.wav", "description": "主厨"}]


def _home(spec: Spec, share: int, number: int) -> None:
    spec["coze_account_id"] = "food"


def _voice(spec: Spec, share: int, number: int) -> None:
    spec["workspace"] = f"home-{share}"


def _quota(spec: Spec, share: int, number: int) -> None:
    spec["entity_id"] = str(51237824000 + number)


def _values(spec: Spec, share: int, number: int) -> None:
    spec["bot"] = f"chef-{share * 10 + 1}"


_ADJUST: dict[str, tuple[Any, ...]] = {
    "Bot/chef": (_bot,),
    "KnowledgeBase/text": (_base,),
    "KnowledgeBase/pictures": (_pictures,),
    "VoiceprintGroup/staff": (_speakers,),
    "Workspace/home": (_home,),
    "Voice/waiter": (_voice,),
    "Quota/one": (_quota,),
    "VariableValues/vip": (_values,),
}


def kinds_of(resources: dict[str, Spec]) -> Iterator[str]:
    """The kinds in a project."""
    yield from {resource["kind"] for resource in resources.values()}
