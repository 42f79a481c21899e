"""Groups become clusters by what is verified, whatever the batches."""

from __future__ import annotations

import pytest

from tests.udfs.dedup.corpus import Row, clustered, grouped, pair, planted, sketches
from udfs.dedup.jaccard import jaccard
from udfs.dedup.shingles import shingle_texts

LONG = [f"total_{i} = step_{i}(items, {i})" for i in range(30)]


def found(rows: list[Row]) -> dict[str, Row]:
    return clustered(rows, grouped(sketches(rows)))


def test_levels_and_similarities_of_each_side() -> None:
    code = "\n".join(LONG)
    words = "Sum up all the items of the list in steps"
    rows = [
        pair("a", words, code, score=0.9),
        pair("b", words, code),
        pair("c", "Add them in some other way than now", code),
        pair("d", words, code.replace("items", "things")),
        pair("e", words, f"{code}\nreturn None"),
    ]
    clusters = found(rows)
    assert {row["cluster_id"] for row in clusters.values()} == {"a"}
    assert {row["kept_pair_id"] for row in clusters.values()} == {"a"}
    levels = {name: row["level"] for name, row in clusters.items()}
    assert levels == {"a": "near", "b": "exact", "c": "structural", "d": "structural", "e": "near"}
    sides = {
        name: (row["instruction_similarity"], row["response_similarity"])
        for name, row in clusters.items()
    }
    assert sides["a"] == sides["b"] == (1.0, 1.0)
    assert sides["c"] == (0.0, 1.0)
    assert sides["d"][0] == 1.0
    assert sides["d"][1] == 0.0  # nothing is alike, word by word
    before, after = set(shingle_texts(code, 5)), set(shingle_texts(f"{code}\nreturn None", 5))
    asked = set(shingle_texts(words, 5))
    assert sides["e"] == (1.0, pytest.approx(jaccard(before, after)))
    assert clusters["e"]["similarity"] == pytest.approx(
        (len(asked) + len(before & after)) / (len(asked) + len(before | after))
    )


def test_each_side_has_its_own_ngram_and_threshold() -> None:
    code, words = "\n".join(LONG), "Sum up all items of the list"
    before = "def total(items): return reduce(add, items, 0)"
    rows = [
        pair("a", words, code, score=0.9, context=before),
        pair("b", "Sum up all items of the bag", code, context=f"{before} # as before the change"),
        pair("c", words, code, context="class Reader: fields = load(file, fields)"),
        pair("d", words, code),
    ]
    clusters = found(rows)
    alike = {name: row["alike"] for name, row in clusters.items()}
    assert alike == {
        "a": ["instruction", "response", "context"],
        "b": ["instruction", "response"],  # 5 of 7 runs of two words, 4 of 8 of five
        "c": ["instruction", "response"],
        "d": ["instruction", "response"],
    }
    assert clusters["b"]["instruction_similarity"] == pytest.approx(5 / 7)
    assert clusters["b"]["context_similarity"] == pytest.approx(4 / 8)
    assert clusters["c"]["level"] == "exact"  # what stands around a change does not tell copies
    assert clusters["c"]["context_similarity"] == clusters["d"]["context_similarity"] == 0.0


def test_what_people_made_is_kept_before_what_is_generated() -> None:
    code = "\n".join(LONG)
    rows = [
        pair("a", "Sum up", code, score=0.9, origin="synthetic"),
        pair("b", "Sum up", f"{code}\nreturn", below_bar="score", repo_id="fork"),
        pair("c", "Sum up", code, below_bar="score", score=0.1),
    ]
    clusters = found(rows)
    assert {row["kept_pair_id"] for row in clusters.values()} == {"b"}
    relations = {name: row["relation"] for name, row in clusters.items()}
    assert relations == {"a": "synthetic_of_natural", "b": None, "c": "other_repository"}
    assert clusters["a"]["rule"] == "the kept pair goes before it: not synthetic"


def test_a_candidate_that_is_not_similar_stays_alone() -> None:
    rows = planted(2, 12)
    groups = grouped(sketches(rows))
    met = [row for row in groups if row["group"]]
    everyone = [
        row | {"group": "0", "links": None if row["links"] is None else later(met, row)}
        for row in met
    ]
    # However many are compared, clusters are those of the links that hold.
    assert set_of(clustered(rows, everyone)) >= set_of(clustered(rows, met))
    texts = {row["cluster_id"] for row in clustered(rows, everyone).values()}
    assert len(texts) > 3


def later(met: list[Row], row: Row) -> list[str]:
    return sorted(r["pair_id"] for r in met if r["pair_id"] > row["pair_id"])


def set_of(clusters: dict[str, Row]) -> set[tuple[str, str]]:
    return {
        (one, other)
        for one, row in clusters.items()
        for other, its in clusters.items()
        if row["cluster_id"] == its["cluster_id"]
    }
