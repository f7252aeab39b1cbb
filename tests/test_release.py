"""A published folder is whole whatever ends the run: killed, out of space, failing, or two at once. Proven on a way that is not."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import release

ROOT = Path(__file__).resolve().parent.parent
SEED = 20261127
FILES = 150


def version(number: int) -> dict[str, bytes]:
    """All files of a version, each of which tells which one it belongs to; every version has a file of its own.

    Each is longer than the one before, so that a limit for the size of a file strikes at any of them.
    """
    line = f"{number:06}\n".encode()
    names = [*(f"{index % 20}/{index}.html" for index in range(FILES - 1)), f"nur-in-{number}.html"]
    return {name: line * (index + 2) for index, name in enumerate(names)}


def generate(folder: Path, number: int, pause: float = 0.0, fails_at: int = FILES + 1) -> None:
    """A generator that takes its time, if need be, and may fail on the way."""
    for index, (name, data) in enumerate(version(number).items()):
        if index == fails_at:
            raise RuntimeError("planned")
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if pause:
            time.sleep(pause)


def publish(target: Path, number: int, **options: float) -> None:
    """The way of the project."""
    with release.workplace(target, 60, lambda: None) as place:
        generate(place.fresh, number, **options)
        place.put_in_place()


def publish_without_exchange(target: Path, number: int, **options: float) -> None:
    """The same where the file system cannot exchange."""
    release.exchange = lambda *_: False
    publish(target, number, **options)


def publish_in_place(target: Path, number: int, **options: float) -> None:
    """What a site generator does by itself, and what all of this is against."""
    for file in sorted(target.rglob("*")) if target.exists() else ():
        if file.is_file():
            file.unlink()
    generate(target, number, **options)


WAYS = {one.__name__: one for one in (publish, publish_without_exchange, publish_in_place)}


def tree(folder: Path) -> str:
    """Digest of all that is in a folder, names and content."""
    digest = hashlib.sha256()
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        digest.update(f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def expected(number: int, scratch: Path) -> str:
    folder = scratch / f"expected-{number}"
    if not folder.exists():
        generate(folder, number)
    return tree(folder)


def child(way: Callable[..., None], target: Path, number: int, *, pause: float = 0.0, limit: int = 0) -> int:
    """Start a run as a process of its own; its exit status says whether it got through."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        if limit:
            # Python is told with an exception instead of a signal, like on a full disk.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        way(target, number, pause=pause)
        status = 0
    except OSError as error:
        status = 28 if error.errno in {errno.EFBIG, errno.ENOSPC} else 1
    finally:
        os._exit(status)


