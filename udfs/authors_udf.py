"""Column functions for the rules of udfs.authors and udfs.collaboration.makers."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as f
from pyspark.sql import types as t
from pyspark.sql.pandas.functions import pandas_udf

from udfs.authors import NO_REPLY
from udfs.collaboration.makers import makers


def is_by_email(email: Column, digest: str) -> Column:
    """Whether an e-mail address stands for someone, as `email_digests` has it; null for a null."""
    plain = f.lower(f.trim(email))
    number_and_login = f.left(plain, f.length(plain) - len(NO_REPLY))
    login = f.concat(f.lit("@"), f.substring_index(number_and_login, "+", -1))
    is_login = plain.endswith(NO_REPLY) & (f.sha2(login, 256) == digest)
    return (f.sha2(plain, 256) == digest) | is_login


def find_makers(logins: pd.Series, extras: pd.Series) -> pd.Series:
    """Digests of who made some objects, by login and the rest of the object as JSON."""
    objects = zip(logins, extras, strict=True)
    return pd.Series([sorted(makers(login, extra)) for login, extra in objects])


def makers_of(login: Column, extra: Column) -> Column:
    """A column of the digests of who made an object, for its login and its other fields."""
    # Made when it is called: what it is depends on whether the session is a remote one.
    made = pandas_udf(find_makers, t.ArrayType(t.StringType()))  # type: ignore[call-overload]
    column: Column = made(login, extra)
    return column
