"""From the `state` block to a backend: spelling, and where a state may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cozeops.errors import ExitCode, UsageError
from cozeops.state import open_backend
from cozeops.state.settings import bucket_nobody_trusts


def _open(settings: Any, root: Path, environ: dict[str, str] | None = None, environment: str = "dev") -> Any:
    return open_backend(settings, root=root, environment=environment, environ=environ or {})


def test_no_block_is_no_state(tmp_path: Path) -> None:
    """A project need not have a state."""
    assert _open(None, tmp_path) is None


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"backend": "local"}, "the state .cozeops/state/dev.json"),
        ({"backend": "local", "path": "memory"}, "the state memory/dev.json"),
        ({"backend": "git"}, "the state dev.json on origin/cozeops-state"),
        ({"backend": "git", "branch": "state/bots", "remote": "hub"}, "the state dev.json on hub/state/bots"),
        ({"backend": "s3", "bucket": "team-state"}, "the state s3://team-state/cozeops/dev.json"),
        ({"backend": "s3", "bucket": "b12", "key": "a/{env}/s.json"}, "the state s3://b12/a/dev/s.json"),
    ],
)
def test_backends_have_names(tmp_path: Path, settings: dict[str, str], name: str) -> None:
    """What a message calls the place; opening one does nothing yet."""
    assert _open(settings, tmp_path).name == name
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "says", "hint"),
    [
        ({}, "no backend ''", "there is: git, local, s3"),
        ({"backend": "gti"}, "no backend 'gti'", "did you mean git?"),
        ({"backend": ["git"]}, "no backend", "there is"),
        ({"backend": "git", "brnach": "x"}, "git has no field 'brnach'", "did you mean branch?"),
        ({"backend": "local", "bucket": "x"}, "local has no field 'bucket'", "there is: path"),
        ({"backend": "local", "path": ""}, "state.path must be a text", ""),
        ({"backend": "local", "path": 7}, "state.path must be a text", ""),
        ({"backend": "local", "path": "/etc"}, "leads outside the project", ""),
        ({"backend": "s3"}, "state.bucket is missing", ""),
        ({"backend": "s3", "bucket": "arn:aws:s3:::x"}, "not the name of a bucket", ""),
        ({"backend": "s3", "bucket": "b12", "region": "x.evil.example#"}, "is not a region", ""),
    ],
)
def test_mistakes_are_named(tmp_path: Path, settings: Any, says: str, hint: str) -> None:
    """Each mistake is told with what would be right; the exit code is that of a wrong configuration."""
    with pytest.raises(UsageError, match=says) as caught:
        _open(settings, tmp_path)
    assert hint in caught.value.hint
    assert caught.value.exit_code is ExitCode.INVALID


@pytest.mark.parametrize("environment", ["", "../up", "a/b", "-x"])
def test_an_environment_is_a_file_name(tmp_path: Path, environment: str) -> None:
    """A name that could leave the folder is refused."""
    with pytest.raises(UsageError, match="cannot be the name of an environment"):
        _open({"backend": "local"}, tmp_path, environment=environment)


@pytest.mark.parametrize(
    "remote",
    [
        "https://evil.example/x.git",
        "git@evil.example:x",
        "../other",
        "--upload-pack=touch x",
        "ext::sh -c x",
        "-o",
        ".",
    ],
)
def test_a_manifest_names_no_place_to_push_to(tmp_path: Path, remote: str) -> None:
    """Only the name of a remote is taken, never a URL, a path or an option."""
    with pytest.raises(UsageError, match="not the name of a remote"):
        _open({"backend": "git", "remote": remote}, tmp_path)


@pytest.mark.parametrize(
    "branch",
    ["-f", "--mirror", "a..b", "a.lock", "a/.b", "a//b", "a b", "a:b", "+main", "a~1", "@{-1}", "x.", "/a"],
)
def test_a_branch_is_a_branch(tmp_path: Path, branch: str) -> None:
    """What could be an option, a range or another ref is refused."""
    with pytest.raises(UsageError, match="cannot be the name of a branch"):
        _open({"backend": "git", "branch": branch}, tmp_path)


BUCKET = {"backend": "s3", "bucket": "team-state"}


@pytest.mark.parametrize(
    ("endpoint", "trusted"),
    [
        ("https://s3.eu-west-1.amazonaws.com", ""),
        ("https://s3.cn-north-1.amazonaws.com.cn", ""),
        ("https://s3.amazonaws.com:443", ""),
        ("https://s3.dualstack.us-gov-west-1.amazonaws.com", ""),
        ("https://s3-fips.us-east-2.amazonaws.com", ""),
        ("https://s3-ap-southeast-1.amazonaws.com", ""),
        ("https://s3.mx-central-1.amazonaws.com", ""),
        ("https://mine.s3.amazonaws.com", "mine.s3.amazonaws.com"),
        ("https://minio.example.com", "minio.example.com"),
        ("https://minio.example.com:9000/", "other.example, MINIO.example.com:9000"),
        ("http://127.0.0.1:9000", ""),
        ("http://localhost:9000", ""),
        ("http://[::1]:9000", ""),
    ],
)
def test_trusted_endpoints(tmp_path: Path, endpoint: str, trusted: str) -> None:
    """Amazon's own hosts, this machine, and those that the shell names."""
    found = _open({**BUCKET, "endpoint": endpoint}, tmp_path, {"COZEOPS_TRUSTED_HOSTS": trusted})
    assert found.name == "the state s3://team-state/cozeops/dev.json"


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("https://evil.example", "only the project names the host evil.example"),
        ("https://amazonaws.com.evil.example", "only the project names"),
        ("https://evilamazonaws.com", "only the project names"),
        ("https://x1.execute-api.eu-west-1.amazonaws.com", "only the project names"),
        ("https://ec2-3-4-5-6.eu-west-1.compute.amazonaws.com", "only the project names"),
        ("https://evil.s3.amazonaws.com", "only the project names"),
        ("https://evil.s3.eu-west-1.amazonaws.com", "only the project names"),
        ("https://evil-123.s3-accesspoint.eu-west-1.amazonaws.com", "only the project names"),
        ("https://s3-website-us-east-1.amazonaws.com", "only the project names"),
        ("https://s3.evil.amazonaws.com", "only the project names"),
        ("https://s3.eu-west-1.elb.amazonaws.com", "only the project names"),
        ("https://amazonaws.com", "only the project names"),
        ("https://s3.amazonaws.com:8443", "only the project names"),
        ("https://minio.example.com:1", "only the project names"),
        ("http://s3.amazonaws.com", "in the clear"),
        ("http://127.0.0.1.evil.example", "in the clear"),
        ("https://s3.amazonaws.com@evil.example", "only a scheme and a host"),
        ("https://evil.example\\.amazonaws.com", "only a scheme and a host"),
        ("https://evil.example#.amazonaws.com", "only a scheme and a host"),
        ("https://evil.example/.amazonaws.com", "only a scheme and a host"),
        ("https://evil.example?.amazonaws.com", "only a scheme and a host"),
        ("https://s3.amazonaws.com:port", "not a URL"),
        ("https://[evil", "not a URL"),
        ("s3.amazonaws.com", "only a scheme and a host"),
        ("file:///etc", "only a scheme and a host"),
    ],
)
def test_endpoints_that_nobody_trusts(tmp_path: Path, endpoint: str, says: str) -> None:
    """A host that only the manifest names gets nothing, however it is spelled."""
    with pytest.raises(UsageError, match=says):
        _open({**BUCKET, "endpoint": endpoint}, tmp_path, {"COZEOPS_TRUSTED_HOSTS": "minio.example.com:9000"})


def test_a_bucket_that_only_the_project_names_is_told() -> None:
    """By each run that asks it; one that the shell names is not."""
    for environ in ({}, {"COZEOPS_TRUSTED_BUCKETS": "other, team-state-2"}):
        assert bucket_nobody_trusts(BUCKET, environ) == "team-state"
    assert bucket_nobody_trusts(BUCKET, {"COZEOPS_TRUSTED_BUCKETS": "other, team-state"}) == ""
    assert bucket_nobody_trusts({"backend": "local"}, {}) == bucket_nobody_trusts(None, {}) == ""