def ended(process: int) -> int:
    """Exit status, or minus the number of the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


class Harness:
    """Ends runs in many ways, and counts after each one what is broken; the next run of the project's way must leave nothing."""

    def __init__(self, way: str, scratch: Path) -> None:
        self.way = WAYS[way]
        self.scratch = scratch
        self.target = scratch / "web/site"
        self.random = random.Random(SEED)  # noqa: S311 - moments, not secrets
        self.number = 1
        self.hits = 0
        self.broken: list[int] = []
        publish(self.target, self.number)

    def look(self, *versions: int) -> None:
        """Note whether something else than one of these versions is in place."""
        if not self.target.exists():
            # In two steps there is a moment without any; whatever comes next has to heal it before it does anything else.
            with release.workplace(self.target, 60, lambda: None):
                pass
        found = tree(self.target)
        current = [one for one in versions if expected(one, self.scratch) == found]
        if current:
            self.number = current[0]
        else:
            self.broken.append(max(versions))
            publish(self.target, self.number)

    def leftovers(self) -> list[str]:
        """What lies around after a run that came to its end."""
        publish(self.target, self.number)
        return sorted(one.name for one in self.target.parent.iterdir() if one != self.target)

    def kills(self, count: int) -> None:
        """Killed at any moment, the last steps included."""
        began = time.monotonic()
        ended(child(self.way, self.target, self.number))
        whole = time.monotonic() - began
        while self.hits < count:
            process = child(self.way, self.target, self.number + 1)
            time.sleep(self.random.uniform(0, whole * 1.1))
            os.kill(process, signal.SIGKILL)
            if ended(process) == -signal.SIGKILL:
                self.hits += 1
            else:
                # It was through already. The machine has less to do than it had when we measured.
                whole *= 0.9
            self.look(self.number, self.number + 1)

    def full_disks(self, count: int) -> None:
        """No room from some file on, mostly in the middle of it. The limit is one for a single file; `small_disks` is the real thing."""
        longest = max(map(len, version(0).values()))
        for _ in range(count):
            limit = self.random.randrange(1, longest)
            self.hits += ended(child(self.way, self.target, self.number + 1, limit=limit)) == 28
            self.look(self.number)

    def small_disks(self, count: int) -> None:
        """The file system itself has no room from some file, folder or name on; see `on_a_small_disk`."""
        filler = self.scratch / "filler"
        for _ in range(count):
            expected(self.number, self.scratch)
            there = os.statvfs(self.scratch)
            # Every file takes a block at least, so less than one each is never enough.
            room = self.random.randrange(FILES) * there.f_bsize
            filler.write_bytes(bytes(there.f_bavail * there.f_bsize - room))
            self.hits += ended(child(self.way, self.target, self.number + 1)) == 28
            filler.unlink()
            self.look(self.number)

    def pairs(self, count: int) -> None:
        """Two at once, a little apart."""
        for _ in range(count):
            first, second = self.number + 1, self.number + 2
            one = child(self.way, self.target, first, pause=0.0002)
            time.sleep(self.random.uniform(0, 0.05))
            other = child(self.way, self.target, second, pause=0.0002)
            self.hits += (ended(one), ended(other)) == (0, 0)
            self.look(first, second)

    def failures(self, count: int) -> None:
        """An exception somewhere on the way."""
        for _ in range(count):
            with pytest.raises(RuntimeError, match="planned"):
                self.way(self.target, self.number + 1, fails_at=self.random.randrange(FILES))
            self.hits += 1
            self.look(self.number)


KINDS = {"kills": (25, 500), "full_disks": (25, 50), "pairs": (25, 50), "failures": (25, 50)}
EVERY = [pytest.param(kind, counts[0], id=kind) for kind, counts in KINDS.items()]
FULL = [pytest.param(kind, counts[1], id=kind) for kind, counts in KINDS.items()]


@pytest.fixture
def scratch(tmp_path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: what reaches a disk is another question, and disks are slow."""
    memory = Path("/dev/shm")  # noqa: S108 - the system's own place for it
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else tmp_path))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def restored(monkeypatch):
    """Some ways replace the exchange for good."""
    monkeypatch.setattr(release, "exchange", release.exchange)


def torment(way: str, kind: str, count: int, scratch: Path) -> Harness:
    harness = Harness(way, scratch)
    getattr(harness, kind)(count)
    assert harness.hits == count
    return harness


@pytest.mark.parametrize("kind, count", EVERY)
def test_whatever_ends_a_run_the_published_folder_is_whole(kind, count, scratch, restored):
    harness = torment("publish", kind, count, scratch)
    assert not harness.broken
    assert not harness.leftovers()


def on_a_small_disk(folder: Path, size: int, work: Callable[[], list[str]]) -> list[str]:
    """What some work says that is done in a process of its own, which sees a file system of so many bytes in a folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    receiver, sender = os.pipe()
    process = os.fork()
    if not process:
        said = ["ended early"]
        try:
            if libc.unshare(
                0x10020000
            ):  # CLONE_NEWUSER, CLONE_NEWNS: unshare(2); whoever is root in there may mount in there
                said = ["not allowed"]
                return said
            for name, line in {
                "setgroups": "deny",
                "uid_map": f"0 {user} 1",
                "gid_map": f"0 {group} 1",
            }.items():
                Path("/proc/self", name).write_text(line, encoding="ascii")
            options = f"size={size}".encode()
            mounted = libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, options) == 0
            said = work() if mounted else ["not allowed"]
        finally:
            os.write(sender, "\n".join(said).encode())
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, encoding="utf-8") as pipe:
        said = pipe.read().splitlines()
    ended(process)
    if said == ["not allowed"]:
        pytest.skip("This machine lets nobody mount a file system.")
    return said


