"""Fetch what GitHub knows of a repository's issues and pull requests, each time only what is new.

Lists of the whole repository are read instead of one request an issue, so that requests are few.
Only what has no such list is fetched one by one: reviews and timelines, of what is new or updated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from etl.io.github import FetchError, GithubClient, Page, is_name
from etl.io.landing import Descent, Errand, Held, Landing, State, Window

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SECOND = timedelta(seconds=1)
Found = dict[str, Any]


class Fault(NamedTuple):
    """What could not be fetched: the repository or a part of it, a reason code, and details."""

    key: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Fetched:
    """What came of a repository.

    Attributes:
        objects: objects that landed.
        faults: what could not be fetched.
    """

    objects: int
    faults: list[Fault]

    @property
    def limited(self) -> bool:
        """Whether the API's limit is used up, so that no other repository can be asked for."""
        return any(fault.reason == "rate_limited" for fault in self.faults)

    @property
    def failed(self) -> bool:
        """Whether the server failed, and not only for some issue."""
        return any(x.reason == "server_error" and " " not in x.key for x in self.faults)


def fetch_repository(client: GithubClient, landing: Landing) -> Fetched:
    """Land what is new since the last fetch; go on where that one stopped.

    Args:
        client: asks the API.
        landing: folder of the repository.

    Raises:
        ConfigError: the API refuses the token.
    """
    walk = _Walk(client, landing)
    return walk.collect(walk.everything)


def fetch_numbers(client: GithubClient, landing: Landing, numbers: Iterable[int]) -> Fetched:
    """Land some issues and pull requests by number, whatever was fetched before.

    Raises:
        ConfigError: the API refuses the token.
    """
    walk = _Walk(client, landing)
    for number in numbers:
        path = f"/repos/{landing.repository}/issues/{number}"
        landing.state.errands.append(Errand(kind="issue", number=number, path=path))
    return walk.collect(walk.run_errands)


