"""What opens the account is found nowhere: in no output, no file, no list of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cozeops.cli.files.formats import PLAN_FORMATS, VALIDATE_FORMATS
from tests.cli.conftest import Shell
from tests.cli.terminal import plain_environment
from tests.kit import Bench

CANARY = "pat_CANARY0123456789"
_PAIR = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = _PAIR.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = (
    _PAIR.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
SETTINGS = "  manifests: [manifests]\n"
STATE = "  state: {backend: local}\n"
LISTENER = """\
kind: CallbackApp
metadata: {name: audit}
spec: {app_type: normal, events: [bot.published]}
"""
ENVIRONMENT = '  environments: {dev: {default: true, token: "${env:TEAM_TOKEN}"}}\n'
APP = {"COZE_JWT_OAUTH_CLIENT_ID": "31000000000002", "COZE_JWT_OAUTH_PUBLIC_KEY_ID": "fingerprint"}
COMMANDS = [
    *(("plan", "-v", "--format", form) for form in PLAN_FORMATS),
    *(("drift", "--format", form) for form in ("text", "json")),
    *(("validate", "--format", form) for form in VALIDATE_FORMATS),
    *(("whoami", "--format", form) for form in ("text", "json")),
    ("explain-value", "Bot/chef", "spec.name"),
    ("history",),
    ("state", "pull"),
]


def _as_variable(bench: Bench) -> dict[str, str]:
    return {"COZE_API_TOKEN": CANARY}


def _as_key_file(bench: Bench) -> dict[str, str]:
    file = bench.folder.parent / "secret.pem"
    file.write_text(KEY, encoding="utf-8")
    return {**APP, "COZE_JWT_OAUTH_PRIVATE_KEY_FILE_PATH": str(file)}


def _as_key(bench: Bench) -> dict[str, str]:
    return {**APP, "COZE_JWT_OAUTH_PRIVATE_KEY": KEY.replace("\n", "\\n")}


def _of_environment(bench: Bench) -> dict[str, str]:
    bench.edit("cozeops.yaml", SETTINGS, SETTINGS + ENVIRONMENT)
    return {"TEAM_TOKEN": CANARY}


def _of_enterprise(bench: Bench) -> dict[str, str]:
    bench.edit("cozeops.yaml", SETTINGS, SETTINGS + '  enterprise: {token: "${env:TEAM_TOKEN}"}\n')
    return {"COZE_API_TOKEN": "pat_emulator", "TEAM_TOKEN": CANARY}


PLACES: dict[str, Callable[[Bench], dict[str, str]]] = {
    "variable": _as_variable,
    "key file": _as_key_file,
    "key": _as_key,
    "environment": _of_environment,
    "enterprise": _of_enterprise,
}


@pytest.fixture(params=PLACES)
def guarded(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shell]:
    """The quickstart with a state, and the secret in one of its places; what is printed is most."""
    bench = Bench(tmp_path / "project", clock=time.time)
    bench.seed()
    bench.emulator.seed(
        {
            "tokens": [{"token": CANARY}],
            "oauth_apps": [
                {"client_id": "31000000000002", "public_key_id": "fingerprint", "public_key": PUBLIC}
            ],
        }
    )
    settings = PLACES[request.param](bench)
    bench.edit("cozeops.yaml", SETTINGS, SETTINGS + STATE)
    bench.write("manifests/audit.yaml", LISTENER)
    for name in [name for name in os.environ if name.startswith("COZE")]:
        monkeypatch.delenv(name)
    with bench.emulator.serve() as url:
        for name, value in {**settings, "COZE_API_BASE": url, "COZEOPS_DEBUG": "1"}.items():
            monkeypatch.setenv(name, value)
        yield Shell(bench, url, capsys)


def _secrets(bench: Bench) -> set[str]:
    """The canary, the lines of the key, the tokens that it was exchanged for, and what Coze signs with."""
    issued = {token for token in bench.table("tokens") if token.startswith("czs_")}
    signing = {app["verify_token"] for app in bench.table("api_apps").values()}
    return {CANARY, *KEY.splitlines()[1:-1], *issued, *signing}


def _demand_absent(secrets: set[str], text: str, where: object) -> None:
    for secret in secrets:
        # What was cut off would be half a secret: so much of one is too much.
        assert secret[:16] not in text, where


def _demand_clean(bench: Bench) -> None:
    """No file beside or in the project has a secret, but the one that is the key."""
    files = [path for path in bench.folder.parent.rglob("*") if path.is_file() and path.name != "secret.pem"]
    assert len([path for path in files if ".cozeops" in path.parts]) >= 2
    for path in files:
        _demand_absent(_secrets(bench), path.read_bytes().decode("latin-1"), path)


def test_in_no_output_and_no_file(guarded: Shell) -> None:
    """Plan file, report, events, state, journal, history, and every format of every command."""
    folder = guarded.bench.folder.parent
    files = [f"{form}={folder / form}" for form in PLAN_FORMATS]
    also = [word for file in files for word in ("--also", file)]
    written = ("--report", str(folder / "run.json"), "--events", str(folder / "events.ndjson"))
    traces = [("--stats", "--trace-http", str(folder / f"{name}.trace")) for name in ("plan", "apply")]
    lines = [
        ("plan", "--out", str(folder / "plan.json"), *also, *traces[0]),
        ("apply", str(folder / "plan.json"), *written, *traces[1]),
        *COMMANDS,
    ]
    for line in lines:
        ran = guarded(*line)
        assert ran.code == 0, (line, ran)
        _demand_absent(_secrets(guarded.bench), ran.out + ran.err, line)
    assert all(Path(trace[-1]).read_text("utf-8").count("log_id") > 2 for trace in traces)
    _demand_clean(guarded.bench)


VERIFY = "CANARYverify0123456789"
CALLBACK_APP = """\
kind: CallbackApp
metadata: {name: events}
spec:
  name: 事件
  app_type: normal
  callback_url: "https://example.com/coze"
  events: [bot.published]
  verify_token: "${env:COZEOPS_SECRET_VERIFY}"
