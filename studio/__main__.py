"""`studio` and `python -m studio`: the window; with arguments, or where there is no display, the command line."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    files = [arg for arg in argv if not arg.startswith("-") and Path(arg).is_file()]
    if argv and len(files) < len(argv):
        from studio.cli import main as command_line

        return command_line(argv)
    if not has_display():
        return _without_window(argv)
    try:
        from studio.app import main as window
    except ImportError as error:
        print(
            f"studio: The window cannot be opened ({error}); set the studio up again with python packaging/dev.py run.",
            file=sys.stderr,
        )
        return 3
    return window(argv)


def _without_window(argv: list[str]) -> int:
    if argv:
        print(
            f"studio: There is no display to open {argv[0]} on; `studio --help` lists what works without one.",
            file=sys.stderr,
        )
        return 2
    from studio.cli import main as command_line

    print(
        "There is no display, so the studio makes its tour instead; `studio --help` lists what else it can do here.",
        file=sys.stderr,
    )
    out = Path("studio-tour")
    if not os.access(Path.cwd(), os.W_OK):
        from studio.core.paths import home

        out = home() / "tour"
    return command_line(["tour", "--out", str(out)])


def has_display() -> bool:
    """Whether a window can be opened. Qt itself would abort the process where the server does not answer."""
    if sys.platform in ("win32", "darwin"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform and not platform.startswith(("xcb", "wayland")):
        return True  # offscreen, minimal, vnc, eglfs, ...: someone has thought about it
    return bool(os.environ.get("WAYLAND_DISPLAY")) or _answers(os.environ.get("DISPLAY", ""))


def _answers(display: str) -> bool:
    """Whether the X server of a name such as :0 or localhost:10.0 takes connections."""
    host, colon, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not colon or not number.isdigit():
        return False
    host = host.removeprefix("unix").rstrip("/")
    try:
        if host:
            with socket.create_connection((host, 6000 + int(number)), timeout=2):
                return True
        for path in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
                end.settimeout(2)
                if end.connect_ex(path) == 0:
                    return True
    except OSError:
        pass
    return False


if __name__ == "__main__":
    sys.exit(main())
