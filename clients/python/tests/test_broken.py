"""Broken worlds: full disks, forks, many threads, signals in the middle of a report, lost processes."""

import os
import signal
import unittest
from typing import Any, Dict, List

from .support import EngineTest, until


class BrokenWorldTest(EngineTest):
    def trials(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.told("trials", "s")["trials"]
        return found

    def run_program(self, text: str, code: int = 0, **entries: Any) -> Dict[str, Any]:
        """Runs a study of one trial, and returns the trial."""
        self.write("train.py", text)
        file = self.study_file(**{"budget": {"trials": 1}, "workers": 1, **entries})
        self.finish(self.engine("run", file, "--quiet"), code)
        (trial,) = self.trials()
        return trial

    def test_goes_on_when_a_snapshot_does_not_fit_on_the_disk(self) -> None:
        trial = self.run_program(
            """
            import os, resource
            import curvewise

            trial = curvewise.trial()
            # What a full disk does to a write, at a size of its own.
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            refused = 0
            for step in trial.steps():
                trial.report(step, loss=1 / step, refused=refused)
                try:
                    with trial.save(step) as path, open(path, "wb") as file:
                        file.write(bytes(20_000 if step == 2 else 10))
                except OSError:
                    refused += 1
            """
        )
        self.assertEqual((trial["state"], trial["snapshot"]["step"]), ("complete", 5))
        self.assertEqual([point["refused"] for point in trial["curve"]], [0, 0, 1, 1, 1])
        kept = sorted(os.listdir(self.path("curvewise-files", "s", "trial-0")))
        self.assertEqual([name for name in kept if "step-" in name or "saving" in name],
                         [f"step-{step}-attempt-1" for step in (1, 3, 4, 5)])  # fmt: skip

    def test_lets_forked_processes_report_and_end(self) -> None:
        trial = self.run_program(
            """
            import multiprocessing, os, time
            import curvewise

            def child(ready):
                ready.set()
                time.sleep(10_000)

            trial = curvewise.trial()
            trial.report(1, loss=1.0)
            context = multiprocessing.get_context("fork")
            other = context.Process(target=trial.report, args=(2,), kwargs={"loss": 0.5})
            other.start()
            other.join()
            trial.report(3, loss=0.4)
            # As data loaders do it: a child that was told SIGTERM must end.
            ready = context.Event()
            sleeper = context.Process(target=child, args=(ready,))
            sleeper.start()
            ready.wait()
            sleeper.terminate()
            sleeper.join()
            pid = os.fork()
            if pid == 0:
                raise SystemExit(0)
            os.waitpid(pid, 0)
            trial.report(4, loss=0.3, ended=sleeper.exitcode)
            """
        )
        self.assertEqual(trial["state"], "complete")
        self.assertEqual([point["step"] for point in trial["curve"]], [1, 2, 3, 4])
        self.assertEqual(trial["curve"][-1]["ended"], -signal.SIGTERM)

    def test_gives_each_of_many_threads_its_own_answer(self) -> None:
        trial = self.run_program(
            """
            import threading
            import curvewise

            trial = curvewise.trial()
            taken, refused, lock = [], [], threading.Lock()
            together = threading.Barrier(100)

            def report(step):
                together.wait()
                try:
                    trial.report(step, loss=float(step))
                    with lock:
                        taken.append(step)
                except curvewise.CurvewiseError as error:
                    assert error.code == "STEP_NOT_INCREASING", error
                    assert f"step {step} " in str(error), (step, str(error))
                    with lock:
                        refused.append(step)

            threads = [threading.Thread(target=report, args=(step,)) for step in range(1, 101)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(taken) + len(refused) == 100
            trial.report(101, loss=0.0, taken=len(taken))
            """,
            maxSteps=101,
        )
        self.assertEqual(trial["state"], "complete")
        self.assertEqual(trial["curve"][-1]["taken"], len(trial["curve"]) - 1)

    def test_keeps_message_and_answer_together_under_signals(self) -> None:
        trial = self.run_program(
            """
            import os, signal, threading
            import curvewise

            class Disturbed(Exception):
                pass

            # Only within the block that expects it.
            may_disturb = False

            def disturb(number, frame):
                global may_disturb
                if may_disturb:
                    may_disturb = False
                    raise Disturbed()

            trial = curvewise.trial()
            signal.signal(signal.SIGUSR1, disturb)
            done = threading.Event()

            def keep_disturbing():
                while not done.wait(0.003):
                    os.kill(os.getpid(), signal.SIGUSR1)

            threading.Thread(target=keep_disturbing, daemon=True).start()
            disturbed = 0
            for step in range(1, 301):
                try:
                    may_disturb = True
                    assert trial.report(step, loss=1.0) == "continue"
                    with trial.save(step) as path, open(path, "w") as file:
                        file.write("saved")
                    may_disturb = False
                except Disturbed:
                    disturbed += 1
            done.set()
            trial.report(301, loss=1.0, disturbed=disturbed)
            """,
            maxSteps=301,
        )
        self.assertEqual(trial["state"], "complete", trial["failure"])
        self.assertGreater(trial["curve"][-1]["disturbed"], 0)

    def test_ends_a_training_whose_coordinator_is_gone(self) -> None:
        self.write(
            "train.py",
            """
            import os, time
            import curvewise

            trial = curvewise.trial()
            trial.report(1, loss=1.0)
            folder = os.getcwd()
            open("reported", "w").close()
            while not os.path.exists("killed"):
                time.sleep(0.01)
            try:
                trial.report(2, loss=1.0)
            except curvewise.CurvewiseError as error:
                with open("code", "w") as file:
                    file.write(error.code)
            """,
        )
        run = self.engine("run", self.study_file(budget={"trials": 1}), "--quiet")
        until("it has reported", lambda: os.path.exists(self.path("reported")))
        run.kill()
        run.wait()
        self.write("killed", "")
        self.assertEqual(until("it says so", lambda: _text(self.path("code"))), "COORDINATOR_GONE")


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    unittest.main()
