"""How long a token is good."""

from __future__ import annotations

from itertools import count

import httpx

from cozeops.emulator import Emulator


def test_a_token_without_an_end_outlives_any_clock() -> None:
    """Time passes between two looks at the clock when others wait: that ends no token."""
    ticks = count(1_760_000_000, 10)
    emulator = Emulator(clock=lambda: float(next(ticks)))
    with httpx.Client(transport=httpx.WSGITransport(app=emulator), base_url="http://emulator") as client:
        reply = client.get("/v1/users/me", headers={"Authorization": "Bearer pat_emulator"})
    assert reply.status_code == 200
