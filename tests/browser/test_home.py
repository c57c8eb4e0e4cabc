"""What killed servers left is removed by the next one, and nothing of those that live."""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TextIO

import pytest

from tools.browser import home


def test_folders_of_the_dead_are_removed_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("dead", "half-removed", "new", "other"):
        (tmp_path / f"{home.PREFIX}{name}" / "profile").mkdir(parents=True)
    (tmp_path / f"{home.PREFIX}dead" / home.LOCK).touch()
    (tmp_path / f"{home.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / home.LOCK).touch()
    os.utime(tmp_path / f"{home.PREFIX}half-removed", (0, 0))
    with open(tmp_path / f"{home.PREFIX}other" / home.LOCK, "w") as lock, home.open_home() as mine:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert home.clear_left() == 2
        assert home.clear_left() == 0
        left = {path.name.removeprefix(home.PREFIX) for path in tmp_path.iterdir()}
        assert left == {"new", "other", "link", "elsewhere", Path(mine).name.removeprefix(home.PREFIX)}
        assert (tmp_path / "elsewhere" / home.LOCK).exists()
    assert not Path(mine).exists()


def test_a_folder_is_not_removed_by_a_server_that_starts_while_it_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    flock = fcntl.flock
    removed = []

    def another_starts(file: TextIO, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        removed.append(home.clear_left())
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", another_starts)
    with home.open_home() as mine:
        removed.append(home.clear_left())
        assert removed == [0, 0]
        assert Path(mine).exists()
