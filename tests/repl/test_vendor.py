"""The third parties' files are those that the table names."""

import hashlib
import re
from pathlib import Path

_VENDOR = Path(__file__).parents[2] / "tools" / "repl" / "vendor"


def test_the_vendored_files_have_the_hashes_of_the_table() -> None:
    table = re.findall(r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|$", (_VENDOR / "README.md").read_text(), re.MULTILINE)
    assert {name for name, _ in table} == {"acorn.js", "inspect.js", "web.js"}
    for name, digest in table:
        assert hashlib.sha256((_VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_each_third_party_has_its_licence() -> None:
    for name in ("acorn", "node-inspect-extracted", "core-js"):
        assert "Permission is hereby granted" in (_VENDOR / f"LICENSE.{name}").read_text()
