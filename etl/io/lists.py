"""Lists of repositories: a file, a pattern, a table, or an account on GitHub."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path

import re2
from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.errors import SourceError
from etl.io.github import FetchError, FetchParams, GithubClient, environment_token

ACCOUNT = "github:"
COLUMNS = ("source", "url", "path")
_FORMATS = ("delta", "parquet")
_ACCOUNT = re2.compile(r"[A-Za-z0-9_-]+")
_TABLE = re2.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
_FORMS = (
    "A list is a file with a path or URL a line, a pattern such as 'repos/*.git', a table "
    "(catalog.schema.table, delta:/path or parquet:/path), or github:ACCOUNT."
)


def is_table(text: str) -> bool:
    """Whether a list is in a table, so that Spark has to read it."""
    if text.partition(":")[0] in _FORMATS and ":" in text:
        return True
    return bool(_TABLE.fullmatch(text)) and not Path(text).exists()


def read_list(text: str, params: FetchParams, tell: Callable[[str], None]) -> list[str]:
    """Paths and URLs of a list that is in no table.

    Args:
        text: a file, a pattern, or `github:ACCOUNT`.
        params: how GitHub is asked.
        tell: takes what a user should know of what is not in the list.

    Raises:
        SourceError: there is no such list.
        ConfigError: GitHub refuses the token.
    """
    if text.startswith(ACCOUNT):
        return _of_account(text.removeprefix(ACCOUNT), params, tell)
    if any(sign in text for sign in "*?[") and not Path(text).exists():
        found = sorted(glob.glob(str(Path(text).expanduser())))
        if not found:
            raise SourceError(f"Nothing matches the pattern {text}. {_FORMS}")
        return found
    try:
        lines = Path(text).expanduser().read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SourceError(f"The list {text} is no text in UTF-8. {_FORMS}") from error
    except OSError as error:
        raise SourceError(f"The list {text} cannot be read: {error.strerror}. {_FORMS}") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def read_table(text: str, spark: SparkSession) -> list[str]:
    """Paths and URLs in the column `source`, `url` or `path` of a table, sorted, each once.

    Raises:
        SourceError: there is no such table or no such column of strings.
    """
    form, _, path = text.partition(":")
    try:
        frame = spark.read.format(form).load(path) if path else spark.table(text)
        fields = {field.name.lower(): field for field in frame.schema.fields}
    except Exception as error:  # pyspark has two unrelated roots of its errors
        reason = str(error).split("JVM stacktrace")[0].strip().split("\n")[0]
        raise SourceError(
            f"The list {text} cannot be read as a table: {reason} {_FORMS}"
        ) from error
    column = next((name for name in COLUMNS if name in fields), None)
    if column is None or not isinstance(fields[column].dataType, t.StringType):
        raise SourceError(
            f"The table {text} has no column of strings named {', '.join(COLUMNS)}. "
            f"Columns: {', '.join(fields)}."
        )
    rows = frame.select(f.trim(f.col(column)).alias("address")).where("address <> ''").distinct()
    return sorted(row["address"] for row in rows.collect())


def _of_account(account: str, params: FetchParams, tell: Callable[[str], None]) -> list[str]:
    """URLs of what an organisation or a user has; a fork repeats what is read elsewhere."""
    if not _ACCOUNT.fullmatch(account):
        raise SourceError(f"`{account}` is no name of an account on GitHub. {_FORMS}")
    with GithubClient(params, token=environment_token()) as client:
        for kind in ("orgs", "users"):
            path = f"/{kind}/{account}/repos?per_page={params.page_size}"
            try:
                found = [item for page in client.pages(path) for item in page.body]
                break
            except FetchError as error:
                if error.reason != "not_found":
                    raise SourceError(
                        f"{params.api} does not list the repositories of {account} "
                        f"({error.reason}: {error.detail}). Set GITHUB_TOKEN, or try again later."
                    ) from error
        else:
            raise SourceError(f"{params.api} knows no organisation or user `{account}`.")
    addresses = sorted(str(item["clone_url"]) for item in found if not item["fork"])
    forks = len(found) - len(addresses)
    tell(f"{ACCOUNT}{account}: {len(addresses)} repositories; {forks} forks are left out.")
    return addresses
