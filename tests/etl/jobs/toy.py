"""A small task over a home of its own: texts by repository and batch, kept if long enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.jobs.context import Context, Unit
from etl.jobs.execute import Outcome, Task
from etl.schemas.bronze import BLOBS

Texts = dict[tuple[str, str], list[str]]  # (repo_id, batch_id) -> texts


class Params(BaseModel):
    """What the toy rule reads.

    Attributes:
        shortest: shorter texts are rejected.
    """

    shortest: int = 1


@dataclass
class Toy:
    """The task, its input, and what it was asked to derive.

    Attributes:
        context: where it runs.
        texts: its input; the key of a text is the text.
        spoil: changes an outcome before it is audited, as a broken rule would.
        derived: the units of each call.
    """

    context: Context
    texts: Texts
    spoil: Callable[[Outcome], Outcome] | None = None
    derived: list[list[tuple[str, str]]] = field(default_factory=list)

    def frame(self, rows: list[tuple[Any, ...]], schema: str) -> DataFrame:
        return self.context.spark.createDataFrame(rows, schema)

    def task(self, params: Params) -> Task:
        """The task under some params."""

        def units(context: Context) -> list[Unit]:
            return [Unit(*place, "|".join(texts)) for place, texts in self.texts.items()]

        def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
            self.derived.append([(u.repo_id, u.batch_id) for u in todo])
            rows = [
                (u.repo_id, u.batch_id, text, len(text))
                for u in todo
                for text in self.texts[u.repo_id, u.batch_id]
            ]
            texts = self.frame(rows, "repo_id string, batch_id string, key string, size long")
            good, bad = f.col("size") >= params.shortest, f.col("size") < params.shortest
            blobs = texts.where(good).select(
                "repo_id",
                f.col("key").alias("blob_oid"),
                "size",
                f.col("key").alias("text"),
                f.lit(None).cast("string").alias("encoding"),
                f.lit(None).cast("binary").alias("raw"),
                f.lit(None).cast("array<string>").alias("odd_characters"),
                f.lit(False).alias("is_binary"),
                "batch_id",
            )
            rejects = texts.where(bad).select(
                "repo_id",
                "batch_id",
                "key",
                f.lit("too_short").alias("reason"),
                f.col("size").cast("string").alias("detail"),
            )
            found = Outcome({BLOBS: blobs}, texts, texts.where(good), rejects)
            return self.spoil(found) if self.spoil else found

        return Task(
            name="toy",
            rule=("etl.checks.rows",),
            params=params,
            by_batch=True,
            units=units,
            derive=derive,
        )
