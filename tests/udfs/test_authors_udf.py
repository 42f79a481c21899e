"""The column functions give what the rules give."""

from __future__ import annotations

import json

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from udfs.authors import author_digest, email_digests, login_digest
from udfs.authors_udf import find_makers, is_by_email
from udfs.collaboration.makers import makers

EMAILS = (
    "ada@tally.example",
    " ADA@tally.example",
    "7+Ada@users.noreply.github.com",
    "ada@users.noreply.github.com",
    "1+2+ada@users.noreply.github.com",
    "ada@users.noreply.github.com.example",
    "@ada",
    "@users.noreply.github.com",
    "",
)
PEOPLE = ("ada@tally.example", "@ada", "@", "7+ada@users.noreply.github.com")


def test_an_address_stands_for_the_same_people_in_a_column(spark: SparkSession) -> None:
    digests = {name: author_digest(name) for name in PEOPLE}
    rows = spark.createDataFrame([(email,) for email in (*EMAILS, None)], "email string")
    asked = [is_by_email(f.col("email"), digest).alias(name) for name, digest in digests.items()]
    for row in rows.select("email", *asked).collect():
        email = row["email"]
        known = set() if email is None else email_digests(email)
        expected = [None if email is None else digest in known for digest in digests.values()]
        assert list(row)[1:] == expected, email


def test_the_wrapper_is_the_rule() -> None:
    extra = json.dumps({"author": {"email": "ada@tally.example"}})
    objects = [("ada", None), (None, None), (None, extra), ("grace", extra)]
    logins, extras = (
        pd.Series(list(values), dtype=object) for values in zip(*objects, strict=True)
    )
    assert list(find_makers(logins, extras)) == [sorted(makers(*one)) for one in objects]
    assert makers("grace", extra) == {login_digest("grace"), author_digest("ada@tally.example")}
