"""A client of a language server, as small as an editor can be: JSON-RPC over its standard streams."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, BinaryIO

Message = dict[str, Any]
# Without snippets an editor would get names only. The store of public schemas is on the Internet.
CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}},
}
SETTINGS = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}
SECONDS = 60


class Server:
    """A running server; it is ended after a minute, whatever it waits for."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._folder, self._requests, self._documents = folder, 0, 0
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        )
        self._limit = Timer(SECONDS, self._process.kill)

    def __enter__(self) -> Server:
        self._limit.start()
        root = {"processId": os.getpid(), "rootUri": self._folder.as_uri(), "capabilities": CAPABILITIES}
        self._ask("initialize", root)
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": {"yaml": SETTINGS}}})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limit.cancel()
        self._process.kill()
        self._process.communicate()

    def problems(self, text: str) -> list[Message]:
        """The diagnostics of a document, once the server has looked at it."""
        uri = self._open(text)
        method = "textDocument/publishDiagnostics"
        told = self._until(lambda one: one.get("method") == method and one["params"]["uri"] == uri)
        found: list[Message] = told["params"]["diagnostics"]
        return found

    def completions(self, text: str) -> list[Message]:
        """What the server offers at the `|` in a document."""
        before, _, after = text.partition("|")
        at = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        where = {"textDocument": {"uri": self._open(before + after)}, "position": at}
        result = self._ask("textDocument/completion", where)["result"]
        items: list[Message] = result["items"] if isinstance(result, dict) else result
        return items

    def _open(self, text: str) -> str:
        self._documents += 1
        uri = (self._folder / f"{self._documents}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return uri

    def _ask(self, method: str, parameters: Message) -> Message:
        self._requests += 1
        number = self._requests
        self._send({"id": number, "method": method, "params": parameters})
        return self._until(lambda one: one.get("id") == number and "method" not in one)

    def _until(self, wanted: Callable[[Message], bool]) -> Message:
        """Read until the wanted message has come; answer what the server asks on the way."""
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": _answer(message)})
            elif wanted(message):
                return message

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode("utf-8")
        stream = self._stream(self._process.stdin)
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()

    def _read(self) -> Message:
        stream, length = self._stream(self._process.stdout), 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, f"the language server ended, or said nothing for {SECONDS} s"
        message: Message = json.loads(stream.read(length))
        return message

    @staticmethod
    def _stream(stream: Any) -> BinaryIO:
        assert stream is not None
        return stream  # type: ignore[no-any-return]


def _answer(request: Message) -> Any:
    if request["method"] != "workspace/configuration":
        return None
    return [SETTINGS if item.get("section") == "yaml" else {} for item in request["params"]["items"]]
