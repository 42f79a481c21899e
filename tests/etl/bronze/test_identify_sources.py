"""A source is the repository that the home has by its name, a new one, or an error."""

from __future__ import annotations

from pyspark.sql import SparkSession

from etl.bronze.identify_sources import NAMES, identify_sources
from etl.bronze.sources import digest


def own(source: str) -> str:
    return digest("repository", source)


def test_names_lead_to_the_repositories_of_the_home(spark: SparkSession) -> None:
    """The home read h/tally, which is h/sums now; h/x means it too. h/report kept its name."""
    tally, report = own("h/tally"), own("h/report")
    names = [("h/sums", tally), ("h/x", tally), ("h/report", report)]
    wanted: dict[tuple[str, str], str | None] = {
        ("h/sums", "h/sums"): tally,
        ("h/x", "h/x"): tally,
        ("h/report", "h/report"): report,
        ("h/new", "h/new"): own("h/new"),
        ("h/sums", "h/money"): tally,  # asked for by the name known here, redirected
        ("h/tally", "h/sums"): tally,
        ("h/old", "h/new"): own("h/new"),
        ("h/sums", "h/report"): report,  # read twice before it was one: the new name counts
        ("h/tally", "h/tally"): None,
    }
    rows = [(asked, source, own(source), None) for asked, source in wanted]
    found = identify_sources(
        spark.createDataFrame(
            [*rows, (None, None, None, "no network")],
            "asked string, source string, repo_id string, error string",
        ),
        spark.createDataFrame(names, NAMES),
    )
    assert found.columns == ["asked", "source", "repo_id", "error"]
    by_names = {(row["asked"], row["source"]): row for row in found.collect()}
    assert len(by_names) == len(wanted) + 1
    for place, repo_id in wanted.items():
        if repo_id is not None:
            assert (by_names[place]["repo_id"], by_names[place]["error"]) == (repo_id, None), place
    assert "known as h/sums, h/x by now" in by_names["h/tally", "h/tally"]["error"]
    assert by_names[None, None]["error"] == "no network"
