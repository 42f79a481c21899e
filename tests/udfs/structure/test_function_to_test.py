"""A test is about what its title names, or the only thing that it calls."""

from tests.udfs.structure.repository import file
from udfs.pairs import Rejection
from udfs.structure import CodeFile, Repository, StructureLimits
from udfs.structure.function_to_test import function_to_test
from udfs.structure.model import Material

JAVA = """package a;
class Sums {
  int largest(int[] of) {
    int best = of[0];
    for (int one : of) { best = Math.max(best, one); }
    return best;
  }
}
"""
JAVA_TEST = """package a;
class SumsTest {
  @Test
  void largestOfThree() {
    Sums sums = new Sums();
    int found = sums.largest(new int[] {1, 3, 2});
    assertEquals(3, found);
  }
}
"""
RUST = """fn largest(of: &[i32]) -> i32 {
    let mut best = of[0];
    for one in of {
        if *one > best {
            best = *one;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_of_three() {
        let found = largest(&[1, 3, 2]);
        assert_eq!(found, 3);
        assert_eq!(largest(&[1]), 1);
    }
}
"""
BLOCKS = """import { largest } from './sums'

describe('sums', () => {
  it('finds the last', async () => {
    const content = () => 1
    const found = largest([1, 2])
    expect(found).toBe(2)
  })
  it('content is none', () => {
    function content() { return 1 }
    const found = content()
    expect(found).toBe(1)
  })
})
"""
SUMS = """export function largest(of) {
  return Math.max(...of)
}
export function content(of) {
  return of.text
}
"""


def titles_of(*files: CodeFile) -> dict[str, str]:
    found = function_to_test(Repository(files), StructureLimits())
    return {
        item.key.rpartition(":")[2]: (
            item.found.hole.name if isinstance(item.found, Material) else item.found.reason
        )
        for item in found
    }


def test_a_test_of_java_is_in_the_package_under_another_root() -> None:
    files = (
        file("src/main/java/a/Sums.java", JAVA),
        file("src/test/java/a/SumsTest.java", JAVA_TEST),
    )
    assert titles_of(*files) == {"Sums.largest": "largestOfThree"}


def test_a_test_of_rust_stands_beside_the_code() -> None:
    assert titles_of(file("src/lib.rs", RUST)) == {"largest": "largest_of_three"}


def test_what_a_test_defines_itself_is_not_what_it_tests() -> None:
    found = titles_of(file("web/sums.js", SUMS), file("web/sums.test.js", BLOCKS))
    assert found == {"largest": "finds the last", "content": "test_not_found"}


def test_a_long_function_has_no_test_written_for_it() -> None:
    long = SUMS.replace("  return Math", "  // and so on\n" * 130 + "  return Math")
    found = function_to_test(
        Repository([file("web/sums.js", long), file("web/sums.test.js", BLOCKS)]), StructureLimits()
    )
    assert next(found).found == Rejection("function_too_long", "133 lines")
