"""Tokens: who knows one, how it is asked for, and what none can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Protocol

from cozeops.api.transport import Received
from cozeops.errors import AccessError
from cozeops.frozen import frozen

HOW_TO_LOG_IN = (
    "set COZE_API_TOKEN, or COZE_JWT_OAUTH_CLIENT_ID, COZE_JWT_OAUTH_PRIVATE_KEY_FILE_PATH "
    "(or COZE_JWT_OAUTH_PRIVATE_KEY) and COZE_JWT_OAUTH_PUBLIC_KEY_ID"
)


@frozen
class Grant:
    """A token that expires `lasts` seconds after it was given."""

    token: str = field(repr=False)
    lasts: float


class Ask(Protocol):
    """How a token source reaches Coze: one call of the OAuth endpoints, repeated like a read."""

    def __call__(
        self,
        operation: str,
        path: str,
        body: Mapping[str, object],
        *,
        bearer: Callable[[], str],
        judge: Callable[[Received], Grant],
    ) -> Grant:
        """What `judge` makes of the reply. Each attempt asks for a `bearer` of its own."""


class TokenSource(Protocol):
    """Whoever knows the token to send."""

    @property
    def bound(self) -> bool:
        """Whether it evidently was issued for an enterprise."""

    def bearer(self, ask: Ask, /) -> str:
        """A token that is valid now. Safe to call from any thread."""


@frozen
class FixedToken:
    """A personal or service access token."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        check_token(self.text)

    @property
    def bound(self) -> bool:
        """Nobody can tell: False."""
        return False

    def bearer(self, _: Ask, /) -> str:
        """The token."""
        return self.text


def check_token(text: str) -> None:
    """Raise AccessError for what no token can be; the message does not quote it."""
    if not text:
        raise AccessError("the token is empty", hint=HOW_TO_LOG_IN)
    if not all("!" <= char <= "~" for char in text):
        raise AccessError(
            "the token has a space, a line break or another character that no token has",
            hint="copy the token alone: without quotes, `Bearer` or a line break at the end",
        )
