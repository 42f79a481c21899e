"""What names a person: e-mail addresses, telephone numbers, home folders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import re2

from udfs.secrets.spans import EMAIL, PHONE, USER, Span, compiled


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EMAILS: Final = rb"[A-Za-z0-9_%+]@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2}"
_EMAIL: Final = compiled(
    rb"([A-Za-z0-9_](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_%+-])?)"
    rb"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,24}))"
)
# Registries of countries; without those that are rather the ends of file names (md, py, so).
_COUNTRIES: Final = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br "
    "bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz "
    "ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw "
    "gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw "
    "ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk ml mm mn mo mp mq mr ms mt mu mv "
    "mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw "
    "qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg "
    "th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za "
    "zm zw"
)
_GENERIC: Final = (
    "academy aero africa agency ai amsterdam apache app art asia associates bank barcelona "
    "bayern berlin bio biz blog build business cafe capital care cat center chat church city "
    "cloud club codes coffee com community company computer consulting cool coop design dev "
    "digital direct directory earth edu education email energy engineer engineering enterprises "
    "events exchange expert family farm finance fit foundation fun fund fyi gallery games gmbh "
    "gov group guide guru hamburg health help host hosting house icu info ink institute int "
    "international io jobs koeln land law legal life live llc london love ltd management market "
    "marketing media mil mobi money moscow museum name net network news ngo ninja nyc one ong "
    "online org page paris partners party photo photography photos plus post press pro "
    "productions pub quebec red rent report review reviews rip rocks ruhr school science scot "
    "security services shop show site social software solutions space studio style support "
    "swiss systems team tech technology tel tips today tokyo tools top tours town toys trade "
    "training travel university vegas ventures vet video vip vision wales watch website wien "
    "wiki work works world wtf xxx xyz yoga zone"
)
_DOMAINS: Final = _words(f"{_COUNTRIES} {_GENERIC}")
# RFC 2606 and 6761, and names that are as little somebody's.
_EXAMPLE_DOMAIN: Final = re2.compile(
    r"^(?:.*\.)?(?:example|test|invalid|localhost|local|localdomain)$|(?:^|\.)example\.[a-z.]{2,6}$"
    r"|(?:^|\.)(?:foo|bar|baz|qux|foobar|doe|test|tests|testing|invalid|domain|email|yourdomain|your-domain|host"
    r"|mydomain|my-domain|yourcompany|your-company|your-org|mycompany|mysite|yoursite|somewhere"
    r"|nowhere|somedomain|anotherdomain|sample|dummy|fake|a|b|c|d|x|y|z|abc|xyz|blah|host|hostname"
    r"|server|site|provider|placeholder|address|user|me|you)\.[a-z]{2,6}$"
)
_NO_REPLY: Final = re2.compile(r"no[._-]?reply|do[._-]?not[._-]?reply|no[._-]?response")
# Examples and machines of GitHub's manual.
_GITHUB: Final = re2.compile(r"^(?:octocat\d*|mona|monalisa|hubot|actions?|github-actions)$")
# Accounts of a service that all share, and words that Kotlin and Python put there.
_NOBODY: Final = _words(
    "git hg svn test example foo bar this self super return break continue cvs anonymous anon user "
    "username you your yourname your.name youremail your.email email name me"
)


def find_emails(data: bytes) -> Iterator[Span]:
    """Addresses that mail can reach: not reserved ones, not noreply, not `git@host:path`."""
    for match in _EMAIL.finditer(data):
        local, domain, last = (part.decode().lower() for part in match.groups())
        start, end = match.span()
        if last not in _DOMAINS or local in _NOBODY or _NO_REPLY.search(local):
            continue
        if _EXAMPLE_DOMAIN.search(domain) or "noreply" in domain:
            continue
        if domain == "github.com" and _GITHUB.search(local):
            continue
        following = data[end : end + 2]
        if following[:1] in (b"@", b"(") or following in (b":/", b":~") or _in_name(following):
            continue
        if (data[start - 1 : start] in (b"/", b"@", b"$") and start) or _after_scheme(data, start):
            continue
        yield Span(start, end, EMAIL, match.group())


def _in_name(following: bytes) -> bool:
    """Whether the domain goes on, so that what was found is the middle of something."""
    return following[:1].isalnum() or following[:1] == b"_" or (
        following[:1] in (b".", b"-") and following[1:2].isalnum()
    )  # fmt: skip


def _after_scheme(data: bytes, start: int) -> bool:
    """Whether it is user and host of an address such as `https://user:password@host`."""
    line = data[max(0, start - 120) : start]
    return b"://" in line and not any(
        byte in b" \t\n\"'<>(),;?=" for byte in line.rpartition(b"://")[2]
    )


PHONES: Final = (
    rb"\+\d{1,3}[ .(-]{1,2}\d{1,4}[ .)-]{1,2}\d{2,4}"
    rb"|(?i:tel:\+?\d|(?:phone|mobile|fax|cell|whatsapp)\W{1,6}\+?\(?\d{2,4}[ )-])"
)
_PHONE: Final = compiled(
    rb"(?:^|[^\w.+/-])(\+\d{1,3}(?:[ .-]|[ ]?\(0?)\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4})(?:$|[^\w-])"
)
_NAMED_PHONE: Final = compiled(
    rb"(?i)(?:\btel:|\b(?:tele)?phone(?:[_ -]?(?:number|no\.?))?[\"']?[ ]?[:=][ ]?[\"']?"
    rb"|\b(?:mobile|fax|cell|whatsapp)[\"']?[ ]?[:=][ ]?[\"']?)"
    rb"(\+?\(?\d{1,4}\)?(?:[ .-]{0,2}\(?\d{2,4}\)?){2,5})(?:$|[^\w.-])"
)
# Numbers for films and books: 555-01xx in North America, Ofcom's ranges in Britain.
_FICTION: Final = re2.compile(r"555|^44(?:7700900|1632960|20794600|114496)|1234|0000|^(\d)1{6}")
_DIGITS_OF_PHONE: Final = range(8, 16)  # E.164: 15 at most


def find_phones(data: bytes) -> Iterator[Span]:
    """International numbers written in groups, and numbers behind `tel:`, `phone:` and the like."""
    for pattern in (_PHONE, _NAMED_PHONE):
        for match in pattern.finditer(data):
            start, end = match.span(1)
            digits = "".join(chr(byte) for byte in match.group(1) if 48 <= byte <= 57)
            if len(digits) not in _DIGITS_OF_PHONE or _FICTION.search(digits):
                continue
            if len(set(digits)) < 4 or data[start - 1 : start] == b"\n" or start == 0:
                continue
            yield Span(start, end, PHONE, match.group(1))


HOMES: Final = rb"/(?:home|Users)/[A-Za-z]|[A-Za-z]:[\\/]+(?i:Users)[\\/]+[A-Za-z]"
_HOME: Final = compiled(
    rb"(?m)(?:^[+-]?|[^\w./-]|file:/{0,2})(?:/home|/Users|/[a-z]/Users)/([a-z][a-z0-9._-]{1,31})/[\w.~-]"
)
_WINDOWS: Final = compiled(
    rb"\b[A-Za-z]:(?:\\{1,4}|/)(?i:Users)(?:\\{1,4}|/)([A-Za-z][\w.-]{1,31}(?: [A-Z][\w.-]{1,20})?)"
    rb"(?:\\|/)"
)
# Accounts of machines and of examples, and parts of web addresses that begin with /home/.
_NO_PERSON: Final = _words(
    "user username user1 users someuser youruser yourusername your_username your-username "
    "yourname your-name your_name you me myself name root admin administrator public default "
    "shared all runner runneradmin ubuntu debian fedora centos vagrant travis circleci jenkins "
    "gitlab-runner gitlab git gitpod codespace vscode coder node app application appuser deploy "
    "builder build buildbot ci docker container containeruser jovyan linuxbrew pi ec2-user "
    "azureuser vsts vssadministrator appveyor cloudsdk sandbox test tester testuser test-user "
    "dev developer example foo bar baz foobar alice bob carol eve mallory joe jane john jdoe "
    "johndoe janedoe john.doe johnny someone somebody anyone nobody guest demo www www-data "
    "httpd nginx postgres mysql redis nix nixos hello html media path "
    "sub tests index page pages login logout home about "
    "dashboard static assets src lib bin etc var tmp usr local opt project projects work "
    "workspace repo code data files documents main components views controllers user-name "
    "userprofile xxx xxxx abc"
)  # fmt: skip


def find_homes(data: bytes) -> Iterator[Span]:
    """Names of accounts in paths below a home folder, but not a machine's or an example's."""
    for pattern in (_HOME, _WINDOWS):
        for match in pattern.finditer(data):
            name = match.group(1)
            plain = name.decode().lower()
            if plain not in _NO_PERSON and not plain.startswith(("my", "your")):
                yield Span(match.start(1), match.end(1), USER, name)
