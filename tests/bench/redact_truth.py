"""Say what redaction finds and wrongly takes: python tests/bench/redact_truth.py [PATH...].

Secrets and personal data are made up anew from a seed (none stands in this file), written into code
and prose in five forms (plain, base64, split over lines, in a diff, in the text of an issue), and
looked for after redaction: a case counts as found when nothing of its value is left and no line was
added or lost. Then come things that must stay, and, for each repository named, the hits in its
files at HEAD by kind and megabyte; `--show` prints some of those to be read. Not a test: the
figures are for people.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import string
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pygit2
from rich.console import Console
from rich.table import Table

from udfs.secrets import redact

Maker = Callable[[Random], str]
_WORD = string.ascii_letters + string.digits
_B64 = _WORD + "+/"
_HEX = "0123456789abcdef"
_NAMES = [
    "jana",
    "piotr",
    "mehmet",
    "sofia",
    "liam",
    "yuki",
    "priya",
    "carlos",
    "ingrid",
    "tomasz",
    "amara",
    "dmitri",
]
_SURNAMES = [
    "kowalski",
    "yilmaz",
    "lindqvist",
    "okafor",
    "petrov",
    "moreau",
    "tanaka",
    "silva",
    "novak",
    "fischer",
]
_HOSTS = [
    "initech.io",
    "globex.de",
    "umbrella-labs.net",
    "hooli.dev",
    "stark.co.uk",
    "wayne.org",
    "vandelay.com",
]


def _some(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(length))


def _email(random: Random) -> str:
    local = random.choice(["{0}.{1}", "{0}", "{0}_{1}", "{0}{2}", "{0}+lists"])
    name = local.format(random.choice(_NAMES), random.choice(_SURNAMES), random.randrange(100))
    return f"{name}@{random.choice(_HOSTS)}"


def _ipv4(random: Random) -> str:
    first = random.choice([23, 34, 45, 52, 81, 93, 134, 151, 185, 195, 212])
    return (
        f"{first}.{random.randrange(21, 255)}.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
    )


def _ipv6(random: Random) -> str:
    groups = [f"{random.randrange(4096, 65536):x}" for _ in range(4)]
    return f"2a0{random.randrange(10)}:{groups[0]}:{groups[1]}::{groups[2]}:{groups[3]}"


def _jwt(random: Random) -> str:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    header = random.choice(['{"alg":"HS256","typ":"JWT"}', '{"typ":"JWT","alg":"RS256"}'])
    claims = f'{{"sub":"{random.randrange(10**6)}","name":"{random.choice(_NAMES)}"}}'
    return f"{part(header)}.{part(claims)}.{_some(random, _WORD + '-_', 43)}"


def _password(random: Random) -> str:
    word = random.choice(["Sommer", "dragon", "Kestrel", "orbit", "Maple", "tundra"])
    return (
        random.choice(
            [
                f"{word}{random.randrange(10, 9999)}!{_some(random, _WORD, 3)}",
                _some(random, _WORD + "!#%&*+-", 14) + "7b",
                f"{word}-{_some(random, string.ascii_lowercase, 5)}{random.randrange(10, 99)}",
                _some(random, _WORD, 12) + "4c",
            ]
        )
    )  # fmt: skip


def _private_key(random: Random) -> str:
    kind = random.choice(["RSA ", "EC ", "OPENSSH ", ""])
    body = _some(random, _B64, 64 * random.randrange(3, 26) + random.randrange(8, 60)) + "="
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join(
        [f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"]
    )


def _slack(random: Random) -> str:
    digits = _some(random, string.digits, 12), _some(random, string.digits, 13)
    return f"xoxb-{digits[0]}-{digits[1]}-{_some(random, _WORD, 24)}"


TOKENS: dict[str, Maker] = {
    "AWS key id": lambda r: "AKIA" + _some(r, string.ascii_uppercase + "234567", 16),
    "GitHub": lambda r: r.choice(["ghp_", "gho_", "ghs_"]) + _some(r, _WORD, 36),
    "GitHub fine-grained": lambda r: f"github_pat_{_some(r, _WORD, 22)}_{_some(r, _WORD, 59)}",
    "GitLab": lambda r: "glpat-" + _some(r, _WORD + "-_", 20),
    "Slack": _slack,
    "Stripe": lambda r: r.choice(["sk_live_", "rk_live_"]) + _some(r, _WORD, 24),
    "Google": lambda r: "AIzaSy" + _some(r, _WORD + "-_", 33),
    "npm": lambda r: "npm_" + _some(r, _WORD, 36),
    "PyPI": lambda r: "pypi-AgEIcHlwaS5vcmc" + _some(r, _WORD + "-_", 150),
    "OpenAI": lambda r: f"sk-proj-{_some(r, _WORD + '-_', 74)}T3BlbkFJ{_some(r, _WORD, 74)}",
    "OpenAI, older": lambda r: f"sk-{_some(r, _WORD, 20)}T3BlbkFJ{_some(r, _WORD, 20)}",
    "JWT": _jwt,
}
NAMED: dict[str, Maker] = {
    "AWS secret": lambda r: _some(r, _B64, 40),
    "hexadecimal key": lambda r: _some(r, _HEX, r.choice([32, 40, 64])),
    "random key": lambda r: _some(r, _WORD, r.randrange(20, 48)),
}
PERSONAL: dict[str, Maker] = {
    "e-mail": _email,
    "IPv4": _ipv4,
    "IPv6": _ipv6,
    "home folder": lambda r: r.choice(_NAMES) + r.choice(_SURNAMES)[:1],
    "phone": lambda r: (
        f"+{r.choice(['49 30', '44 20', '33 1', '48 22'])} {r.randrange(2001, 9999)} "
        f"{r.randrange(2001, 9999)}"
    ),
}
OTHERS: dict[str, Maker] = {"password": _password, "URL password": _password}

_CODE = (
    '{name} = "{value}"',
    "const {name} = '{value}';",
    '    "{name}": "{value}",',
    'private static final String {upper} = "{value}";',
    "{name}: {value}",
    "export {upper}={value}",
    '{upper}="{value}"',
    "client = Client({name}='{value}')",
    'os.environ["{upper}"] = "{value}"',
    '<add key="{name}" value="{value}"/>',
    "  {name}: '{value}'  # for the staging server",
)
_FREE = (
    "connect({value!r})",
    'headers = {{"X-From": "{value}"}}',
    "# see {value} for more",
    "send({value!r}, to=team)",
    "{value}",
    "curl -s -u {value} https://api.acme.dev/v1",
    "allow {value};",
)
_PROSE = (
    "I ran it with {name} {value} and it still fails.",
    "Steps:\n\n1. set `{upper}={value}`\n2. run `make`\n\nExpected: no crash.",
    "My config:\n```yaml\n{name}: {value}\n```\nWhat am I doing wrong?",
    "```\n$ {upper}={value} ./run.sh\nTraceback (most recent call last):\n```",
    'The log says `"{name}": "{value}"`, is that normal?',
    "{name}={value} is what I use, thanks for the help!",
)
_PROSE_FREE = (
    "You can reach me at {value} if needed.",
    "The server {value} answers with a 502 since yesterday.",
    "Log: connection from {value}, closed after 3 s",
    "> {value} wrote: it fails for me too",
    "Using `{value}` here.",
)
_KEY_NAMES = ("api_key", "apiKey", "secret_key", "auth_token", "access_token", "client_secret")
_PASSWORD_NAMES = ("password", "db_password", "passwd", "DB_PASS", "admin_password", "userPassword")


def _name_for(kind: str, random: Random) -> str:
    if kind in ("password", "URL password"):
        return random.choice(_PASSWORD_NAMES)
    if kind == "AWS secret":
        return random.choice(["aws_secret_access_key", "AWS_SECRET_KEY", "secretAccessKey"])
    if kind in PERSONAL:
        return {"e-mail": "contact", "phone": "phone"}.get(kind, "address")
    return random.choice(_KEY_NAMES)


def _filled(template: str, kind: str, value: str, random: Random) -> str:
    name = _name_for(kind, random)
    if kind == "URL password":
        value = f"postgres://svc:{value}@db{random.randrange(9)}.{random.choice(_HOSTS)}:5432/main"
    if kind == "home folder":
        home = random.choice(
            ["/home/{}/src/app.py", "/Users/{}/dev/tool", "C:\\Users\\{}\\code\\a"]
        )
        value = home.format(value)
    return template.format(name=name, upper=name.upper(), value=value)


def _plain(kind: str, value: str, random: Random) -> str:
    if kind == "private key":
        return random.choice(
            [value, "KEY = '''" + value + "'''", '"' + value.replace("\n", "\\n") + '"']
        )
    free = kind in PERSONAL or kind in TOKENS
    return _filled(random.choice(_CODE + (_FREE if free else ())), kind, value, random)


def _issue(kind: str, value: str, random: Random) -> str:
    if kind == "private key":
        return f"This is my key, it used to work:\n\n```\n{value}\n```\n\nThanks"
    free = kind in PERSONAL or kind in TOKENS or kind == "URL password"
    return _filled(random.choice(_PROSE_FREE if free else _PROSE), kind, value, random)


def _diff(kind: str, value: str, random: Random) -> str:
    """A hunk that adds, removes or shows the lines of a plain case."""
    mark = random.choice("+- ")
    lines = [mark + line for line in _plain(kind, value, random).split("\n")]
    before = sum(line[0] != "+" for line in lines) + 2
    after = sum(line[0] != "-" for line in lines) + 2
    head = f"--- a/conf/app.py\n+++ b/conf/app.py\n@@ -7,{before} +7,{after} @@ def load():"
    return "\n".join([head, " import os", *lines, " return settings", ""])


def _split(kind: str, value: str, random: Random) -> str:
    if kind == "private key":
        quoted = [f'    "{line}\\n"' for line in value.split("\n")]
        return "KEY = (\n" + random.choice([" +\n", "\n"]).join(quoted) + "\n)"
    if kind == "URL password":
        value = f"postgres://svc:{value}@db.{random.choice(_HOSTS)}/main"
    size = random.randrange(len(value) // 3, len(value) // 2 + 1)
    pieces = [value[i : i + size] for i in range(0, len(value), size)]
    name = _name_for(kind, random)
    forms = [
        f"{name} = (\n    " + "\n    ".join(f'"{piece}"' for piece in pieces) + "\n)",
        f"const {name} = " + " +\n  ".join(f"'{piece}'" for piece in pieces) + ";",
        f"{name} = " + " + ".join(f'"{piece}"' for piece in pieces),
        f"+{name} = " + ' \\\n+    '.join(f'"{piece}"' for piece in pieces),
        f'String {name} = ' + '\n        + '.join(f'"{piece}"' for piece in pieces) + ";",
    ]  # fmt: skip
    return random.choice(forms)


def _encoded(kind: str, value: str, random: Random) -> str:
    inner = random.choice([value, f"user:{value}", f"{_name_for(kind, random)}={value}"])
    if kind in NAMED or kind == "password":
        inner = f"{_name_for(kind, random)}={value}"
    if kind == "URL password":
        inner = f"postgres://svc:{value}@db.initech.io/main"
    if kind == "private key":
        inner = value
    return f'blob = "{base64.b64encode(inner.encode()).decode()}"'


FORMS: dict[str, Callable[[str, str, Random], str]] = {
    "plain": _plain, "base64": _encoded, "split": _split, "diff": _diff, "issue": _issue,
}  # fmt: skip


def _is_left(value: str, case: str, text: str) -> bool:
    """Whether a piece of the value that tells something is still there."""
    runs = [
        run
        for run in value.replace("-----", "\n").split("\n")
        if len(run) > 3 and "PRIVATE KEY" not in run
    ]
    probes = [run[i : i + 8] for run in runs for i in range(max(1, len(run) - 7))]
    encoded = [word.strip('"') for word in case.split() if len(word.strip('"')) >= 24]
    return any(probe in text for probe in probes) or (
        not any(probe in case for probe in probes)
        and any(word in text for word in encoded if "=" not in word[:-2])
    )


def recall(
    random: Random, times: int
) -> Iterator[tuple[str, dict[str, tuple[int, int]], list[str]]]:
    """By kind: found and planted of each form, and the texts of those that were missed."""
    makers = {**TOKENS, "private key": _private_key, **NAMED, **OTHERS, **PERSONAL}
    for kind, make in makers.items():
        row: dict[str, tuple[int, int]] = {}
        missed: list[str] = []
        for form, write in FORMS.items():
            if kind in PERSONAL and form in ("base64", "split"):
                continue
            found = 0
            for _ in range(times):
                value = make(random)
                case = write(kind, value, random)
                done = redact(case).text
                if done.count("\n") == case.count("\n") and not _is_left(value, case, done):
                    found += 1
                else:
                    missed.append(f"{kind}, {form}: {case}")
            row[form] = (found, times)
        yield kind, row, missed


def _aws_example(random: Random) -> str:
    return random.choice(
        ["AKIAIOSFODNN7" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"]
    )


STAYS: dict[str, Maker] = {
    "UUID": lambda r: f'token = "{uuid.UUID(int=r.getrandbits(128), version=4)}"',
    "git hash": lambda r: f"Fixes {_some(r, _HEX, 40)}, see {_some(r, _HEX, 7)}",
    "git hash, named": lambda r: f'commit: "{_some(r, _HEX, 40)}"',
    "SHA-256": lambda r: f"sha256 = '{_some(r, _HEX, 64)}'",
    "digest of an image": lambda r: f"image: app@sha256:{_some(r, _HEX, 64)}",
    "integrity": lambda r: '"integrity": "sha512-'
    + base64.b64encode(r.randbytes(64)).decode()
    + '",',
    "go.sum": lambda r: "github.com/a/b v1.2.3 h1:" + base64.b64encode(r.randbytes(32)).decode(),
    "pip hash": lambda r: f"    --hash=sha256:{_some(r, _HEX, 64)} \\",
    "example key": lambda r: f'aws_access_key_id = "{_aws_example(r)}"',
    "stand-in": lambda r: r.choice(['password = "{}"', "API_KEY={}", "token: '{}'"]).format(
        r.choice(
            ["your-api-key", "changeme", "xxxxxxxxxxxxxxxx", "<your token here>", "password123",
             "my-secret-token", "${API_KEY}", "{{ secrets.TOKEN }}", "REPLACE_ME", "s3cr3t",
             "test-token-1", "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "ghp_" + "x" * 36]
        )
    ),
    "reserved e-mail": lambda r: r.choice(_NAMES)
    + r.choice(["@example.com", "@example.org", "@mail.test", "@users.noreply.github.com"]),
    "noreply": lambda r: f"noreply@{r.choice(_HOSTS)}",
    "git@host": lambda r: f"git clone git@{r.choice(_HOSTS)}:team/app.git",
    "reserved address": lambda r: r.choice(
        ["192.0.2.{}", "10.1.2.{}", "192.168.0.{}", "127.0.0.{}", "203.0.113.{}", "172.16.3.{}"]
    ).format(r.randrange(1, 255)),
    "version": lambda r: r.choice(
        ['version = "{}"', "lib-{}.jar", "v{}", "pkg=={}", "<version>{}</version>", "Chrome/{}"]
    ).format(".".join(str(r.randrange(60)) for _ in range(4))),
    "copyright": lambda r: f"# Copyright (c) 2019 {r.choice(_NAMES)} <{_email(r)}>",
    "author of a header": lambda r: "/*\n * Licensed under the MIT License.\n *\n"
    f" * @author {r.choice(_NAMES)} <{_email(r)}>\n */",
    "certificate": lambda r: "-----BEGIN CERTIFICATE-----\n"
    + "\n".join(_some(r, _B64, 64) for _ in range(9))
    + "\n-----END CERTIFICATE-----",
    "public key": lambda r: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + _some(r, _B64, 43),
    "colour and number": lambda r: f"fill: #{_some(r, _HEX, 6)}; width: {r.random() * 99:.6f}px",
    "name": lambda r: r.choice(
        ["token = getAccessTokenForGithubV2Endpoint(user)", 'key = "password_reset_token_v2"',
         "secret: kubernetesSecretName1", 'tokenType = "urn:ietf:params:oauth:token-type:jwt"']
    ),
    "digest of a text": lambda r: hashlib.sha1(str(r.random()).encode()).hexdigest(),
}  # fmt: skip


def _texts(path: str) -> Iterator[tuple[str, str]]:
    """The texts of a repository at HEAD, up to a mebibyte each."""
    repository = pygit2.Repository(path)
    pending = [("", repository.head.peel(pygit2.Tree))]
    while pending:
        folder, tree = pending.pop()
        for entry in tree:
            if isinstance(entry, pygit2.Tree):
                pending.append((f"{folder}{entry.name}/", entry))
            elif entry.id not in repository:  # a partial clone
                continue
            elif isinstance(entry, pygit2.Blob) and not entry.is_binary and entry.size < 1 << 20:
                yield f"{folder}{entry.name}", entry.data.decode("utf-8", "replace")


def _hits(path: str, text: str, done: str) -> Iterator[tuple[str, str]]:
    """What changed in each line, and the line before and after with the file that it is from."""
    for old, new in zip(text.split("\n"), done.split("\n"), strict=True):
        if old != new:
            start = next(i for i, (a, b) in enumerate(zip(old, new + "\0", strict=False)) if a != b)
            shown = f"{old[max(0, start - 60) : start + 80]!r} -> {new[start : start + 30]!r}"
            yield old[start : start + 20], f"{path}: {shown}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", help="git repositories whose HEAD is read")
    parser.add_argument("--times", type=int, default=100, help="cases of each kind and form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", type=int, default=0, help="missed cases to print of a kind")
    parser.add_argument(
        "--show", type=int, default=0, help="different hits to print of each repository"
    )
    arguments = parser.parse_args()
    random = Random(arguments.seed)
    console = Console()
    table = Table("kind", *FORMS, title=f"found of {arguments.times} planted", title_justify="left")
    total: Counter[str] = Counter()
    missed: list[str] = []
    for kind, row, lost in recall(random, arguments.times):
        table.add_row(kind, *(str(row[form][0]) if form in row else "" for form in FORMS))
        for form, (found, planted) in row.items():
            total.update({form: found, f"of {form}": planted})
        missed += lost[: arguments.missed]
    shares = [f"{total[form] / total[f'of {form}']:.1%}" for form in FORMS]
    table.add_row("all", *shares, style="bold")
    console.print(table)
    for text in missed:
        console.print(f"missed {text}", markup=False, highlight=False)
    stays = Table(
        "what must stay", "hits", title=f"of {arguments.times} each", title_justify="left"
    )
    for name, make in STAYS.items():
        cases = [make(random) for _ in range(arguments.times)]
        wrong = [case for case in cases if redact(case).text != case]
        stays.add_row(name, str(len(wrong)))
        for case in wrong[: arguments.missed]:
            console.print(f"hit {name}: {case}", markup=False, highlight=False)
    console.print(stays)
    real = Table("repository", "MB", "MB/s", "hits", "a MB", "by kind")
    for path in arguments.paths:
        texts = list(_texts(path))
        size = sum(len(text.encode("utf-8", "surrogatepass")) for _, text in texts) / 1e6
        clock = time.process_time()
        done = [redact(text) for _, text in texts]
        seconds = time.process_time() - clock
        counts: Counter[str] = Counter()
        for one in done:
            counts.update(one.counts)
        hits = sum(counts.values())
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
        real.add_row(
            path, f"{size:.1f}", f"{size / seconds:.0f}", str(hits), f"{hits / size:.1f}", kinds
        )
        shown = {
            value: hit
            for (name, text), redacted in zip(texts, done, strict=True)
            if redacted.counts
            for value, hit in _hits(name, text, redacted.text)
        }
        for hit in random.sample(sorted(shown.values()), min(arguments.show, len(shown))):
            console.print(hit, markup=False, highlight=False, soft_wrap=True)
    if arguments.paths:
        console.print(real)


if __name__ == "__main__":
    main()
