"""Runs inside the sandbox, beside the judged code: evaluates examples and reports what they did.

It judges nothing. The request (one JSON line on stdin: nonce, root, module, examples) is read
before any judged code is imported; the report is one line on stdout that begins with the nonce.
"""

import __future__

import builtins
import contextlib
import importlib
import io
import json
import os
import sys
import traceback
from typing import Any

MAX_CHARS = 20_000


def _describe(error: BaseException) -> str:
    return traceback.format_exception_only(type(error), error)[-1][:MAX_CHARS]


def _evaluate(source: str, names: dict[str, Any]) -> dict[str, str | None]:
    features = (getattr(__future__, name) for name in __future__.all_feature_names)
    flags = sum(f.compiler_flag for f in features if f in names.values())
    written, exception = io.StringIO(), None
    with contextlib.redirect_stdout(written):
        try:
            code = compile(source, "<example>", "single", flags, dont_inherit=True)
            exec(code, names)
        except BaseException as error:  # whatever the example raises is its outcome
            exception = _describe(error)
    return {"stdout": written.getvalue()[:MAX_CHARS], "exception": exception}


def _report(request: dict[str, Any]) -> dict[str, Any]:
    sys.path[0] = request["root"]
    try:
        names = dict(importlib.import_module(request["module"]).__dict__)
    except BaseException as error:  # importing runs the judged code: anything may come
        return {"import_error": _describe(error), "outcomes": []}
    outcomes = []
    for source in request["examples"]:
        sys.displayhook = sys.__displayhook__
        outcomes.append(_evaluate(source, names))
        builtins.__dict__.pop("_", None)
    return {"import_error": None, "outcomes": outcomes}


def main() -> None:
    """Answer the one request."""
    request = json.loads(sys.stdin.buffer.readline())
    nonce = request.pop("nonce")
    channel = os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    line = nonce + json.dumps(_report(request)) + "\n"
    with open(channel, "w", encoding="ascii") as stream:
        stream.write(line)
    # Threads, exit hooks and destructors of the judged code have nothing more to say.
    stream.close()
    os._exit(0)


if __name__ == "__main__":
    main()