class _Walk:
    """One fetch of one repository. State changes only after its objects were taken."""

    def __init__(self, client: GithubClient, landing: Landing) -> None:
        self.client, self.landing = client, landing
        self.faults: list[Fault] = []
        self._failing = False

    @property
    def state(self) -> State:
        return self.landing.state

    def collect(self, work: Callable[[], None]) -> Fetched:
        """Do some work; whatever ends it, what came so far is kept."""
        try:
            work()
        except FetchError as error:
            self._blame(self.landing.repository, error)
        finally:
            self.landing.keep()
        return Fetched(self.landing.objects, self.faults)

    def _blame(self, key: str, error: FetchError) -> None:
        if (key, error.reason) not in {(fault.key, fault.reason) for fault in self.faults}:
            self.faults.append(Fault(key, error.reason, error.detail))

    def everything(self) -> None:
        self._repository()
        name = self.state.full_name
        self.state.errands = [*self.state.later, *self.state.errands]
        self.state.later = []
        self.run_errands()
        base = f"/repos/{name}"
        listed = self._part("issues", lambda: self._issues(base))
        self._part("comments", lambda: self._comments(base))
        # Every pull request is an issue too; where issues are switched off, it has to do alone.
        self._part("pulls", lambda: self._pulls(base, self._ignore if listed else self._note))
        self._part("review comments", lambda: self._review_comments(base))

    def _part(self, part: str, walk: Callable[[], None]) -> bool:
        """Walk a list, which a repository may lack; whether it is there."""
        try:
            walk()
        except FetchError as error:
            if error.reason != "not_found":
                raise
            self._blame(f"{self.landing.repository} {part}", error)
            return False
        return True

    def _repository(self) -> None:
        page = self.client.get(f"/repos/{self.landing.repository}", self.state.etag)
        if page is None:
            return
        found = _one(page, "id")
        name = found.get("full_name")
        if not isinstance(name, str) or not is_name(name):
            raise FetchError("server_error", "the repository has no full name")
        if self.state.github_id not in (None, found["id"]):
            self.landing.state = State()  # the name is another repository's now
        self.landing.add("repository", [(None, found)])
        self.state.full_name, self.state.github_id = name, found["id"]
        self.state.etag = page.etag
        self.landing.keep()

    def _issues(self, base: str) -> None:
        wanted = {"state": "all", **_OLDEST_FIRST}
        window = self.state.issues
        self._window(window, "issue", f"{base}/issues", wanted, _own_number, self._note)

    def _comments(self, base: str) -> None:
        number, path = _number_of("issue_url"), f"{base}/issues/comments"
        window = self.state.comments
        self._window(window, "comment", path, _OLDEST_FIRST, number, self._ignore)

    def _review_comments(self, base: str) -> None:
        number, path = _number_of("pull_request_url"), f"{base}/pulls/comments"
        window = self.state.review_comments
        self._window(window, "review_comment", path, _OLDEST_FIRST, number, self._ignore)

    def _note(self, fresh: list[Found]) -> None:
        """Note down what to fetch for issues or pull requests that are new or updated."""
        base = f"/repos/{self.state.full_name}"
        for found in fresh:
            number = _own_number(found)
            if self.client.params.timelines:
                self._errand("timeline_event", number, f"{base}/issues/{number}/timeline")
            if "pull_request" in found or "head" in found:
                self._errand("review", number, f"{base}/pulls/{number}/reviews")

    def _ignore(self, fresh: list[Found]) -> None:
        """Nothing more is fetched for these."""

    def _window(
        self,
        window: Window,
        kind: str,
        path: str,
        wanted: dict[str, str],
        number: Callable[[Found], int],
        after: Callable[[list[Found]], None],
    ) -> None:
        """Read a list that is sorted by time of update, from where it was read to.

        After each page the list is asked for anew from the last time on that page: what is updated
        meanwhile goes to the end, and would move by one place what a next page began with. Where
        one second holds more than a page, its pages are followed instead.
        """
        while True:
            since = {"since": window.since} if window.since else {}
            at = window.at or self._address(path, {**wanted, **since})
            held = window.pages.get(at)
            page = self.client.get(at, held.etag if held else None)
            if page is None:
                window.at = held.next if held else None
                more = window.at is not None
            else:
                objects = _many(page, "id", "updated_at")
                fresh = [x for x in objects if window.seen.get(str(x["id"])) != x["updated_at"]]
                self.landing.add(kind, [(number(x), x) for x in fresh])
                after(fresh)
                more = self._advance(window, at, page, objects)
            self.landing.keep()
            self.run_errands()
            if not more:
                return

    def _advance(self, window: Window, at: str, page: Page, objects: list[Found]) -> bool:
        """Move a window on behind a page that is here; whether there is more."""
        times = [str(x["updated_at"]) for x in objects]
        # An unchanged full page does not tell whether one follows it by now.
        full = page.next is not None or len(objects) >= self.client.params.page_size
        since = _second_before(times[-1]) if times else ""
        moves = full and times == sorted(times) and since > (window.since or "")
        window.seen |= {str(x["id"]): str(x["updated_at"]) for x in objects}
        if moves:
            window.seen = {key: time for key, time in window.seen.items() if time >= since}
            window.since, window.at, window.pages = since, None, {}
            return True
        etag = None if full and page.next is None else page.etag
        window.pages[at] = Held(etag=etag, next=page.next)
        window.at = page.next
        return page.next is not None

    def _pulls(self, base: str, after: Callable[[list[Found]], None]) -> None:
        """Read pull requests, newest update first (the list takes no `since`), down to known ones.

        What is updated meanwhile goes to the front, so a page may repeat an object and hides none;
        the next walk begins there. One that was interrupted is ended first, and then begun anew.
        """
        walk = self.state.pulls
        wanted = {"state": "all", "sort": "updated", "direction": "desc"}
        first = self._address(f"{base}/pulls", wanted)
        resumed = walk.at is not None
        while True:
            at = walk.at or first
            page = self.client.get(at, walk.etag if at == first else None)
            if page is None:
                return
            objects = _many(page, "number", "updated_at")
            fresh = [x for x in objects if x["updated_at"] >= (walk.known or "")]
            self.landing.add("pull", [(_own_number(x), x) for x in fresh])
            after(fresh)
            self._descend(walk, page, objects, begins=at == first)
            self.landing.keep()
            self.run_errands()
            if walk.at is None and not resumed:
                return
            resumed = resumed and walk.at is not None

    def _descend(self, walk: Descent, page: Page, objects: list[Found], *, begins: bool) -> None:
        if begins:
            walk.newest = str(objects[0]["updated_at"]) if objects else None
            walk.etag = page.etag
        reached = not objects or objects[-1]["updated_at"] < (walk.known or "")
        walk.at = None if reached else page.next
        if walk.at is None:
            walk.known = walk.newest

    def _errand(self, kind: str, number: int, path: str) -> None:
        self.state.errands.append(Errand(kind=kind, number=number, path=self._address(path, {})))

    def run_errands(self) -> None:
        """Fetch what belongs to single issues; one that fails does not hold up the others."""
        errands = self.state.errands
        while errands:
            errand = errands[0]
            try:
                following = self._run(errand)
                self._failing = False
            except FetchError as error:
                # Two in a row are the server's fault, not the issue's.
                if error.reason == "server_error" and not self._failing:
                    self._failing = True
                    self.state.later.append(errand)
                elif error.reason != "not_found":
                    raise
                self._blame(f"{self.landing.repository} issues/{errand.number}", error)
                following = []
            errands[:1] = following
            self.landing.keep(at_once=False)

    def _run(self, errand: Errand) -> list[Errand]:
        """Land one page; what is to be fetched after it."""
        page = self.client.get(errand.path)
        if errand.kind in ("issue", "pull"):
            found = _one(page, "number")
            self.landing.add(errand.kind, [(errand.number, found)])
            if "pull_request" not in found:
                return []
            path = f"/repos/{self.landing.repository}/pulls/{errand.number}"
            return [errand.model_copy(update={"kind": "pull", "path": path})]
        self.landing.add(errand.kind, [(errand.number, x) for x in _many(page)])
        following = page.next if page is not None else None
        return [errand.model_copy(update={"path": following})] if following else []

    def _address(self, path: str, wanted: dict[str, str]) -> str:
        return f"{path}?{urlencode({**wanted, 'per_page': str(self.client.params.page_size)})}"


