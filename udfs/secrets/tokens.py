"""Keys and tokens that say by their form whose they are."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from udfs.secrets.examples import entropy, is_example, is_stand_in, is_template
from udfs.secrets.spans import API_KEY, JWT, PASSWORD, Span, compiled

# Forms as their makers document them, or as gitleaks and trufflehog collect them. Publishable keys
# (pk_live_, OAuth client ids, Sentry's DSN) are no secrets.
_FORMS: Final = (
    rb"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}",  # AWS access key id
    rb"gh[pousr]_[A-Za-z0-9]{36,251}",  # GitHub
    rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    # GitLab
    rb"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct|wt)-[\w-]{20,}(?:\.[\w-]{2,}){0,2}",
    rb"GR1348941[\w-]{20}",
    rb"xox[abeoprs](?:\.xox[bp])?-[\w-]{20,250}",  # Slack
    rb"xapp-\d-[A-Z0-9]{8,}-\d{8,}-[a-z0-9]{32,}",
    rb"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+]{40,80}",
    rb"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{16,250}",  # Stripe
    rb"whsec_[A-Za-z0-9+/]{24,80}",
    rb"AIza[\w-]{35}",  # Google
    rb"GOCSPX-[\w-]{28}",
    rb"ya29\.[\w-]{30,300}",
    rb"npm_[A-Za-z0-9]{36}",
    rb"pypi-AgE[\w-]{50,300}",
    rb"sk-(?:proj|svcacct|admin|or-v1|ant-(?:api|admin|oat)\d\d)-[\w-]{32,250}",  # OpenAI and like
    rb"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
    rb"sk-[A-Za-z0-9]{32,64}",
    rb"gsk_[A-Za-z0-9]{52}",
    rb"xai-[A-Za-z0-9]{80}",
    rb"pplx-[A-Za-z0-9]{48}",
    rb"r8_[A-Za-z0-9]{37}",
    rb"(?:hf_|api_org_)[A-Za-z]{34}",  # Hugging Face
    rb"SG\.[\w-]{22}\.[\w-]{43}",  # SendGrid
    rb"key-[0-9a-f]{32}",  # Mailgun
    rb"[0-9a-f]{32}-us\d{1,2}",  # Mailchimp
    rb"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
    rb"dapi[0-9a-f]{32}(?:-\d)?",  # Databricks
    rb"sq0(?:atp|csp|idp)-[\w-]{22,60}",  # Square
    rb"\d{8,10}:AA[\w-]{33}",  # Telegram
    rb"[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}",  # Discord
    rb"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}",
    rb"AccountKey=[A-Za-z0-9+/]{86}==",  # Azure
    rb"oy2[a-z0-9]{43}",  # NuGet
    rb"rubygems_[0-9a-f]{48}",
    rb"cio[A-Za-z0-9]{32}",  # crates.io
    rb"dckr_(?:pat|oat)_[\w-]{27,}",
    rb"hv[sb]\.[\w-]{60,300}",  # HashiCorp
    rb"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}",
    rb"ATATT3[\w=-]{100,300}",  # Atlassian
    rb"lin_(?:api|oauth)_[A-Za-z0-9]{40,64}",
    rb"ntn_[A-Za-z0-9]{46}",
    rb"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",  # Postman
    rb"sntry[su]_[\w+/=-]{40,300}",
    rb"NRAK-[A-Z0-9]{27}",  # New Relic
    rb"gl(?:sa|c)_[\w=+/-]{32,400}",  # Grafana
    rb"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9]{40,44}",  # Doppler
    rb"pul-[0-9a-f]{40}",
    rb"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}",
    rb"sbp_[0-9a-f]{40}",  # Supabase
    rb"HRKU-AA[\w-]{58}",  # Heroku
    rb"EAA[MC][A-Za-z0-9]{100,300}",  # Facebook
    rb"ops_eyJ[\w+/=-]{80,}",  # 1Password
    rb"LTAI[A-Za-z0-9]{20}",  # Alibaba
    rb"[\w~.]{3}\dQ~[\w~.-]{31,34}",  # Entra ID, formerly Azure AD
    rb"sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-fA-F]{40}",  # Sourcegraph
    rb"AKCp[A-Za-z0-9]{69}",  # Artifactory
    rb"ABSK[A-Za-z0-9+/]{109,}=*",  # Amazon Bedrock
    rb"\d{15,16}\|[\w-]{27}",  # Facebook
    rb"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
)  # fmt: skip
FORMS: Final = rb"(?:^|[^A-Za-z0-9_])(" + rb"|".join(_FORMS) + rb")"
_FORM: Final = compiled(rb"(?m)" + FORMS)
JWTS: Final = rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
_JWT: Final = compiled(rb"(eyJ[\w-]{10,})\.(eyJ[\w-]{10,})\.([\w-]{10,})")
# https://USER:PASSWORD@HOST, and curl -u USER:PASSWORD
URLS: Final = (
    rb"://[^\s/:@\"'<>]*:[^\s/@\"'<>]+@"
    rb"|-(?:u|-user)[ =]+[\"']?[^\s:\"'$]+:[\"']?[^\s\"'$/]{4}"
)
_OPTION: Final = compiled(
    rb"(?:^|\s)-(?:u|-user)[ \t=]+[\"']?([^\s:\"'$]{1,60}):[\"']?([^\s\"'/$]{6,100})(?:$|[\s\"'])"
)
_URL: Final = compiled(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,20}://([^\s/:@\"'`<>(){}|,]{0,60}):([^\s/@\"'`<>|,]{3,120})"
    rb"@([A-Za-z0-9.-]+)"
)
_WORD_BYTE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")

_AWS_SECRET: Final = compiled(rb"(?:^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])")
_AWS_NEAR: Final = 200  # bytes behind a key id in which its secret stands without a name
_AWS_ENTROPY: Final = 4.2  # 40 random base64 characters have about 4.8, paths and names less
_SLACK_HOOK: Final = b"hooks.slack.com/"


def find_tokens(data: bytes) -> Iterator[Span]:
    """Tokens by their form, and the AWS secret that stands unnamed behind its key id."""
    for match in _FORM.finditer(data):
        start, end = match.span(1)
        value = data[start:end]
        if end < len(data) and data[end] in _WORD_BYTE:
            continue
        if is_example(value):
            continue
        yield Span(start, end, API_KEY, value)
        if value[:4] in (b"AKIA", b"ASIA"):
            yield from _aws_secret(data, end)


def _aws_secret(data: bytes, start: int) -> Iterator[Span]:
    for match in _AWS_SECRET.finditer(data[start : start + _AWS_NEAR]):
        value = match.group(1)
        is_mixed = value.lower() != value and value.upper() != value
        if is_mixed and entropy(value) >= _AWS_ENTROPY and not is_example(value):
            yield Span(start + match.start(1), start + match.end(1), API_KEY, value)


def find_jwts(data: bytes) -> Iterator[Span]:
    """JSON Web Tokens whose header and claims can be read."""
    for match in _JWT.finditer(data):
        header, claims = (_json(part) for part in match.groups()[:2])
        if "alg" in header and not is_example(match.group(3)) and claims.get("sub") != "1234567890":
            yield Span(match.start(), match.end(), JWT, match.group())


def _json(part: bytes) -> dict[str, object]:
    try:
        found = json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# Users and passwords that only show where a password would stand.
_SHOWN: Final = compiled(
    rb"(?i)^(?:user(?:name)?|u|me|foo|bar|baz|admin|root|guest|test|login|pass(?:w(?:or)?d)?|pwd?|p"
    rb"|secret|token|postgres|mysql|rabbit|redis|mongo|key|abc|\d{1,6}|[a-z])$"
)
_EXAMPLE_HOST: Final = compiled(
    rb"(?i)(?:^|\.)(?:example(?:\.\w+)*|test|invalid|localhost|localhost\.localdomain"
    rb"|127(?:\.\d+){3}|0\.0\.0\.0|domain\.com|host|hostname|foo(?:\.\w+)?|server|proxy)$"
)


def find_urls(data: bytes) -> Iterator[Span]:
    """Passwords of `scheme://user:password@host` and `curl -u`, unless they are an example's."""
    yield from _find_options(data)
    for match in _URL.finditer(data):
        user, password, host = match.groups()
        if password == user or is_example(password) or is_template(password):
            continue
        plain = unquote_to_bytes(password)
        if _SHOWN.match(plain.rstrip(b"0123456789!")) or is_stand_in(plain):
            continue
        if (_EXAMPLE_HOST.search(host) or b"." not in host) and not _is_strong(plain):
            continue
        yield Span(match.start(2), match.end(2), PASSWORD, password)


def _find_options(data: bytes) -> Iterator[Span]:
    """Passwords of `curl --user NAME:PASSWORD`."""
    for match in _OPTION.finditer(data):
        user, password = match.groups()
        if password == user or is_example(password) or is_stand_in(password):
            continue
        if _is_strong(password):
            yield Span(match.start(2), match.end(2), PASSWORD, password)


def _is_strong(password: bytes) -> bool:
    """Whether it is made as passwords in use are: 8 or more characters, letters and a digit."""
    letters = sum(chr(byte).isalpha() for byte in password)
    digits = sum(chr(byte).isdigit() for byte in password)
    return len(password) >= 8 and letters >= 3 and digits >= 1
