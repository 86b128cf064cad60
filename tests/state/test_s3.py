"""The state in a bucket: conditional writes, and stores that only pretend to have them."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cozeops.errors import AccessError, UsageError
from cozeops.state import LockedError, StateError
from cozeops.state.s3 import S3Backend
from cozeops.state.s3_store import ObjectStore, StoreSettings
from tests.state.given import CHEF, Place, a_run, a_state, record


@dataclass
class ByHand:
    """A client that answers from a dict, and breaks as it is told."""

    inner: Any
    ignores: tuple[str, ...] = ()
    lost: list[str] = field(default_factory=list)
    fails: list[tuple[int, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        self.calls.append(name)
        if self.fails:
            status, code = self.fails.pop(0)
            raise _client_error(status, code, name)
        kept = {key: value for key, value in arguments.items() if key not in self.ignores}
        answer = getattr(self.inner, name)(**kept)
        if name in self.lost:
            self.lost.remove(name)
            # What the library does after a lost reply: the same request once more.
            return getattr(self.inner, name)(**kept)
        return answer

    def get_object(self, **arguments: Any) -> Any:
        return self._call("get_object", arguments)

    def put_object(self, **arguments: Any) -> Any:
        return self._call("put_object", arguments)

    def delete_object(self, **arguments: Any) -> Any:
        return self._call("delete_object", arguments)


def _client_error(status: int, code: str, name: str) -> Exception:
    error = importlib.import_module("botocore.exceptions").ClientError
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    made = error(answer, name)
    assert isinstance(made, Exception)
    return made


@pytest.fixture
def by_hand(bucket: Place, s3_client: Any) -> ByHand:
    """The client of the server, with faults."""
    return ByHand(s3_client)


def _backend(bucket: Place, client: ByHand) -> S3Backend:
    store = ObjectStore(StoreSettings(bucket.settings["bucket"]), {})
    store._made = client
    return S3Backend(store, "dev")


@pytest.mark.parametrize("ignored", ["IfNoneMatch", "IfMatch"])
def test_a_store_without_conditions_is_found_out(bucket: Place, by_hand: ByHand, ignored: str) -> None:
    """A store that takes a condition and does not obey it is refused when the lock is taken."""
    by_hand.ignores = (ignored,)
    with pytest.raises(StateError, match="does not obey conditional writes"):
        _backend(bucket, by_hand).lock(a_run(), 0).__enter__()
    assert bucket.open().load() is None
    assert bucket.open().holder() is None


def test_lost_replies_are_ours(bucket: Place, by_hand: ByHand) -> None:
    """A write that the library repeats after a lost reply is refused by its own condition: it is ours."""
    by_hand.lost = ["put_object"]
    backend = _backend(bucket, by_hand)
    with backend.lock(a_run(), 0) as held:
        by_hand.lost = ["put_object"]
        state = backend.save(a_state(chef="1"), held)
        by_hand.lost = ["put_object"]
        state = backend.save(state.with_record(CHEF, record("2")), held)
    assert state.serial == 2
    assert bucket.open().load() == state
    assert bucket.open().holder() is None


def test_two_writes_that_meet_are_repeated(bucket: Place, by_hand: ByHand) -> None:
    """A conflict of the store (409) is no decision: we look and try again."""
    backend = _backend(bucket, by_hand)
    with backend.lock(a_run(), 0) as held:
        by_hand.fails = [(404, "NoSuchKey"), (409, "ConditionalRequestConflict")]
        state = backend.save(a_state(), held)
    assert bucket.open().load() == state


def test_a_store_that_is_away_is_told(bucket: Place, by_hand: ByHand) -> None:
    """An error of the store names the object; the same save works later, from what arrived or not."""
    backend = _backend(bucket, by_hand)
    with backend.lock(a_run(), 0) as held:
        state = backend.save(a_state(), held)
        by_hand.fails = [(503, "SlowDown")]
        with pytest.raises(StateError, match=r"cannot write s3://b-\w+/cozeops/dev\.json"):
            backend.save(state, held)
        assert backend.save(state, held).serial == 2


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (401, "Unauthorized"), (400, "ExpiredToken")]
)
def test_denied_is_an_access_error(bucket: Place, by_hand: ByHand, status: int, code: str) -> None:
    """Missing rights have the exit code of permissions."""
    by_hand.fails = [(status, code)]
    with pytest.raises(AccessError, match="cannot read"):
        _backend(bucket, by_hand).load()


def test_a_missing_bucket_is_no_missing_state(bucket: Place) -> None:
    """A bucket that is not there is an error, not an empty memory."""
    wrong = replace(bucket, settings={**bucket.settings, "bucket": "not-there"})
    with pytest.raises(StateError, match="NoSuchBucket"):
        wrong.open().load()
    with pytest.raises(StateError, match="NoSuchBucket"):
        wrong.open().lock(a_run(), 0).__enter__()


def test_a_store_without_conditional_deletes(bucket: Place, by_hand: ByHand) -> None:
    """Where the store has none, the lock is looked at and then removed."""
    backend = _backend(bucket, by_hand)
    lock = backend.lock(a_run(), 0)
    lock.__enter__()
    get = by_hand.inner.get_object(Bucket=bucket.settings["bucket"], Key="cozeops/dev.json.lock")
    store = ObjectStore(StoreSettings(bucket.settings["bucket"]), {})
    store._made = by_hand
    by_hand.fails = [(501, "NotImplemented")]
    store.delete("cozeops/dev.json.lock", replaces=get["ETag"])
    assert bucket.open().holder() is None
    lock.__exit__(None, None, None)


def test_a_lock_that_nobody_wrote(bucket: Place, by_hand: ByHand) -> None:
    """An object that is no run is a lock all the same."""
    by_hand.inner.put_object(Bucket=bucket.settings["bucket"], Key="cozeops/dev.json.lock", Body=b"{")
    with pytest.raises(LockedError, match="is locked by another process"):
        bucket.open().lock(a_run(), 0).__enter__()
    assert bucket.open().unlock(force=True) is None
    assert bucket.open().holder() is None


def test_without_the_library_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install; nothing else of cozeops needs it."""
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(UsageError, match="needs the library boto3") as caught:
        ObjectStore(StoreSettings("team"), {}).get("x")
    assert "cozeops[s3]" in caught.value.hint


def test_no_credentials_are_told(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys the error says which variables to set."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(AccessError) as caught:
        ObjectStore(StoreSettings("team", s3_endpoint, own_host=True), {}).get("x")
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_the_bucket_stays_out_of_the_host(s3_endpoint: str) -> None:
    """At a host that was trusted by name, no other name is asked."""
    store = ObjectStore(
        StoreSettings("team", "https://minio.example.com", own_host=True),
        {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
    )
    url = store._client().generate_presigned_url("get_object", Params={"Bucket": "team", "Key": "k"})
    assert url.startswith("https://minio.example.com/team/k?")
