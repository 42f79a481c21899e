"""From commit messages to instructions: what stays, what goes, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.instruction import MAX_BODY_CHARS, MAX_MESSAGE_CHARS, clean_message


def test_a_plain_message_stays_as_it_is() -> None:
    body = "It used to raise IndexError.\n\n- keep the offset\n- add a guard"
    message = f"Handle empty input in the parser\n\n{body}"
    assert clean_message(message).text == message
    assert clean_message(message).reason is None


def test_a_conventional_prefix_becomes_fields() -> None:
    found = clean_message("feat(http)!: allow streams as request bodies (#123)\n")
    assert (found.type, found.scope, found.breaking) == ("feat", "http", True)
    assert found.title == "allow streams as request bodies"
    assert found.text == "http: allow streams as request bodies"
    assert found.references == ("#123",)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("fix: memory leak in the pool", "fix memory leak in the pool"),
        ("fix(pool): release idle sockets", "pool: release idle sockets"),
        ("fix(pool): release sockets of the pool", "release sockets of the pool"),
        ("Fix #1051: leak in the pool", "fix leak in the pool"),
        (":bug: Handle null headers", "Handle null headers"),
        ("✨ Add dark mode to the sidebar", "Add dark mode to the sidebar"),
        (
            "[LANG-775] [LANG-776] Correct the type variable bounds",
            "Correct the type variable bounds",
        ),
        ("Improve short help detection. This fixes #12.", "Improve short help detection"),
        ("Support PEP-440 versions (fixes #12, #13)", "Support PEP-440 versions"),
        ("Keep the trailing slash [skip ci]", "Keep the trailing slash"),
        ("printer: flush before exit", "printer: flush before exit"),
        ("Encode paths as discussed in https://github.com/a/b/issues/4", "Encode paths as"),
    ],
)
def test_titles_lose_what_means_nothing_alone(message: str, text: str) -> None:
    assert clean_message(message).text.startswith(text)
    assert "#" not in clean_message(message).text


def test_trailers_templates_and_references_leave_the_body() -> None:
    message = """Keep the cursor when the list reloads (#77)

<!-- Please fill in the template -->
## Description
The cursor jumped to the top after each reload.

## Checklist
- [x] I have read the guide
- [ ] I added tests

Fixes #70
Refs: https://github.com/a/b/pull/71
Signed-off-by: A B <a@b.example>
Co-authored-by: C D <c@d.example>
Change-Id: I0123456789
git-svn-id: https://svn.example/trunk@1 2
"""
    found = clean_message(message)
    assert found.body == "Description\nThe cursor jumped to the top after each reload."
    assert found.references == ("#77", "#70")


def test_squash_bullets_that_say_nothing_leave_and_others_stay() -> None:
    bullets = ("wip", "feat: accept a callback", "address review", "Merge branch 'main' into x")
    body = "".join(f"\n\n* {bullet}" for bullet in bullets) + "\n"
    assert clean_message("feat: accept a callback for retries" + body).body == "* accept a callback"


def test_squash_bullets_about_tests_and_prose_leave() -> None:
    bullets = ("denoify", "add tests", "Update docs for retries", "`Accept` a callback for retries")
    body = "".join(f"\n\n* {bullet}" for bullet in (*bullets, "retry on timeouts")) + "\n"
    found = clean_message("feat: accept a callback for retries" + body)
    assert found.body == "* retry on timeouts"


def test_a_title_cut_by_github_is_joined() -> None:
    found = clean_message("Do not drop the last chunk of a strea…\n\n…m when it ends early\n")
    assert found.title == "Do not drop the last chunk of a stream when it ends early"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "message_empty"),
        ("\n \n", "message_empty"),
        ("Signed", "message_too_short"),
        ("wip", "message_uninformative"),
        ("fix", "message_uninformative"),
        ("Fix tests and lint", "message_uninformative"),
        ("Update README.md", "message_uninformative"),
        ("address review comments", "message_uninformative"),
        ("fixup! Add retry", "message_uninformative"),
        ("Improve performance", "message_uninformative"),
        ("Require Node.js 10", "message_uninformative"),
        ("Drop support for Python 2.6", "message_uninformative"),
        ("chore: rebuild and update", "message_uninformative"),
        ("Rename method", "message_uninformative"),
        ("Lots of improvements", "message_uninformative"),
        ("Update button styles", "message_uninformative"),
        ("refactor: sidebar blocks", "message_uninformative"),
        ("Minor chart adjustments", "message_uninformative"),
        ("Sidebar design tweaks", "message_uninformative"),
        ("Refactor parseQuery", "message_uninformative"),
        ("types: fix `AddDollar`", "message_uninformative"),
        ("Another base64 bug", "message_uninformative"),
        ("Restructuring how messages are built", "message_uninformative"),
        ("Solving error on authentication", "message_uninformative"),
        ("Percent-encode fragments based on", "message_uninformative"),
        ("refactor: `queue.ts`", "message_uninformative"),
        ("Optimize `MergeResponse` type", "message_uninformative"),
        ("fixing QUEUE-337", "message_uninformative"),
        ("Remove not needed files", "message_uninformative"),
        ("Appease mypy about the queue", "message_uninformative"),
        ("Maybe fix the queue", "message_uninformative"),
        ("Continued work on the queue", "message_uninformative"),
        ("Use the parser of", "message_uninformative"),
        ("Rolling back the queue", "revert"),
        ("v1.2.3", "version_bump"),
        ("Bump lodash from 4.17.20 to 4.17.21", "version_bump"),
        ("chore(release): prepare 2.0.0", "version_bump"),
        ("deps: qs@6.2.0", "version_bump"),
        ("Merge pull request #1 from a/b", "merge"),
        ("Merge branch 'main' into dev", "merge"),
        ('Revert "Add retry"', "revert"),
        ("Drop retry\n\nThis reverts commit 0123456789abcdef.", "revert"),
        ("Add retry\n\n(cherry picked from commit 0123456789abcdef)", "cherry_pick"),
        ("[pre-commit.ci] pre-commit autoupdate", "bot"),
        ("Add tests for the pool", "message_about_tests"),
        ("Add tests for the pool and the queue", "message_about_tests"),
        ("Fix and extend tests", "message_about_tests"),
        ("Compile-fail tests for the json macro", "message_about_tests"),
        ("Test and document the queue", "message_about_tests"),
        ("Fix typo in the docstring of strip", "message_about_docs"),
    ],
)
def test_what_is_no_instruction_says_why(message: str, reason: str) -> None:
    assert clean_message(message).reason == reason


@pytest.mark.parametrize(
    "message",
    [
        "Add support for test coverage reports",
        "Merge adjacent ranges before printing",
        "Release the lock when the callback throws",
        "Update the cursor position after a reflow",
        "Simplify lambdas",
        "Remove unused import",
        "Clean up unused imports",
        "Update button styles to match the theme",
        "Refactor parseQuery to return a map",
        "fix(registry): merge registries from both manifests",
        "Improve performance of Queue",
        "Drop support for Python 2.6\n\nUse set literals and dict comprehensions, no unicode shim.",
        "Add -x/--line-regexp",
        "Version the cache keys by schema",
        "Add LMove with tests",
        "Reduce the bundle and remove outdated comments",
        "fix(pool): broken sockets",
        "Fix memory leak",
        "Correct the type variable bounds",
        "Add Cluster.DBSize",
        "Support UTF-8 names",
    ],
)
def test_lookalikes_are_instructions(message: str) -> None:
    assert clean_message(message).reason is None


def test_a_very_short_message_says_what_it_names() -> None:
    short = clean_message("Trim Unicode-decoder")
    assert short.is_short and short.things == ("unicode-decoder",)
    assert clean_message("Simplify queue").things == ("queue",)
    assert not clean_message("Trim Unicode in headers").is_short
    assert not clean_message(
        "Fix Unicode\n\nHeaders hold Latin-1 bytes which str cannot join"
    ).is_short


@pytest.mark.parametrize(
    ("message", "terse"),
    [
        ("Add Config()", True),
        ("WebSockets support", True),
        ("feat(Slider): new component", False),
        ("Add Server(routes=...)", False),
        (
            "Add Config()\n\nIt reads a file of settings, then the environment, casting values.",
            False,
        ),
    ],
)
def test_a_terse_message_names_one_thing(message: str, terse: bool) -> None:
    assert clean_message(message).is_terse is terse


def test_a_prefix_for_types_says_nothing_of_the_intent() -> None:
    found = clean_message("types(core): infer the props of generic components")
    assert (found.type, found.text) == ("types", "core: infer the props of generic components")


@given(st.text(max_size=400))
def test_cleaning_is_total_and_idempotent_in_its_verdict(message: str) -> None:
    found = clean_message(message)
    assert found.text == (f"{found.title}\n\n{found.body}" if found.body else found.title)
    assert clean_message(message) == found


@pytest.mark.parametrize(
    "message",
    ["(" * 200_000, "#1 " * 100_000, "fixes " * 50_000, "<!--" * 50_000, "x" * 300_000,
     "* a\n" * 90_000, "Bump " + "a " * 100_000, "- [ ] \n" * 50_000,
     "[" * 100_000 + "]" * 100_000],
)  # fmt: skip
def test_hostile_messages_are_capped(message: str) -> None:
    found = clean_message(message)
    assert len(found.body) <= MAX_BODY_CHARS
    assert len(found.title) <= MAX_MESSAGE_CHARS