@pytest.mark.parametrize(
    "way, count",
    [
        ("publish", 25),
        pytest.param("publish", 50, marks=pytest.mark.nightly),
        pytest.param("publish_without_exchange", 50, marks=pytest.mark.nightly),
    ],
)
def test_a_disk_that_is_really_full_leaves_the_published_folder_whole(way, count, tmp_path):
    def work() -> list[str]:
        harness = torment(way, "small_disks", count, tmp_path)
        return [*map(str, harness.broken), *harness.leftovers()]

    assert on_a_small_disk(tmp_path, 8_000_000, work) == []


def test_on_a_full_disk_a_build_in_place_would_be_seen_as_broken(tmp_path):
    def work() -> list[str]:
        harness = Harness("publish_in_place", tmp_path)
        harness.small_disks(5)
        return ["broken"] if harness.broken else []

    assert on_a_small_disk(tmp_path, 8_000_000, work) == ["broken"]


@pytest.mark.parametrize("kind", ["kills", "failures"])
def test_it_is_whole_again_where_folders_cannot_be_exchanged(kind, scratch, restored):
    harness = torment("publish_without_exchange", kind, 10, scratch)
    assert not harness.broken
    assert not harness.leftovers()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_build_in_place_would_be_seen_as_broken(kind, scratch):
    harness = Harness("publish_in_place", scratch)
    getattr(harness, kind)(5)
    assert harness.broken


@pytest.mark.nightly
@pytest.mark.parametrize("way", ["publish", "publish_without_exchange"])
@pytest.mark.parametrize("kind, count", FULL)
def test_in_full_numbers_the_published_folder_is_whole(way, kind, count, tmp_path, restored):
    harness = torment(way, kind, count, tmp_path)
    assert not harness.broken
    assert not harness.leftovers()


# --- the steps one by one


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize("at_once", [True, False])
def test_everything_is_on_the_disk_before_the_switch_and_the_switch_after_it(tmp_path, monkeypatch, at_once):
    target = tmp_path / "site"
    sync = release.sync if at_once else lambda _: False
    publish(target, 1)
    done: list[str] = []
    fsync, exchange = os.fsync, release.exchange

    def written(handle: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def switched(one: Path, other: Path) -> bool:
        done.append("switch")
        return exchange(one, other)

    def all_written(folder: Path) -> bool:
        done.append(f"all below {folder}")
        return sync(folder)

    monkeypatch.setattr(os, "fsync", written)
    monkeypatch.setattr(release, "sync", all_written)
    monkeypatch.setattr(release, "exchange", switched)
    with release.workplace(target, 0, lambda: None) as place:
        generate(place.fresh, 2)
        whole = {str(one) for one in (place.fresh, *place.fresh.rglob("*"))}
        place.put_in_place()
    before, after = done[: done.index("switch")], done[done.index("switch") + 1 :]
    assert before[0] == f"all below {place.fresh}"
    assert set(before[1:]) == (set() if at_once else whole)
    assert after == [str(tmp_path)]


def test_nobody_waits_shorter_than_asked_for(tmp_path):
    told: list[None] = []
    with release.workplace(tmp_path / "site", 0, lambda: None):
        began = time.monotonic()
        with (
            pytest.raises(release.BusyError),
            release.workplace(tmp_path / "site", 0.3, lambda: told.append(None)),
        ):
            pass
        assert 0.3 <= time.monotonic() - began < 5
    assert told == [None]


def test_a_workplace_is_the_user_s_alone_and_made_wherever_the_target_shall_be(tmp_path):
    with release.workplace(tmp_path / "a/b/site", 0, lambda: None) as place:
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
        generate(place.fresh, 1)
        place.put_in_place()
    assert tree(tmp_path / "a/b/site") == expected(1, tmp_path)


def test_a_workplace_that_is_taken_away_just_then_is_made_again(tmp_path, monkeypatch):
    opened, calls = os.open, []

    def vanishing(path, *rest, **more):
        if Path(path).name == ".site.bau" and not calls:
            calls.append(path)
            Path(path).rmdir()
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", vanishing)
    publish(tmp_path / "site", 1)
    assert calls
    assert tree(tmp_path / "site") == expected(1, tmp_path)


def test_what_is_not_ours_stays_in_the_workplace(tmp_path):
    theirs = tmp_path / ".site.bau/aaa"
    theirs.parent.mkdir()
    theirs.write_text("x")
    publish(tmp_path / "site", 1)
    assert theirs.read_text() == "x"


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_no_other_system_is_asked_for_what_linux_has(tmp_path, monkeypatch, system):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "platform", system)
    assert not release.exchange(tmp_path / "one", tmp_path / "other")
    assert not release.sync(tmp_path)


