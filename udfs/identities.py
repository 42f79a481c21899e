"""Who signed a commit: a person, a bot, or a coding assistant; told by name and e-mail."""

from __future__ import annotations

from typing import Final

import re2

_BOT_NAMES: Final = frozenset(
    {
        "allcontributors",
        "autofix-ci",
        "bors",
        "circleci",
        "codecov",
        "copybara-service",
        "crowdin",
        "deepsource-autofix",
        "dependabot",
        "dependabot-preview",
        "depfu",
        "github-action",
        "github-actions",
        "gitter-badger",
        "fossabot",
        "gitlocalize-app",
        "google-github-actions",
        "googleapis-publisher",
        "greenkeeper",
        "homu",
        "imgbot",
        "imgbotapp",
        "jenkins",
        "kodiakhq",
        "mend-for-github-com",
        "mergify",
        "pre-commit-ci",
        "pre-commit-ci-lite",
        "pyup-io",
        "release-please",
        "release-plz",
        "renovate",
        "renovatebot",
        "requires-io",
        "restyled-io",
        "rustbot",
        "scala-steward",
        "semantic-release",
        "snyk",
        "stale",
        "the-gitter-badger",
        "travis-ci",
        "traviscibot",
        "weblate",
        "whitesource-bolt-for-github",
        "yoshi-automation",
    }
)
"""Services that commit under a name of their own; names as `plain_name` gives them."""

_BOT_EMAILS: Final = frozenset(
    {
        "action@github.com",
        "actions@github.com",
        "bot@renovateapp.com",
        "bot@snyk.io",
        "github-actions@github.com",
        "hosted@weblate.org",
        "noreply@weblate.org",
        "semantic-release-bot@martynus.net",
        "snyk-bot@snyk.io",
        "support@dependabot.com",
        "support@greenkeeper.io",
        "support@pyup.io",
    }
)
_BOT_SUFFIX: Final = re2.compile(r"\[bot\]$|(?:^|[-_ .])(?:bot|robot)$")
_BOT_WORDS: Final = re2.compile(r"\(ci\)$|\bautomation$|\bautomated builds$|\bjenkins ci$")
_BOT_CAMEL: Final = re2.compile(r"[a-z0-9]Bot$")
"""`ReleaseBot`, `ImgBot`; a person's name has no capital inside (`Talbot`, `Abbot`)."""

_ASSISTANT_APPS: Final = {
    "amazon-q-developer": "amazon-q",
    "anthropic-code-agent": "claude",
    "chatgpt-codex-connector": "codex",
    "claude": "claude",
    "codegen-sh": "codegen",
    "coderabbitai": "coderabbit",
    "copilot": "copilot",
    "copilot-swe-agent": "copilot",
    "cursor": "cursor",
    "devin-ai-integration": "devin",
    "ellipsis-dev": "ellipsis",
    "factory-droid": "droid",
    "gemini-code-assist": "gemini",
    "github-copilot": "copilot",
    "google-labs-jules": "jules",
    "gpt-engineer-app": "lovable",
    "lovable-dev": "lovable",
    "openhands-agent": "openhands",
    "opencode-agent": "opencode",
    "pullfrog": "pullfrog",
    "roomote": "roo-code",
    "sourcery-ai": "sourcery",
    "sweep-ai": "sweep",
    "v0": "v0",
}
"""Names of apps and accounts at GitHub, without the `[bot]` behind them."""

_ASSISTANT_EMAILS: Final = {
    "242468646+claude@users.noreply.github.com": "claude",
    "agent@replit.com": "replit",
    "agent@warp.dev": "warp",
    "aider@aider.chat": "aider",
    "amp@ampcode.com": "amp",
    "codex@openai.com": "codex",
    "copilot@github.com": "copilot",
    "crush@charm.land": "crush",
    "cursoragent@cursor.com": "cursor",
    "junie@jetbrains.com": "junie",
    "no-reply@ona.com": "ona",
    "noreply@aider.chat": "aider",
    "noreply@anthropic.com": "claude",
    "noreply@openai.com": "codex",
    "noreply@opencode.ai": "opencode",
    "openhands@all-hands.dev": "openhands",
    "qwen-coder@alibabacloud.com": "qwen",
}

