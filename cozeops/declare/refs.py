"""How one resource names another."""

from __future__ import annotations

from pydantic import Field

from cozeops.declare.fields import Spec


class ById(Spec):
    """An object on Coze that the project does not declare, by its id."""

    id: str = Field(pattern=r"^\d+$", examples=["7342861000000000001"])
    """The id on Coze."""


class ByName(Spec):
    """An object on Coze that the project does not declare, by its name in the same workspace."""

    name: str = Field(min_length=1)
    """The name on Coze; must be the only one."""


Named = str | ById | ByName
"""A resource of the project by `metadata.name`, or an object on Coze by id or name."""