def test_a_lock_on_what_has_gone_meanwhile_is_none(tmp_path):
    folder = tmp_path / "bau"
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    assert release._is_at(handle, folder)
    folder.rmdir()
    assert not release._is_at(handle, folder)
    folder.mkdir()
    assert not release._is_at(handle, folder)
    os.close(handle)


def test_what_cannot_be_tidied_up_holds_nothing_up(tmp_path, monkeypatch):
    stuck = tmp_path / ".site.bau/neu-alt"
    stuck.mkdir(parents=True)
    (stuck / "fest").write_text("x")
    unlink = os.unlink

    def refuse(path, **options):
        if os.fspath(path).endswith("fest"):
            raise PermissionError(13, "Permission denied", path)
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", refuse)
    publish(tmp_path / "site", 1)
    assert tree(tmp_path / "site") == expected(1, tmp_path)


class FailingLibrary:
    """The system's library where a call always fails."""

    def __init__(self, number: int) -> None:
        self.number = number

    def syncfs(self, handle: int) -> int:
        os.fstat(handle)
        ctypes.set_errno(self.number)
        return -1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such call")
def test_all_goes_to_the_disk_in_one_go_where_that_is_possible(tmp_path, monkeypatch):
    assert release.sync(tmp_path)
    with pytest.raises(FileNotFoundError):
        release.sync(tmp_path / "missing")
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: FailingLibrary(errno.ENOSYS))
    assert not release.sync(tmp_path)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: FailingLibrary(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        release.sync(tmp_path)


def test_what_is_published_may_be_read_by_everybody_whatever_the_mask(scratch):
    before = os.umask(0o077)
    try:
        publish(scratch / "site", 1)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (scratch / "site").rglob("*") if one.is_file()}
    assert modes == {0o644}
    folders = [scratch / "site", scratch / "site/0"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in folders} == {0o755}


def test_the_switch_is_one_step(scratch):
    one, other = scratch / "one", scratch / "other"
    generate(one, 1)
    generate(other, 2)
    first, second = tree(one), tree(other)
    assert release.exchange(one, other)
    assert (tree(one), tree(other)) == (second, first)
    with pytest.raises(FileNotFoundError):
        release.exchange(one, scratch / "missing")


@pytest.mark.parametrize("number", sorted(release._CANNOT))
def test_a_file_system_that_cannot_exchange_is_no_error(scratch, monkeypatch, number):
    library = type("Library", (), {"renameat2": staticmethod(lambda *_: -1)})
    monkeypatch.setattr(release.ctypes, "CDLL", lambda *_, **__: library)
    monkeypatch.setattr(release.ctypes, "get_errno", lambda: number)
    assert not release.exchange(scratch / "a", scratch / "b")
    publish(scratch / "site", 1)
    publish(scratch / "site", 2)
    assert tree(scratch / "site") == expected(2, scratch)
    assert ".site.bau" not in names(scratch)


def test_any_other_trouble_with_the_exchange_leaves_the_old_version(scratch, monkeypatch):
    publish(scratch / "site", 1)
    library = type("Library", (), {"renameat2": staticmethod(lambda *_: -1)})
    monkeypatch.setattr(release.ctypes, "CDLL", lambda *_, **__: library)
    monkeypatch.setattr(release.ctypes, "get_errno", lambda: errno.EXDEV)
    with pytest.raises(OSError, match="cross-device"):
        publish(scratch / "site", 2)
    assert tree(scratch / "site") == expected(1, scratch)
    assert ".site.bau" not in names(scratch)


