"""Objects of an S3-compatible store with conditional writes, through boto3 (the extra `s3`).

The library is imported when the store is first asked, so that nobody else pays for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cozeops.errors import AccessError, UsageError
from cozeops.frozen import frozen
from cozeops.state.errors import StateError

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 4
# 409: two conditional writes met; 404: the object to replace is gone.
_MOVED = (404, 409, 412)
_DENIED = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")
_CREDENTIALS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "profile_name": "AWS_PROFILE",
}


@frozen
class StoreSettings:
    """Which bucket of which store. Empty texts leave it to the configuration of AWS's own tools."""

    bucket: str
    endpoint: str = ""
    region: str = ""
    own_host: bool = False
    """The endpoint is not Amazon's: the bucket belongs into the path, not into the name of the host."""


@dataclass(slots=True, eq=False)
class ObjectStore:
    """Get, put and delete in one bucket. An ETag names one content of one object."""

    settings: StoreSettings
    environ: Mapping[str, str]
    _made: Any = field(default=None, init=False)

    def get(self, key: str) -> tuple[bytes, str] | None:
        """An object's content and ETag, None where there is none. Raises StateError, AccessError."""
        client = self._client()
        try:
            found = client.get_object(Bucket=self.settings.bucket, Key=key)
            return found["Body"].read(), found["ETag"]
        except _library_errors() as error:
            if _code(error) in ("NoSuchKey", "404"):
                return None
            raise self._failure("read", key, error) from error

    def put(self, key: str, content: bytes, *, replaces: str) -> str | None:
        """Store an object where its ETag is `replaces`, or where there is none if that is "".

        The new ETag; None where something else is there. Raises StateError, AccessError.
        """
        condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
        client = self._client()
        try:
            answer = client.put_object(
                Bucket=self.settings.bucket,
                Key=key,
                Body=content,
                ContentType="application/json",
                **condition,
            )
            return str(answer["ETag"])
        except _library_errors() as error:
            if _status(error) in _MOVED and _code(error) != "NoSuchBucket":
                return None
            raise self._failure("write", key, error) from error

    def delete(self, key: str, *, replaces: str) -> None:
        """Remove an object if it still has that ETag. Raises StateError, AccessError."""
        client = self._client()
        wanted = {"Bucket": self.settings.bucket, "Key": key}
        try:
            try:
                client.delete_object(**wanted, IfMatch=replaces)
            except _library_errors() as error:
                if _status(error) != 501:
                    raise
                # Not every store has conditional deletes; the caller looked at it just now.
                client.delete_object(**wanted)
        except _library_errors() as error:
            if _status(error) not in _MOVED or _code(error) == "NoSuchBucket":
                raise self._failure("remove", key, error) from error

    def _client(self) -> Any:
        if self._made is None:
            self._made = _client(self.settings, self.environ)
        return self._made

    def _failure(self, verb: str, key: str, error: Exception) -> StateError | AccessError:
        message = f"cannot {verb} s3://{self.settings.bucket}/{key}: {error}"
        name = type(error).__name__
        if _status(error) in (401, 403) or _code(error) in _DENIED or "Credentials" in name:
            return AccessError(
                message, hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            )
        return StateError(message, hint="check the bucket, the endpoint and the network")


def _client(settings: StoreSettings, environ: Mapping[str, str]) -> Any:
    try:
        session_of = importlib.import_module("boto3.session")
        config_of = importlib.import_module("botocore.config")
    except ImportError:
        raise UsageError(
            "the state backend s3 needs the library boto3", hint="pip install 'cozeops[s3]'"
        ) from None
    credentials = {
        name: environ[variable] for name, variable in _CREDENTIALS.items() if environ.get(variable)
    }
    if "aws_access_key_id" in credentials:
        credentials.pop("profile_name", None)  # the library refuses both
    config = config_of.Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        s3={"addressing_style": "path" if settings.own_host else "auto"},
        # Stores other than Amazon's refuse the checksums that the library adds by itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    region = settings.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    try:
        session = session_of.Session(region_name=region or None, **credentials)
        # Such a store has no regions, but a signature names one.
        fallback = None if session.region_name or not settings.own_host else "us-east-1"
        return session.client(
            "s3", endpoint_url=settings.endpoint or None, region_name=fallback, config=config
        )
    except _library_errors() as error:
        raise UsageError(
            f"the state backend s3 cannot be set up: {error}", hint="check state.region and state.endpoint"
        ) from error


def _library_errors() -> tuple[type[Exception], ...]:
    """What boto3 raises (ValueError for a bad endpoint); asked only where it is loaded."""
    errors = importlib.import_module("botocore.exceptions")
    return errors.BotoCoreError, errors.ClientError, ValueError


def _status(error: Exception) -> int:
    """The HTTP status of an error of the library; 0 where no answer came."""
    answer = getattr(error, "response", None)
    found = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(answer, dict) else 0
    return found if isinstance(found, int) else 0


def _code(error: Exception) -> str:
    answer = getattr(error, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
