"""One root for all errors, so that the command line can tell ours from bugs."""

from __future__ import annotations

import inspect

import pytest

from etl import errors

OURS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", OURS)
def test_every_error_has_the_root_and_an_exit_code(error: type[errors.SluiceError]) -> None:
    assert issubclass(error, errors.SluiceError)
    assert error.exit_code in (1, 2)
    assert error.__doc__


@pytest.mark.parametrize(
    "error", [errors.ConfigError, errors.SourceError, errors.MachineError, errors.QueryError]
)
def test_what_a_user_can_mend_ends_with_two(error: type[errors.SluiceError]) -> None:
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "error", [errors.LedgerError, errors.CheckError, errors.SchemaError, errors.IntegrityError]
)
def test_what_data_did_ends_with_one(error: type[errors.SluiceError]) -> None:
    assert error.exit_code == 1