def test_a_system_without_the_call_is_no_error(scratch, monkeypatch):
    monkeypatch.setattr(release.sys, "platform", "darwin")
    assert not release.exchange(scratch / "a", scratch / "b")


def test_an_empty_folder_is_replaced(scratch):
    (scratch / "site").mkdir()
    publish(scratch / "site", 1)
    assert tree(scratch / "site") == expected(1, scratch)


def test_killed_between_two_steps_the_old_version_comes_back(scratch):
    generate(scratch / ".site.bau/alt", 1)
    generate(scratch / ".site.bau/neu-abc", 2)
    (scratch / ".site.bau/neu-abc.json").write_text("[]")
    with release.workplace(scratch / "site", 0, lambda: None):
        assert tree(scratch / "site") == expected(1, scratch)
    assert not (scratch / ".site.bau").exists()


def test_the_version_before_is_gone_if_the_new_one_is_in_place(scratch):
    generate(scratch / ".site.bau/alt", 1)
    generate(scratch / "site", 2)
    with release.workplace(scratch / "site", 0, lambda: None):
        pass
    assert tree(scratch / "site") == expected(2, scratch)
    assert not (scratch / ".site.bau").exists()


def test_what_others_laid_there_stays(scratch):
    (scratch / ".site.bau").mkdir()
    (scratch / ".site.bau/letter.txt").write_text("mine")
    (scratch / ".site.bau/neu").write_text("mine")
    (scratch / ".other.bau/alt").mkdir(parents=True)
    publish(scratch / "site", 1)
    assert names(scratch) == [".other.bau", ".site.bau", "site"]
    assert names(scratch / ".site.bau") == ["letter.txt", "neu"]


def test_a_link_in_place_of_the_workplace_is_not_followed(scratch):
    (scratch / "elsewhere/alt").mkdir(parents=True)
    (scratch / ".site.bau").symlink_to(scratch / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic|directory"):
        publish(scratch / "site", 1)
    assert names(scratch / "elsewhere") == ["alt"]


def test_the_second_run_waits_and_is_told_once(scratch):
    told: list[str] = []
    with (
        release.workplace(scratch / "site", 0, lambda: None),
        pytest.raises(release.BusyError),
        release.workplace(scratch / "site", 0.3, lambda: told.append("waits")),
    ):
        pytest.fail("two at once")
    assert told == ["waits"]
    with release.workplace(scratch / "site", 0, lambda: told.append("waits")):
        assert told == ["waits"]


def test_two_targets_beside_each_other_do_not_wait(scratch):
    with (
        release.workplace(scratch / "one", 0, lambda: None),
        release.workplace(scratch / "two", 0, lambda: None),
    ):
        pass


def test_while_the_generator_of_a_killed_run_still_writes_no_other_begins(scratch):
    """The lock is handed down, so that nobody tidies under the hands of a program that lives on."""
    ready, go = os.pipe()
    process = os.fork()
    if not process:
        with release.workplace(scratch / "site", 0, lambda: None) as place:
            sleeper = [sys.executable, "-c", "import sys, time; print(1, flush=True); time.sleep(60)"]
            child = subprocess.Popen(sleeper, pass_fds=[place.lock], stdout=subprocess.PIPE)
            child.stdout.readline()
            os.write(go, str(child.pid).encode())
            os.kill(os.getpid(), signal.SIGKILL)
    ended(process)
    generator = int(os.read(ready, 20))
    try:
        with (
            pytest.raises(release.BusyError),
            release.workplace(scratch / "site", 0.2, lambda: None),
        ):
            pytest.fail("it still writes")
    finally:
        os.kill(generator, signal.SIGKILL)
    with release.workplace(scratch / "site", 10, lambda: None):
        pass
    assert names(scratch) == []
    for one in (ready, go):
        os.close(one)