"""


def _verify_tokens(bench: Bench) -> set[str]:
    return {VERIFY} | {row["verify_token"] for row in bench.table("api_apps").values()}


@pytest.fixture
def verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """A callback app with a state, and the token of its receiver, which is not the one that Coze made."""
    bench = Bench(tmp_path / "project", source=None, clock=time.time)
    bench.write("cozeops.yaml", f"kind: Project\nmetadata: {{name: p}}\nspec:\n{SETTINGS}{STATE}")
    bench.write("manifests/app.yaml", CALLBACK_APP)
    with bench.emulator.serve() as url:
        ours = {"COZE_API_BASE": url, "COZE_API_TOKEN": "pat_emulator", "COZEOPS_SECRET_VERIFY": VERIFY}
        for name, value in {**ours, "COZEOPS_DEBUG": "1"}.items():
            monkeypatch.setenv(name, value)
        yield Shell(bench, url, capsys)


def test_the_token_of_a_receiver_is_found_nowhere(verified: Shell) -> None:
    """Neither the one in the variable nor the one that Coze made: right, wrong, changed or refused."""
    bench, folder = verified.bench, verified.bench.folder.parent
    files = [f"{form}={folder / form}" for form in PLAN_FORMATS]
    also = [word for file in files for word in ("--also", file)]
    trace = ("--trace-http", str(folder / "trace.ndjson"))
    written = ("--report", str(folder / "run.json"), "--events", str(folder / "events.ndjson"))
    lines = [
        ("plan", "--out", str(folder / "plan.json"), *also, *trace),
        ("apply", str(folder / "plan.json"), *written, *trace),
        *(("plan", "-v", "--format", form) for form in PLAN_FORMATS),
        *(("validate", "--format", form) for form in VALIDATE_FORMATS),
        ("drift",),
        ("explain-value", "CallbackApp/events", "verify_token"),
        ("explain-value", "CallbackApp/events", "spec"),
        ("state", "pull"),
        ("export", "--out", str(folder / "exported")),
        ("apply", "--yes", "--rewrite", "CallbackApp/events"),
    ]
    for line in lines:
        ran = verified(*line)
        # A new app has a secret that Coze made: until the variable has it, drift does not say "fine".
        assert ran.code == (10 if line == ("drift",) else 0), (line, ran)
        _demand_absent(_verify_tokens(bench), ran.out + ran.err, line)
    assert "COZE132" in verified("plan").out
    bench.emulator.faults.add("error", operation="updateApiApp", status=400, code=4000)
    bench.edit("manifests/app.yaml", "example.com/coze", "example.com/other")
    ran = verified("apply", "--yes", "--stats")
    assert ran.code in (1, 7)
    _demand_absent(_verify_tokens(bench), ran.out + ran.err, "a failure")
    files_found = [path for path in folder.rglob("*") if path.is_file()]
    assert {"plan.json", "run.json", "trace.ndjson"} <= {path.name for path in files_found}
    for path in files_found:
        _demand_absent(_verify_tokens(bench), path.read_bytes().decode("latin-1"), path)


def test_a_saved_plan_is_refused_with_another_secret(
    verified: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was reviewed with the one that there was; the state's key tells them apart."""
    assert verified("apply", "--yes").code == 0
    verified.bench.edit("manifests/app.yaml", "example.com/coze", "example.com/other")
    plan = str(verified.bench.folder.parent / "plan.json")
    assert verified("plan", "--out", plan).code == 0
    monkeypatch.setenv("COZEOPS_SECRET_VERIFY", "another")
    ran = verified("apply", plan)
    assert ran.code == 6
    assert "CallbackApp/events" in ran.err


