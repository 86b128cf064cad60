"""From the `state` block of a project to a backend.

The state goes only where the shell or the project's own Git configuration says that it may go: a
manifest can choose among those places, not add one. Only the one that is chosen is imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cozeops.address import is_name
from cozeops.errors import UsageError
from cozeops.manifests.project.spec import STATE_FIELDS
from cozeops.state.backend import Backend, RetryPolicy

# The service itself, by its documented names: below amazonaws.com there are also other people's gateways,
# machines and buckets. The last part is Amazon's in China.
_AMAZON = re.compile(
    r"(s3|s3-fips)(\.dualstack)?\.[a-z]{2}(-[a-z]{2,12}){1,2}-\d{1,2}\.amazonaws\.com(\.cn)?"
    r"|s3-[a-z]{2}(-[a-z]{2,12}){1,2}-\d{1,2}\.amazonaws\.com|s3\.amazonaws\.com"
)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")


def open_backend(
    settings: Mapping[str, Any] | None,
    *,
    root: Path,
    environment: str,
    environ: Mapping[str, str],
    project: str = "",
    shard: int = 0,
    patience: RetryPolicy | None = None,
) -> Backend | None:
    """The place for the state of an environment, None where the project keeps none.

    `project` is its name, under which a place that many share keeps it; `shard` is the number of a part
    that keeps a state of its own, `patience` how to wait for a lock. Sends nothing yet.
    Raises UsageError for what is not known and for places that nobody trusts.
    """
    if settings is None:
        return None
    if not is_name(environment):
        raise UsageError(f"{environment!r} cannot be the name of an environment with a state")
    backend = settings.get("backend", "")
    if not isinstance(backend, str) or backend not in STATE_FIELDS:
        raise UsageError(f"state: there is no backend {backend!r}", hint=_suggest(backend, STATE_FIELDS))
    given = {name: value for name, value in settings.items() if name != "backend"}
    for name, value in given.items():
        if name not in STATE_FIELDS[backend]:
            raise UsageError(
                f"state: the backend {backend} has no field {name!r}",
                hint=_suggest(name, STATE_FIELDS[backend]),
            )
        if not isinstance(value, str) or not value or not value.isprintable():
            raise UsageError(f"state.{name} must be a text of one line that is not empty")
    environment = slot_of(environment, shard)
    if backend == "git":
        return _git(given, root, project, environment, environ, patience)
    if backend == "s3":
        if shard and "key" in given and "{env}" not in given["key"]:
            raise UsageError("state.key must have {env} in it: each shard has an object of its own")
        return _s3(given, project, environment, environ, patience)
    return _local(given, root, environment, patience)


def bucket_nobody_trusts(settings: Mapping[str, Any] | None, environ: Mapping[str, str]) -> str:
    """The bucket of a state that the manifests alone name; empty where the shell names it, or there is none.

    The names of buckets are one space for all customers of a store: it may be somebody else's.
    """
    bucket = (settings or {}).get("bucket", "")
    trusted = {name.strip() for name in environ.get("COZEOPS_TRUSTED_BUCKETS", "").split(",")}
    return "" if bucket in trusted else str(bucket)


def slot_of(environment: str, shard: int) -> str:
    """The name under which a shard (0: the whole) of an environment keeps its state, journals and history.

    No environment can be called like that. How many shards there are is not in it: that may change.
    """
    return f"{environment}@{shard}" if shard else environment


def _local(given: Mapping[str, str], root: Path, environment: str, patience: RetryPolicy | None) -> Backend:
    from cozeops.state.local import DEFAULT_FOLDER, LocalBackend

    return LocalBackend(root, environment, folder=given.get("path", DEFAULT_FOLDER), patience=patience)


def _git(
    given: Mapping[str, str],
    root: Path,
    project: str,
    environment: str,
    environ: Mapping[str, str],
    patience: RetryPolicy | None,
) -> Backend:
    from cozeops.state.git import DEFAULT_BRANCH, DEFAULT_REMOTE, GitBackend
    from cozeops.state.git_program import Git

    return GitBackend(
        Git(root, environ),
        environment,
        project=project,
        branch=given.get("branch", DEFAULT_BRANCH),
        remote=given.get("remote", DEFAULT_REMOTE),
        patience=patience,
    )


def _s3(
    given: Mapping[str, str],
    project: str,
    environment: str,
    environ: Mapping[str, str],
    patience: RetryPolicy | None,
) -> Backend:
    from cozeops.state.s3 import DEFAULT_KEY, OLD_KEY, S3Backend
    from cozeops.state.s3_store import ObjectStore, StoreSettings

    bucket, region = given.get("bucket", ""), given.get("region", "")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(
            f"state.bucket: {bucket!r} is not the name of a bucket" if bucket else "state.bucket is missing",
            hint="such as team-state: lower case, 3 to 63 characters",
        )
    if region and not _REGION.fullmatch(region):
        raise UsageError(f"state.region: {region!r} is not a region", hint="such as cn-north-1")
    endpoint = given.get("endpoint", "")
    if endpoint:
        host = _trusted_host(endpoint, environ.get("COZEOPS_TRUSTED_HOSTS", ""))
    else:
        endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or ""
        host = urlsplit(endpoint).hostname or "" if endpoint else "s3.amazonaws.com"
    settings = StoreSettings(bucket, endpoint, region, own_host=not _AMAZON.fullmatch(host))
    store = ObjectStore(settings, environ)
    key = given.get("key", DEFAULT_KEY if project else OLD_KEY)
    return S3Backend(store, environment, project=project, key=key, patience=patience)


def _trusted_host(endpoint: str, trusted: str) -> str:
    """The host of an endpoint that a manifest names. Raises UsageError for one that nobody trusts."""
    try:
        url = urlsplit(endpoint)
        host, port = (url.hostname or "").lower(), url.port
    except ValueError:
        raise UsageError(f"state.endpoint is not a URL: {endpoint}") from None
    # Everything that two readers of a URL could understand differently is refused.
    pure = f"{url.scheme}://{url.netloc}"
    if endpoint.rstrip("/") != pure or "@" in url.netloc or "\\" in endpoint or not _HOST.fullmatch(host):
        raise UsageError(
            "state.endpoint must be only a scheme and a host", hint="such as https://s3.example.com"
        )
    if _is_loopback(host) and url.scheme in ("http", "https"):
        return host
    if url.scheme != "https":
        raise UsageError(f"{endpoint} would send the state in the clear", hint="write https://")
    names = {name.strip().lower() for name in trusted.split(",")}
    if (_AMAZON.fullmatch(host) and port in (None, 443)) or names & {host, f"{host}:{port}"}:
        return host
    raise UsageError(
        f"only the project names the host {host}: the state is not sent there",
        hint=f"if you trust it, set COZEOPS_TRUSTED_HOSTS={host} in your shell or CI settings",
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _suggest(word: Any, choices: Mapping[str, Any] | tuple[str, ...]) -> str:
    known = sorted(choices)
    near = get_close_matches(str(word), known, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"there is: {', '.join(known)}"
