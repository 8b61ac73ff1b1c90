"""Calls of a coordinator's HTTP API, which are repeated until they are answered."""

import http.client
import json
import ssl
import threading
import time
from typing import Any, Callable, Mapping, Optional, Tuple
from urllib.parse import quote, urlsplit

from ._address import Address, Door
from ._errors import CurvewiseError, error_from
from ._signals import after_fork

#: Seconds between two tries, at first and at most.
_FIRST_REST, _LONGEST_REST = 0.05, 2.0
#: Seconds for which a call may be under way, besides what it asks the coordinator to wait.
_PATIENCE = 60.0
_HTTP_UNAVAILABLE = 503


class StudyOver(Exception):
    """The study is finished: no coordinator will come back."""


class Client:
    """One connection to a study's coordinator, wherever that is at the moment. For one thread at a time.

    Args:
        reconnect_for: seconds without a coordinator after which to give up.
        is_given_up: asked between two tries: whether the answer is no longer wanted.
    """

    def __init__(
        self,
        address: Address,
        *,
        reconnect_for: float,
        is_given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self._address = address
        self._reconnect_for = reconnect_for
        self._is_given_up = is_given_up
        self._lock = threading.Lock()
        self._connection: Optional[http.client.HTTPConnection] = None
        self._door: Optional[Door] = None
        self._study: Optional[str] = None
        after_fork(self._forget)

    def _forget(self) -> None:
        """In a forked child: the connection is the parent's, and another of its threads may hold the lock."""
        self._lock = threading.Lock()
        self._close()

    @property
    def folder(self) -> Optional[str]:
        """The study's folder on this host, if the address says it."""
        return None if self._door is None else self._door.folder

    @property
    def study(self) -> str:
        """The study's name, once it is known."""
        return (None if self._door is None else self._door.study) or self._study or ""

    def call(
        self,
        method: str,
        path: str,
        body: Optional[Mapping[str, object]] = None,
        *,
        wait: float = 0,
        reconnect_for: Optional[float] = None,
    ) -> Any:
        """Calls a path below the study's, such as ``/trials:ask``, and returns the JSON of the answer.

        Args:
            wait: seconds for which the coordinator may wait before it answers.

        Raises:
            StudyOver: the coordinator has ended, since the study is finished.
            CurvewiseError: the call was refused; ``COORDINATOR_GONE`` if there was no coordinator for too long.
        """
        patience = self._reconnect_for if reconnect_for is None else reconnect_for
        text = None if body is None else json.dumps(body).encode()
        with self._lock:
            begun: Optional[float] = None
            rest = _FIRST_REST
            while True:
                try:
                    return self._once(method, path, text, wait)
                except (OSError, http.client.HTTPException, _Unavailable) as cause:
                    self._close()
                    now = time.monotonic()
                    begun = now if begun is None else begun
                    if now - begun >= patience or self._is_given_up():
                        raise self._gone(cause, now - begun) from cause
                    time.sleep(rest)
                    rest = min(2 * rest, _LONGEST_REST)
                except CurvewiseError:
                    raise
                except BaseException:
                    self._close()
                    raise

    def _gone(self, cause: BaseException, after: float) -> CurvewiseError:
        return CurvewiseError(
            "COORDINATOR_GONE",
            f"no coordinator was reached at {self._address.place} for {after:.0f} s: {cause or 'it is not there'}",
            "Start it again: curvewise run study.yaml --listen 8470",
        )

    def _once(self, method: str, path: str, text: Optional[bytes], wait: float) -> Any:
        connection = self._connected()
        door = self._door
        assert door is not None
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(wait + _PATIENCE)
        study = self._study_of(connection, door)
        status, answer = self._exchange(connection, door, method, f"/studies/{quote(study, safe='')}{path}", text)
        return self._accepted(status, answer)

    def _exchange(
        self, connection: http.client.HTTPConnection, door: Door, method: str, path: str, text: Optional[bytes]
    ) -> Tuple[int, Any]:
        headers = {"Authorization": f"Bearer {door.token}"}
        if text is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body=text, headers=headers)
        response = connection.getresponse()
        content = response.read()
        try:
            return response.status, json.loads(content)
        except ValueError as cause:
            raise http.client.HTTPException(f"the answer is not JSON (HTTP {response.status})") from cause

    def _study_of(self, connection: http.client.HTTPConnection, door: Door) -> str:
        """The study's name: that of the folder, or the one study that the token opens."""
        if door.study is not None:
            return door.study
        if self._study is None:
            studies = self._accepted(*self._exchange(connection, door, "GET", "/studies", None))["studies"]
            if not studies:
                raise _Unavailable("no study is open there yet")
            self._study = str(studies[0]["name"])
        return self._study

    @staticmethod
    def _accepted(status: int, answer: Any) -> Any:
        if status == _HTTP_UNAVAILABLE:
            raise _Unavailable("the study is not open at the moment")
        if status >= 400:
            raise error_from(answer.get("error") if isinstance(answer, dict) else None)
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is not None:
            return self._connection
        door = self._address.find()
        if door is None:
            raise _Unavailable(f"{self._address.place} does not say where the coordinator is")
        if door.finished:
            raise StudyOver()
        self._door = door
        parts = urlsplit(door.url)
        host, port = parts.hostname or "localhost", parts.port
        if parts.scheme == "https":
            context = ssl.create_default_context(cadata=door.certificate)
            # The study's folder says which certificate it is, under any name.
            context.check_hostname = door.certificate is None
            self._connection = http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        """Closes the connection; the next call opens a new one."""
        with self._lock:
            self._close()


class _Unavailable(Exception):
    """There is no coordinator at the moment."""
