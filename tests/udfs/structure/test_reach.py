"""What a file can name of other files."""

from tests.udfs.structure.repository import file
from udfs.structure import Repository
from udfs.structure.reach import in_reach, named_types, reached

CLIENT = file("net/client.py", "class Client:\n    def send(self):\n        return 1\n")
USER = file("app/user.py", "from net.client import Client\nimport json\n")
DUMPS = file("app/json/dumps.py", "def dumps(value):\n    return value\n")
ELSEWHERE = file("app/else.py", "import os\n")


def test_imports_and_folders_put_names_in_reach() -> None:
    assert in_reach(USER, CLIENT, "Client") and not in_reach(ELSEWHERE, CLIENT, "Client")
    here, there = (
        file(path, "package a\n\nfunc Add() int {\n\treturn 1\n}\n")
        for path in ("a/x.go", "a/y.go")
    )
    assert in_reach(here, there, "Add")
    assert not in_reach(here, CLIENT, "send"), "another language"


def test_a_call_means_the_one_definition_that_it_can() -> None:
    all_of_it = Repository([CLIENT, USER, DUMPS, ELSEWHERE])
    (found,) = reached(all_of_it, USER, ("Client.send", "other.send", "json.dumps"))
    assert found[1].function.qualified_name == "Client.send"
    twice = Repository([CLIENT, USER, file("net/twin.py", CLIENT.text)])
    assert reached(twice, file("b.py", "from net import Client\n"), ("Client.send",)) == []


def test_a_type_of_the_own_file_comes_first() -> None:
    own = file("app/own.py", "from net.client import Client\n\nclass Client:\n    pass\n")
    ((holder, item),) = named_types(Repository([CLIENT, own]), own, ["Client", "int", "Client"])
    assert (holder.path, item.start_line) == ("app/own.py", 3)