# Names that nobody has; `Claude`, `Devin` or `Gemini` alone may be a person.
_ASSISTANT_NAMES: Final = tuple(
    (re2.compile(rf"^(?:{pattern})(?:$|[ (/:,-])"), key)
    for pattern, key in (
        ("aider", "aider"),
        ("amazon q", "amazon-q"),
        ("chat ?gpt|gpt-?[345][a-z0-9.]*|openai gpt", "chatgpt"),
        ("(?:anthropic )?claude[ -](?:code|opus|sonnet|haiku|fable|ai|v?[0-9][0-9.]*)", "claude"),
        ("openai codex|codex cli", "codex"),
        ("(?:github )?copilot(?: autofix)?|copilot-swe-agent", "copilot"),
        ("cursor (?:agent|ai)|cursoragent", "cursor"),
        ("deepseek[ -](?:ai|chat|coder|r[0-9]|v[0-9])[a-z0-9.]*", "deepseek"),
        ("devin ai|devin-ai-integration", "devin"),
        ("google gemini|gemini[ -](?:cli|code|pro|flash|[0-9])[a-z0-9.]*", "gemini"),
        ("google-labs-jules", "jules"),
        ("xai grok|grok[ -](?:code|[0-9])[a-z0-9.]*", "grok"),
        ("openhands", "openhands"),
        ("opencode", "opencode"),
        ("qwen[ -]?(?:code|coder|[0-9])[a-z0-9.]*", "qwen"),
        ("replit agent", "replit"),
        ("roo code", "roo-code"),
        ("sweep ai", "sweep"),
        ("windsurf (?:ai|cascade)", "windsurf"),
    )
)
_NO_REPLY: Final = re2.compile(
    r"^(?:[0-9]+\+)?([a-z0-9._-]+?)(\[bot\])?@users\.noreply\.github\.com$"
)
_APP: Final = re2.compile(r"^([a-z0-9._-]+)\[bot\]$")
_NOT_NAME: Final = re2.compile(r"[^a-z0-9]+")


def is_automaton(name: str, email: str) -> bool:
    """Whether an author is no person: a bot, or an assistant that commits under its own name."""
    return assistant_of(name, email) is not None or is_bot(name, email)


def is_bot(name: str, email: str) -> bool:
    """Whether an author is a service or script, by name or e-mail.

    GitHub marks apps with `[bot]`; others are known by the list above (the services that the
    bot-detection literature names, Golzadeh et al. 2022, "On the accuracy of bot detection
    techniques"), or call themselves `…-bot`.
    """
    lowered, address = name.strip().lower(), email.strip().lower()
    local = address.partition("@")[0]
    account = _NO_REPLY.match(address)
    return (
        _BOT_SUFFIX.search(lowered) is not None
        or _BOT_WORDS.search(lowered) is not None
        or _BOT_CAMEL.search(name.strip()) is not None
        or local.endswith("[bot]")
        or (account is not None and _BOT_SUFFIX.search(account.group(1)) is not None)
        or address in _BOT_EMAILS
        or plain_name(lowered) in _BOT_NAMES
    )


def assistant_of(name: str, email: str) -> str | None:
    """The coding assistant that an identity is, such as `claude`; None for anybody else.

    An e-mail address or an app of GitHub decides; a name alone does where no person has it.
    """
    lowered, address = name.strip().lower(), email.strip().lower()
    if address in _ASSISTANT_EMAILS:
        return _ASSISTANT_EMAILS[address]
    app = _APP.match(lowered)
    if app is not None and app.group(1) in _ASSISTANT_APPS:
        return _ASSISTANT_APPS[app.group(1)]
    account = _NO_REPLY.match(address)
    # Without the mark, `cursor` or `claude` may be a person's login; GitHub's own is no person's.
    if account is not None and (account.group(2) or account.group(1).startswith("copilot")):
        found = _ASSISTANT_APPS.get(account.group(1))
        if found is not None:
            return found
    return next((key for pattern, key in _ASSISTANT_NAMES if pattern.search(lowered)), None)


def plain_name(name: str) -> str:
    """A name in lower case, with a dash for what is neither letter nor digit."""
    return str(_NOT_NAME.sub("-", name.lower())).strip("-")


def is_by_bot(login: str | None, kind: str | None) -> bool:
    """Whether a comment was written by a program, by its user's login and type."""
    return kind == "Bot" or is_bot(login or "", "")
