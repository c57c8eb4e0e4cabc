"""Turns a PDF (standard input) into text (standard output): a JSON line for each page, the first one about the whole.

Run as a process of its own, as PDFs are hostile by assumption: it can use no more time, memory or files than it is
given, start nothing and connect to nothing. Nothing of the server is loaded.
"""

import json
import logging
import resource
import sys
from io import BytesIO

import pypdf
from pypdf.errors import PyPdfError

try:
    import pyseccomp  # type: ignore[import-untyped]
except (ImportError, RuntimeError):  # only Linux has it
    pyseccomp = None

MEMORY_BYTES = 700_000_000  # beside what Python itself has
FORBIDDEN = ("socket", "connect", "bind", "execve", "execveat", "fork", "vfork", "ptrace", "kill", "unlink", "rename")


def main(cpu_s: int, characters: int) -> None:
    """Read, confine itself, tell."""
    data = sys.stdin.buffer.read()
    confine(cpu_s)
    logging.disable(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return tell({"problem": "encrypted"})
        title = reader.metadata.title if reader.metadata else None
        tell({"pages": len(reader.pages), "title": title if isinstance(title, str) else ""})
        for page in reader.pages:
            text = text_of(page)
            tell({"text": text[:characters]})
            characters -= len(text)
            if characters <= 0:
                return None
    except MemoryError:
        tell({"problem": "large"})
    except pypdf.errors.DependencyError:
        tell({"problem": "encrypted"})
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        tell({"problem": "broken"})
    return None


def text_of(page: pypdf.PageObject) -> str:
    """The text of one page; none where it is broken."""
    try:
        return page.extract_text()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return ""


def confine(cpu_s: int) -> None:
    """Take everything away that parsing does not need."""
    for what, value in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))
    if pyseccomp:
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in FORBIDDEN:
            rules.add_rule(pyseccomp.KILL_PROCESS, name)
        rules.load()


def tell(fact: dict[str, object]) -> None:
    """One line, at once: what is cut off later is still of use."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