_OLDEST_FIRST = {"sort": "updated", "direction": "asc"}


def _own_number(found: Found) -> int:
    number = found.get("number")
    if not isinstance(number, int):
        raise FetchError("server_error", "an object has no number")
    return number


def _number_of(key: str) -> Callable[[Found], int]:
    """Reads the number at the end of an address that an object names."""

    def read(found: Found) -> int:
        last = str(found.get(key, "")).rpartition("/")[2]
        if not (last.isascii() and last.isdecimal()):
            raise FetchError("server_error", f"an object has no {key}")
        return int(last)

    return read


def _one(page: Page | None, key: str) -> Found:
    if page is None or not isinstance(page.body, dict) or not isinstance(page.body.get(key), int):
        raise FetchError("server_error", f"the answer is no object with {key}")
    return page.body


def _many(page: Page | None, *keys: str) -> list[Found]:
    """The objects of a page; those that are sorted by it have a readable time of update."""
    objects = page.body if page is not None else None
    if not isinstance(objects, list) or not all(isinstance(x, dict) for x in objects):
        raise FetchError("server_error", "the answer is no list of objects")
    for found in objects:
        if any(key not in found for key in keys):
            raise FetchError("server_error", f"an object lacks one of {', '.join(keys)}")
        if "updated_at" in keys:
            _second_before(found["updated_at"])
    return objects


def _second_before(time: object) -> str:
    """A second earlier: whether `since` takes in its own second does not matter then."""
    try:
        return (datetime.strptime(str(time), _TIME) - _SECOND).strftime(_TIME)
    except ValueError as error:
        raise FetchError("server_error", "an object has no time of update") from error
