import pytest

from udfs.licence.names import PROPRIETARY, UNVERSIONED, named, offers_choice, words


def keys(prose: str) -> list[str]:
    return [key for _, _, key in named(words(prose))]


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("The MIT License (MIT)", ["MIT"]),
        ("Apache License, Version 2.0", ["Apache-2.0"]),
        ("The Apache Software License, Version 2.0", ["Apache-2.0"]),
        ('BSD 3-Clause "New" or "Revised" License', ["BSD-3-Clause"]),
        ("Simplified BSD license", ["BSD-2-Clause"]),
        ("GNU Lesser General Public License v2.1", ["LGPL-2.1-only"]),
        ("GNU General Public License v3 or later", ["GPL-3.0-or-later"]),
        ("AGPLv3+", ["AGPL-3.0-or-later"]),
        ("the GPL", [UNVERSIONED + "GPL"]),
        ("Business Source License 1.1", ["BUSL-1.1"]),
        ("Proprietary", [PROPRIETARY]),
        ("Copyright 2010 Massachusetts Institute, written at MIT", []),
    ],
)
def test_licences_are_found_by_the_names_people_use(prose: str, expected: list[str]) -> None:
    assert keys(prose)[: len(expected) or None] == expected


def test_a_longer_name_hides_the_shorter_one_in_it() -> None:
    assert keys("under the GNU Affero General Public License") == [UNVERSIONED + "AGPL"]


def test_two_names_are_found_in_order() -> None:
    assert keys("the Unlicense and MIT licenses") == ["Unlicense", "MIT"]


def test_an_or_inside_a_name_offers_no_choice() -> None:
    assert not offers_choice(words("GPL v3 or later"))
    assert offers_choice(words("GPL v3 or MIT license"))
    assert not offers_choice(words("GPL v3 or MIT license"), strictly=True)
    assert offers_choice(words("under the MIT license or, at your option, the GPL"), strictly=True)
    assert not offers_choice(
        words("version 2 or, at your option, any later version"), strictly=True
    )
