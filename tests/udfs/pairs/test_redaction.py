"""Secrets of a commit are placeholders in its whole pair."""

from dataclasses import replace

from tests.udfs.pairs.changes import CODE, FIXED, LIMITS, changed, pair_of, reason_of
from tests.udfs.secrets.samples import made_up
from udfs.diffs import apply_patch, parse_patch
from udfs.pairs import Pair

_TOKEN = "ghp_" + made_up(36)
_CLIENT = f'''"""Send files to the archive."""

import archive

# Ask kim@initech.io for access.
KEY = "{_TOKEN}"


def send(path):
    return archive.put(path, key=KEY)
'''
_CHECKED = _CLIENT.replace(
    "    return", "    if not path:\n        raise ValueError(path)\n    return"
)
_CHECKS = f'from client import send\n\n\ndef test_key():\n    assert send("a", "{_TOKEN}")\n'
_SENT = "Fix crash when the path is empty (ValueError)\n\nFound by kim@initech.io with KEY.\n"


def test_secrets_have_one_placeholder_in_the_whole_pair() -> None:
    pair = pair_of(
        changed("client.py", _CLIENT, _CHECKED),
        changed("tests/test_client.py", None, _CHECKS),
        message=_SENT,
    )
    assert "Found by <EMAIL_1>" in pair.instruction
    assert '# Ask <EMAIL_1> for access.\nKEY = "<API_KEY_1>"\n' in pair.context
    assert 'send("a", "<API_KEY_1>")' in pair.tests
    for text in (pair.instruction, pair.context, pair.response, pair.tests):
        assert _TOKEN not in text and "kim@" not in text
    assert {"redacted:api_key:1", "redacted:email:1"} <= set(pair.flags)
    (response,) = parse_patch(pair.response)
    before = pair.context.split("```python\n")[1].removesuffix("```\n")
    assert "    if not path:\n" in (apply_patch(before, response) or "")


def test_a_secret_is_hidden_where_only_another_place_shows_it_to_be_one() -> None:
    filler = "".join(f"\n\ndef filler_{n}():\n    return {n}\n" for n in range(200))
    call = "\n\ndef f():\n    return g('Kestrel94!vq')\n"
    before = 'class Settings:\n    password = "Kestrel94!vq"\n' + filler + call
    pair = pair_of(changed("a.py", before, before.replace("g(", "compute_value(")), message=_SENT)
    assert "excerpted" in pair.flags and "g('<PASSWORD_1>')" in pair.context
    assert "Kestrel" not in pair.context + pair.response


def test_a_change_of_secrets_alone_makes_no_pair() -> None:
    rotated = _CLIENT.replace(_TOKEN, "ghp_" + made_up(36, seed=8))
    limits = replace(LIMITS, redact=False)
    assert isinstance(pair_of(changed("client.py", _CLIENT, rotated), limits=limits), Pair)
    moved = _CLIENT.replace("kim@initech.io", "lee@globex.de")
    message = "Send files with the key of the new archive account"
    assert reason_of(changed("client.py", _CLIENT, moved), message=message) == "comments_only"
    assert (
        reason_of(changed("client.py", _CLIENT, rotated), message=message) == "only_secrets_changed"
    )
    other = changed("files.py", CODE, FIXED)
    pair = pair_of(changed("client.py", _CLIENT, rotated), other)
    assert pair.left_out == (("client.py", "only_secrets_changed"),)
    assert pair.paths == ("files.py",) and _TOKEN not in pair.context


def test_redaction_can_be_switched_off() -> None:
    limits = replace(LIMITS, redact=False)
    pair = pair_of(changed("client.py", _CLIENT, _CHECKED), message=_SENT, limits=limits)
    assert _TOKEN in pair.context
    assert not [flag for flag in pair.flags if flag.startswith("redacted")]