class _Echo(BaseHTTPRequestHandler):
    """Says back what it was told in confidence."""

    heard: set[str]
    page: bool

    def do_GET(self) -> None:
        """An error, or a page of a proxy."""
        said = self.headers.get("Authorization", "")
        self.heard.add(said.removeprefix("Bearer "))
        kind, text = (
            ("text/html", f"<h1>{said}</h1>")
            if self.page
            else ("application/json", f'{{"code": 4999, "msg": "{said}"}}')
        )
        self.send_response(400, said)
        for name, value in (("Content-Type", kind), ("X-Tt-Logid", said), ("Content-Length", str(len(text)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def _echoing(*, page: bool) -> Iterator[tuple[str, set[str]]]:
    heard: set[str] = set()
    handler = type("Handler", (_Echo,), {"heard": heard, "page": page})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


@pytest.mark.parametrize("page", [False, True], ids=["error", "page"])
def test_not_even_from_a_server_that_says_it_back(
    guarded: Shell, monkeypatch: pytest.MonkeyPatch, page: bool
) -> None:
    """In its message, its log id, its reason phrase and its page."""
    report = str(guarded.bench.folder.parent / "run.json")
    with _echoing(page=page) as (url, heard):
        monkeypatch.setenv("COZE_API_BASE", url)
        for line in (*COMMANDS, ("apply", "--yes", "--report", report, "--trace-http", f"{report}.trace")):
            if line[0] in ("plan", "drift", "whoami", "apply"):
                ran = guarded(*line)
                assert ran.code in (1, 4), (line, ran)
                assert heard
                _demand_absent(heard | _secrets(guarded.bench), ran.out + ran.err, line)
        _demand_absent(heard | _secrets(guarded.bench), Path(f"{report}.trace").read_text("utf-8"), "trace")


@pytest.mark.parametrize("wrong", [f"{CANARY} 1", f"{CANARY}\n", f"令牌{CANARY}"])
def test_not_where_it_cannot_be_a_token(shell: Shell, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """A mistake in copying it is told without it."""
    monkeypatch.setenv("COZEOPS_DEBUG", "1")
    monkeypatch.setenv("COZE_API_TOKEN", wrong)
    ran = shell("plan")
    assert ran.code == 4
    _demand_absent({CANARY}, ran.out + ran.err, wrong)


def test_not_where_somebody_wrote_it_into_the_settings(shell: Shell) -> None:
    """No token belongs there; the message that says so does not quote it."""
    shell.bench.edit("cozeops.yaml", SETTINGS, f"{SETTINGS}  environments: {{dev: {{token: {CANARY}}}}}\n")
    for form in VALIDATE_FORMATS:
        ran = shell("validate", "--format", form)
        assert ran.code == 3
        _demand_absent({CANARY}, ran.out + ran.err, form)


def _arguments_of_all() -> str:
    """What `ps` shows to everybody on the machine."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found.append((process / "cmdline").read_bytes().decode("latin-1"))
        except OSError:
            continue  # it has ended
    return "\n".join(found)


def test_not_in_what_a_killed_run_leaves(guarded: Shell) -> None:
    """The journal of what was under way, and the lists of processes meanwhile."""
    line = [sys.executable, "-m", "cozeops", "-C", str(guarded.bench.folder), "apply", "--yes"]
    ours = {name: value for name, value in os.environ.items() if name.startswith("COZE")}
    with subprocess.Popen(
        line,
        env=plain_environment(**ours),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        shown = ""
        while process.poll() is None and len(guarded.bench.writes()) < 9:
            shown += _arguments_of_all()
            time.sleep(0.01)
        with suppress(ProcessLookupError):  # it was faster
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout
        said = process.stdout.read().decode()
    assert "cozeops" in shown or not Path("/proc").exists()
    _demand_absent(_secrets(guarded.bench), shown + said, "processes and output")
    assert list((guarded.bench.folder / ".cozeops" / "journal").rglob("*"))
    _demand_clean(guarded.bench)
    assert guarded("apply", "--yes").code == 0
    _demand_clean(guarded.bench)
