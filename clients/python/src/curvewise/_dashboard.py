"""The dashboard of a study, beside a notebook or a program."""

import atexit
import json
import subprocess
import tempfile
from html import escape
from typing import Any, List, Optional
from urllib.parse import quote

from ._engine import engine_command, error_of
from ._signals import after_fork

_SECONDS_TO_END = 10.0


class Dashboard:
    """A page about a study, live while it runs, which ends with this process.

    As the last value of a notebook's cell, it is shown there, if the notebook and its browser are on this machine.

    Attributes:
        url: its address. On this machine everyone may read it.
        acting: the same with the token that lets its holder pause, stop and enqueue. Keep it to yourself.
    """

    #: Pixels in a notebook.
    height = 720

    def __init__(self, name: str, *, storage: str, files: Optional[str], act: bool) -> None:
        place = ["--storage", storage, *([] if files is None else ["--files", files])]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [*engine_command(), "dashboard", *place, "--listen", "127.0.0.1:0", "--json", "--until-input-ends"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                # Ctrl-C in a terminal is for this process, whose end the page follows.
                start_new_session=True,
            )
            told = self._told()
            if told is None:
                code = self._process.wait()
                self._forget()
                errors.seek(0)
                raise error_of(errors.read(), code)
        view = f"/studies/{quote(name, safe='')}/overview"
        self.url = f"{told['url']}#{view}"
        self.acting = f"{told['acting']}&{view}"
        # What a notebook shows, it also saves.
        self._shown = self.acting if act else self.url
        atexit.register(self.close)
        after_fork(self._forget)

    def _told(self) -> Any:
        """Where the page is; None if the command ended instead."""
        output = self._process.stdout
        assert output is not None
        lines: List[str] = []
        for line in output:
            lines.append(line)
            if line == "}\n":
                return json.loads("".join(lines))
        return None

    def _forget(self) -> None:
        """In a fork: the page is the other process's."""
        atexit.unregister(self.close)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __repr__(self) -> str:
        return f"<curvewise.Dashboard {self.url}>"

    def _repr_html_(self) -> str:
        shown, address = escape(self._shown), escape(self.url)
        return (
            f'<iframe src="{shown}" width="100%" height="{self.height}" style="border: 0"></iframe>'
            f'<p><a href="{shown}" target="_blank">{address}</a></p>'
        )

    def close(self) -> None:
        """Ends the page. Studies are not affected."""
        atexit.unregister(self.close)
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> "Dashboard":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
