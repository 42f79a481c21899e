"""Bots and assistants are known by what they sign with; people with such names stay people."""

from __future__ import annotations

import pytest

from udfs.identities import assistant_of, is_automaton, is_bot, is_by_bot


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("github-actions", "41898282+github-actions[bot]@users.noreply.github.com"),
        ("GitHub Actions", "actions@github.com"),
        ("renovate[bot]", "bot@renovateapp.com"),
        ("Renovate Bot", "x@example.com"),
        ("pre-commit-ci[bot]", "66853113+pre-commit-ci[bot]@users.noreply.github.com"),
        ("greenkeeperio-bot", "support@greenkeeper.io"),
        ("Greenkeeper", "x@example.com"),
        ("semantic-release-bot", "semantic-release-bot@martynus.net"),
        ("k8s-ci-robot", "k8s-ci-robot@users.noreply.github.com"),
        ("ReleaseBot", "x@example.com"),
        ("release-plz", "x@example.com"),
        ("Ada Byron (CI)", "ada@example.com"),
        ("Tally automated builds", "54269356+tally-bot@users.noreply.github.com"),
    ],
)
def test_automata_are_known(name: str, email: str) -> None:
    assert is_bot(name, email)
    assert is_automaton(name, email)


@pytest.mark.parametrize(
    ("name", "email", "assistant"),
    [
        ("Claude", "noreply@anthropic.com", "claude"),
        ("Claude Opus 4.5 (1M context)", "x@example.com", "claude"),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", "copilot"),
        ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com", "copilot"),
        ("Copilot Autofix powered by AI", "62310815+x[bot]@users.noreply.github.com", "copilot"),
        ("Cursor Agent", "cursoragent@cursor.com", "cursor"),
        ("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com", "devin"),
        ("google-labs-jules[bot]", "x@example.com", "jules"),
        ("Codex", "codex@openai.com", "codex"),
        ("gemini-code-assist[bot]", "x@example.com", "gemini"),
        ("aider (openrouter/x)", "aider@aider.chat", "aider"),
    ],
)
def test_assistants_are_known(name: str, email: str, assistant: str) -> None:
    assert assistant_of(name, email) == assistant
    assert is_automaton(name, email)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Jane Abbot", "jane@example.com"),
        ("Botond Kiss", "botond@example.com"),
        ("travis", "travis@example.com"),
        ("Robot Framework Team", "x@example.com"),
        ("Andrew Talbot", "talbot@example.com"),
        ("Vasil", "boen.robot@example.com"),
        ("Claude Paroz", "claude@example.ch"),
        ("Claude", "claude@example.fr"),
        ("Devin Sevilla", "devin@example.com"),
        ("Jules", "jules@example.com"),
        ("Gemini", "12345+gemini@users.noreply.github.com"),
        ("cursor", "777+cursor@users.noreply.github.com"),
        ("Chris", "chris@openai.com"),
        ("", ""),
    ],
)
def test_people_are_people(name: str, email: str) -> None:
    assert not is_automaton(name, email)
    assert assistant_of(name, email) is None


def test_programs_are_known_by_type_or_name() -> None:
    assert is_by_bot("codecov[bot]", "User")
    assert is_by_bot("Copilot", "Bot")
    assert not is_by_bot("ada", "User")
    assert not is_by_bot(None, None)
