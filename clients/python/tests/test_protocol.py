"""The protocol's golden cases, numbers, schedules, and snapshots, without an engine."""

import json
import os
import re
import socket
import threading
import unittest
import unittest.mock
from typing import Any, Dict, List

from .support import ROOT, EngineTest

import curvewise
from curvewise._metrics import encoded_metrics, plain_number
from curvewise._program import SocketTalk
from curvewise._snapshots import saving, unpacked
from curvewise._suggest import discover
from curvewise._trial import Answer, Assignment, Trial

CASES = os.path.join(ROOT, "protocol", "cases")
GOLDENS = os.path.join(ROOT, "src", "schedules", "goldens", "pytorch.jsonl")


class Replay:
    """Answers the lines of one connection after another as a case says, and keeps what came."""

    def __init__(self, path: str, answers: List[Dict[str, Any]]) -> None:
        self.lines: List[str] = []
        self._answers = list(answers)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(path)
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    self.lines.append(line.decode())
                    connection.sendall(json.dumps(self._answers.pop(0)).encode() + b"\n")

    def close(self) -> None:
        self._server.close()


def completed(answer: Dict[str, Any]) -> Dict[str, Any]:
    """A case's answer, with the texts that it leaves to the server."""
    return {"error": {"message": "m", "hint": "h", **answer["error"]}} if "error" in answer else answer


class ProtocolTest(EngineTest):
    def test_replays_the_golden_cases(self) -> None:
        names = sorted(os.listdir(CASES))
        self.assertGreater(len(names), 5)
        said = 0
        for name in names:
            with self.subTest(name), open(os.path.join(CASES, name), encoding="utf-8") as file:
                exchanges = [each for each in json.load(file)["exchanges"] if "send" in each and "pad" not in each]
                replay = Replay(self.path(name[:-5]), [completed(each["receive"]) for each in exchanges])
                self.addCleanup(replay.close)
                talk = SocketTalk(self.path(name[:-5]))
                for exchange in exchanges:
                    said += self.replay(talk, exchange["send"], exchange["receive"])
                self.assertEqual(len(replay.lines), len(exchanges))
                for line, exchange in zip(replay.lines, exchanges):
                    self.assertEqual(json.loads(line), exchange["send"])
                talk._close()
        self.assertGreater(said, 30)

    def replay(self, talk: SocketTalk, send: Any, receive: Dict[str, Any]) -> int:
        """Says a message by the client's own words if it has words for it; 1 if so."""
        try:
            if isinstance(send, dict) and set(send) == {"snapshot"} and set(send["snapshot"]) == {"step", "path"}:
                talk.snapshot(send["snapshot"]["step"], send["snapshot"]["path"])
                self.assertEqual(receive, {"ok": True})
                return 1
            if send == {"park": {}}:
                with unittest.mock.patch.dict(os.environ, {"CURVEWISE_PARK": "1"}):
                    self.assertEqual(talk.park(), receive.get("attempt"))
                return 1
            if isinstance(send, dict) and set(send) == {"report"} and {"step", "metrics"} <= set(send["report"]):
                report = send["report"]
                if set(report) <= {"step", "metrics", "exploit"} and report.get("exploit", True) is True:
                    answer = talk.report(report["step"], report["metrics"], "exploit" in report)
                    expected = Answer(
                        receive["action"], receive.get("resume"), receive.get("step", 0), receive.get("params")
                    )
                    self.assertEqual(answer, expected)
                    return 1
        except curvewise.CurvewiseError as error:
            self.assertEqual(error.code, receive["error"]["code"])
            return 1
        self.assertEqual(talk.exchange(json.dumps(send)), completed(receive))
        return 0

    def test_connects_anew_when_an_answer_was_not_waited_for(self) -> None:
        replay = Replay(self.path("s"), [{"action": "continue"}, {"action": "stop"}])
        self.addCleanup(replay.close)
        talk = SocketTalk(self.path("s"))
        self.addCleanup(talk._close)
        connected = talk._connected()[1]

        def interrupted() -> bytes:
            connected.readline()
            raise KeyboardInterrupt()

        class Interrupted:
            readline = staticmethod(interrupted)
            close = staticmethod(connected.close)

        assert talk._connection is not None
        talk._connection = (talk._connection[0], Interrupted())  # type: ignore[assignment]
        with self.assertRaises(KeyboardInterrupt):
            talk.report(1, {"loss": 1.0}, False)
        self.assertEqual(talk.report(2, {"loss": 1.0}, False).action, "stop")

    def test_says_that_nobody_answers(self) -> None:
        talk = SocketTalk(self.path("nobody"))
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            talk.report(1, {"loss": 1.0}, False)
        self.assertEqual(raised.exception.code, "COORDINATOR_GONE")

    def test_computes_the_rates_of_pytorch(self) -> None:
        with open(GOLDENS, encoding="utf-8") as file:
            goldens = [json.loads(line) for line in file.read().splitlines()[1:]]
        self.assertGreater(len(goldens), 10)
        for golden in goldens:
            schedule = golden["schedule"]
            params = {"schedule": next(key for key in schedule if key != "warmup")}
            for group, options in schedule.items():
                for option, value in options.items():
                    name = "lr" if option == "rate" else f"schedule.{group}.{option}"
                    params[name] = json.dumps(value) if isinstance(value, list) else value
            expected: List[float] = []
            for entry in golden["rates"]:
                expected.extend([entry[0]] * entry[1] if isinstance(entry, list) else [entry])
            found = [curvewise.rate_at(params, time) for time in range(len(expected))]
            worst = max(abs(a - b) for a, b in zip(expected, found))
            self.assertLessEqual(worst, 1e-12 * max(expected), schedule)

    def test_refuses_what_is_no_schedule(self) -> None:
        for params in ({}, {"schedule": "cosinus"}, {"schedule": "cosine", "lr": 1}, {"schedule": "constant"}):
            with self.assertRaises(curvewise.CurvewiseError) as raised:
                curvewise.rate_at(params, 1)
            self.assertEqual(raised.exception.code, "SCHEDULE_INVALID")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            curvewise.rate_at({"schedule": "constant", "lr": 1}, -1)
        self.assertEqual(raised.exception.code, "SCHEDULE_TIME")


