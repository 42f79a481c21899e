import pytest

from udfs.facets import FACETS, facets


def names(title: str, added: str = "", removed: str = "", body: str = "") -> list[str]:
    found = facets(title, body, ["src/app/main.x"], added.split("\n"), removed.split("\n"))
    return [facet.name for facet in found]


@pytest.mark.parametrize(
    ("title", "facet"),
    [
        ("Fix race condition when two workers start", "concurrency"),
        ("Fix deadlock in the pool", "concurrency"),
        ("Make the cache thread-safe", "concurrency"),
        ("Prevent path traversal in static files (CVE-2024-12345)", "security"),
        ("Escape names to avoid XSS in the index", "security"),
        ("Avoid needless copies of the buffer", "performance"),
        ("Speed up parsing of long lines", "performance"),
        ("Handle errors of the reader", "error_handling"),
        ("Avoid panic on a nil request", "error_handling"),
        ("Add a webhook for releases", "integration"),
        ("Drop support for Python 2", "modernisation"),
        ("Replace deprecated calls of the old client", "modernisation"),
    ],
)
def test_a_title_may_say_it_outright(title: str, facet: str) -> None:
    assert names(title) == [facet]


@pytest.mark.parametrize(
    "title",
    [
        "Add a max-depth option for directory traversal",
        "Don't append port to unix sockets",
        "Support slower machines in the tests of the embrace page",
        "Rename the file adapter",
        "Fix typo",
    ],
)
def test_other_senses_of_a_word_say_nothing(title: str) -> None:
    assert names(title) == []


@pytest.mark.parametrize(
    ("title", "added", "removed", "facet"),
    [
        ("Raise when the file is missing", "try:\nexcept OSError:\nraise Missing()", "",
         "error_handling"),
        ("Wait for the channel", "var mu sync.Mutex\nmu.Lock()", "", "concurrency"),
        ("Load settings safely", "yaml.safe_load(text)", "yaml.load(text)", "security"),
        ("Compute headings once, lazily", "@functools.cached_property", "", "performance"),
        ("Store sessions in Redis", "client = redis.Redis(host)", "", "integration"),
        ("Clean up the client", "const a = 1\nconst b = 2", "var a = 1\nvar b = 2",
         "modernisation"),
    ],
)  # fmt: skip
def test_words_and_code_together_say_it(title: str, added: str, removed: str, facet: str) -> None:
    assert facet in names(title, added, removed)
    assert facet not in names(title, "x = 1", "")


def test_code_alone_says_it_where_it_is_much_of_the_change() -> None:
    code = "a.Lock()\nvar once sync.Once\ngo func() {\nx := 1"
    assert names("Start the server", code) == ["concurrency"]
    assert names("Start the server", code + "\ny := 2" * 60) == []
    assert names("Start the server", code, code) == []


def test_the_own_name_of_a_project_is_no_foreign_system() -> None:
    added = ["app = flask.Flask(name)", "flask.run()"]
    assert facets("Tell flask the name", "", ["flask/app.py"], added, []) == ()
    (found,) = facets("Tell flask the name", "", ["web/app.py"], added, [])
    assert found == ("integration", "title:flask code:flask")


def test_evidence_is_named_and_every_facet_known() -> None:
    (found,) = facets("Fix a data race", "", [], [], [])
    assert found == ("concurrency", "title:data race") and found.name in FACETS


def test_hostile_lines_take_linear_time() -> None:
    line = "catch ( " * 20_000 + "Optional[" * 20_000 + "'%" * 20_000
    facets("a" * 50_000, "error " * 50_000, ["a"], [line] * 3, [line])
