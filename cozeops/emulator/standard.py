"""What every new emulator has: a user, a personal workspace, two tokens."""

from __future__ import annotations

from .seed import DEFAULT_USER, DEFAULT_WORKSPACE
from .wire import Row

STANDARD: Row = {
    "users": [{"user_id": DEFAULT_USER, "nick_name": "模拟器", "enterprise_role": "enterprise_super_admin"}],
    "tokens": [{"token": "pat_emulator"}, {"token": "pat_emulator_readonly", "read_only": True}],
    "workspaces": [{"id": DEFAULT_WORKSPACE, "name": "个人空间", "workspace_type": "personal"}],
}