class Scalar:
    """As NumPy's and PyTorch's."""

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        """The number."""
        return self._value


class PartsTest(EngineTest):
    def test_takes_scalars_for_numbers(self) -> None:
        self.assertEqual(plain_number(Scalar(3)), 3.0)
        self.assertEqual(
            encoded_metrics({"a/b": Scalar(0.5)}, {  # type: ignore[dict-item]
                "n": float("nan"), "i": -float("inf"), "t": True, "big": 10**400}),
            {"a/b": 0.5, "n": "NaN", "i": "-Infinity", "t": 1.0, "big": "Infinity"},
        )
        for wrong in ("0.5", None, [1.0], 1j, Scalar("x")):
            with self.assertRaises(curvewise.CurvewiseError) as raised:
                encoded_metrics(None, {"loss": wrong})  # type: ignore[dict-item]
            self.assertEqual(raised.exception.code, "REPORT_INVALID")

    def test_removes_what_a_failed_save_has_written(self) -> None:
        handed: List[str] = []
        with self.assertRaises(OSError):
            with saving(self.folder, "a", ".bin", handed.append) as path:
                with open(path, "wb") as file:
                    file.write(b"half")
                raise OSError(28, "No space left on device")
        with self.assertRaises(curvewise.CurvewiseError):
            with saving(self.folder, "a", "", handed.append):
                pass
        self.assertEqual((handed, os.listdir(self.folder)), ([], []))

    def test_names_each_snapshot_anew_and_keeps_endings(self) -> None:
        handed: List[str] = []
        for _ in range(2):
            with saving(self.folder, "a", "", handed.append) as path:
                with open(path + ".npz", "wb") as file:
                    file.write(b"x")
        with saving(self.folder, "a", "", handed.append) as path:
            os.makedirs(os.path.join(path, "deep"))
        names = [os.path.basename(each) for each in handed]
        self.assertEqual(names, ["a.npz", "a-2.npz", "a.folder-tar"])
        back = unpacked(handed[2], self.folder)
        assert back is not None
        self.assertEqual(os.listdir(back), ["deep"])
        self.assertEqual(unpacked(handed[0], self.folder), handed[0])

    def test_goes_through_the_steps_that_are_left(self) -> None:
        answers = [Answer("continue"), Answer("exploit", "/m", 2, {"x": 9}), Answer("continue"), Answer("stop")]

        class Talk:
            def report(self, step: int, metrics: Any, exploits: bool) -> Answer:
                return answers.pop(0)

            def snapshot(self, step: int, path: str) -> None:
                """Not called."""

            def park(self) -> None:
                """Not called."""

            def end(self, failure: Any, released: bool) -> None:
                """Not called."""

        trial = Trial(Assignment("s", 0, 1, {}, 0, 9, self.folder, None, 3, 2), Talk(), exploits=True)
        steps = []
        for step in trial.steps():
            steps.append(step)
            trial.report(step, loss=1)
            self.assertEqual(trial.should_save(step), trial.action == "continue" and step % 2 == 0)
        self.assertEqual((steps, trial.params, trial.resume), ([4, 5, 3, 4], {"x": 9}, "/m"))

    def test_finds_the_space_of_a_function(self) -> None:
        def train(trial: Any) -> None:
            if trial.suggest_categorical("kind", ["a", "b", "c"]) != "a":
                trial.suggest_float("rate", 1e-3, 1, log=True)
                if trial.suggest_categorical("deep", [True, False]):
                    trial.suggest_int("layers", 2, 8, step=2)
            trial.report(1, loss=1)
            raise AssertionError("it went on")

        self.assertEqual(
            discover(train),
            {
                "kind": {"choice": ["a", "b", "c"]},
                "rate": {"float": [1e-3, 1], "log": True, "when": {"kind": ["b", "c"]}},
                "deep": {"choice": [True, False], "when": {"kind": ["b", "c"]}},
                "layers": {"int": [2, 8], "step": 2, "when": {"deep": [True]}},
            },
        )

        def unclear(trial: Any) -> None:
            a, b = (trial.suggest_categorical(name, [True, False]) for name in "ab")
            if a != b:
                trial.suggest_float("rate", 0, 1)

        def both(trial: Any) -> None:
            a, b = (trial.suggest_categorical(name, [True, False]) for name in "ab")
            if a and b:
                trial.suggest_float("rate", 0, 1)

        self.assertEqual(discover(both)["rate"], {"float": [0, 1], "when": {"a": [True], "b": [True]}})

        with self.assertRaises(curvewise.CurvewiseError) as raised:
            discover(unclear)
        self.assertEqual(raised.exception.code, "SPACE_UNCLEAR")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            discover(lambda trial: None)
        self.assertEqual(raised.exception.code, "SPACE_EMPTY")

    def test_has_one_version(self) -> None:
        with open(os.path.join(ROOT, "package.json"), encoding="utf-8") as file:
            version = json.load(file)["version"]
        self.assertEqual(re.sub(r"^v", "", curvewise.__version__), version)


if __name__ == "__main__":
    unittest.main()
