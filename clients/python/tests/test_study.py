"""Studies of Python functions, on the real engine."""

import json
import os
import signal
import sys
import threading
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any, Callable, Dict
from unittest import mock
from xml.etree import ElementTree

from .support import EngineTest, is_alive, until

import curvewise

SPACE = {"x": {"float": [0, 1]}}
GOAL = {"minimize": "loss"}


def parabola(trial: curvewise.Trial) -> None:
    """Reports a loss whose least value is at 0.3."""
    for step in trial.steps():
        trial.report(step, loss=(trial.params["x"] - 0.3) ** 2 + 1 / step)


def parabola_at_once(trial: curvewise.Trial) -> float:
    """Returns a loss without any report."""
    return float((trial.params["x"] - 0.3) ** 2)


class StudyTest(EngineTest):
    def study(self, name: str = "q", **options: Any) -> curvewise.Study:
        given = {"goal": GOAL, "space": SPACE, "max_steps": 5, "seed": 1, **options}
        study = curvewise.Study(name, storage=self.path("curvewise.db"), **given)
        self.addCleanup(study.close)
        return study

    def test_finds_the_best_params_with_processes_and_goes_on_by_name(self) -> None:
        best = self.study().optimize(parabola, trials=12, workers=2)
        self.assertTrue(best.complete)
        self.assertAlmostEqual(best.value, (best.params["x"] - 0.3) ** 2 + 0.2)
        again = self.study()
        self.assertEqual(again.best, best)
        self.assertEqual([trial["state"] for trial in again.trials], ["complete"] * 12)
        more = again.optimize(parabola, trials=15, workers=2)
        self.assertEqual([trial["state"] for trial in again.trials], ["complete"] * 15)
        self.assertLessEqual(more.value, best.value)
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            self.study(space={"x": {"float": [0, 2]}}).optimize(parabola, trials=20)
        self.assertEqual(raised.exception.code, "STUDY_CHANGED")
        self.assertIn("agree to it with Study(..., change=True)", str(raised.exception.hint))
        self.assertNotIn("--change", str(raised.exception))
        space = {"x": {"float": [0, 2]}, "y": {"float": [0, 1], "default": 0.5}}
        changed = self.study(space=space, change=True)
        changed.optimize(parabola, trials=20)
        trials = changed.trials
        self.assertEqual(len(trials), 20)
        self.assertEqual({trial["params"]["y"] for trial in trials[:15]}, {0.5})

    def test_begins_where_priors_and_earlier_trials_were_good(self) -> None:
        prior = {"x": {"float": [0, 1], "prior": {"around": 0.25, "within": 0.1}}}
        first = self.study("first", space=prior)
        first.optimize(parabola, trials=4)
        self.assertEqual(first.trials[0]["params"], {"x": 0.25})
        best = min(first.trials, key=lambda trial: trial["value"])
        with open(self.path("old.csv"), "w", encoding="utf-8") as table:
            table.write("rate,loss\n0.5,2\n0.75,1\nnan,0\n")
        found = self.study("found", transfer="auto")
        found.optimize(parabola, trials=3)
        self.assertEqual(found.trials[0]["params"], best["params"])
        given = {"from": [self.path("old.csv")], "first": 1, "columns": {"x": "rate"}}
        table_first = self.study("table", transfer=given)
        table_first.optimize(parabola, trials=2)
        self.assertEqual(table_first.trials[0]["params"], {"x": 0.75})
        named = self.study("named", transfer=["first"])
        named.optimize(parabola, trials=1)
        self.assertEqual(named.trials[0]["params"], best["params"])

    def test_shows_itself_in_notebooks_and_writes_its_report(self) -> None:
        def train(trial: curvewise.Trial) -> float:
            return float(trial.params["x"])

        study = self.study("unbegun")
        self.assertRaises(curvewise.CurvewiseError, study.report)
        study = self.study(space={"x": {"float": [0, 1]}, "kind": {"fixed": "<b>"}}, max_steps=None)
        best = study.optimize(train, trials=12, threads=True)
        table = ElementTree.fromstring(f"<div>{study._repr_html_()}</div>")
        cells = [[cell.text for cell in row] for row in table.iter("tr")]
        self.assertEqual(cells[0], ["trial", "loss", "state", "step", "x", "kind"])
        self.assertEqual(cells[1][0], str(best.number))
        self.assertEqual(len(cells), 11)
        self.assertIn("12 complete", "".join(table.itertext()))
        path = self.path("a page.html")
        page = study.report(path)
        self.assertEqual(os.fspath(page), path)
        with open(page, encoding="utf-8") as file:
            self.assertIn("<html", file.read(2000))
        frame = ElementTree.fromstring(f"<div>{page._repr_html_()}</div>").find("iframe")
        assert frame is not None
        self.assertTrue(frame.attrib["src"].endswith("a%20page.html"))

    def test_serves_its_page_to_notebooks_until_it_is_closed(self) -> None:
        def train(trial: curvewise.Trial) -> float:
            return float(trial.params["x"])

        self.assertRaises(curvewise.CurvewiseError, self.study("unbegun").dashboard)
        study = self.study("a-study", space={"x": {"float": [0, 1]}}, max_steps=None)
        study.optimize(train, trials=3, threads=True)
        with study.dashboard() as page:
            frame = ElementTree.fromstring(f"<div>{page._repr_html_()}</div>").find("iframe")
            assert frame is not None
            self.assertEqual(frame.attrib["src"], page.url)
            self.assertRegex(page.url, r"^http://127\.0\.0\.1:\d+/#/studies/a-study/overview$")
            self.assertNotIn("token", page._repr_html_())
            self.assertRegex(page.acting, r"#token=[\w-]+&/studies/a-study/overview$")
            api = f"{page.url.split('#')[0]}api/studies/a-study"
            with urllib.request.urlopen(api) as answer:
                self.assertEqual(json.load(answer)["state"], "finished")
                # A notebook's page may have it in a frame.
                policy = answer.headers["Content-Security-Policy"]
            self.assertIn("frame-ancestors 'self' http://localhost:* http://127.0.0.1:*", policy)
            self.assertIsNone(answer.headers["X-Frame-Options"])
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(api)
        with study.dashboard(act=True) as page:
            self.assertIn(escape(page.acting), page._repr_html_())

    def test_has_a_front_of_several_goals_under_constraints_on_metrics(self) -> None:
        def train(trial: Any) -> Dict[str, float]:
            width = trial.params["x"] * 100
            return {"loss": 1 - trial.params["x"], "latency": width, "memory": width}

        study = self.study(
            goal=[{"minimize": "loss"}, {"minimize": "latency", "reference": 100}],
            constraints={"memory": "<= 50"},
            sampler="random",
            scheduler="none",
        )
        study.optimize(train, trials=8)
        front = study.front
        tried = [trial["params"]["x"] for trial in study.trials]
        feasible = sorted((x for x in tried if x <= 0.5), reverse=True)
        self.assertGreater(len(feasible), 0)
        self.assertEqual([member.params["x"] for member in front], feasible)
        self.assertEqual(front[0].values, {"loss": 1 - feasible[0], "latency": feasible[0] * 100})
        self.assertTrue(all(member.complete for member in front))
        self.assertLessEqual(study.best.params["x"], 0.5)

        error = self.refusal(lambda: self.study(name="one").front)
        self.assertEqual(error.code, "ONE_GOAL")

    def test_trains_in_threads_with_functions_that_return_the_goal(self) -> None:
        seen = []

        def train(trial: curvewise.Trial) -> float:
            seen.append(threading.current_thread().name)
            return float(trial.params["x"])

        study = self.study(max_steps=None)
        best = study.optimize(train, trials=20, workers=4, threads=True)
        self.assertEqual((best.value, len(seen)), (best.params["x"], 20))
        self.assertEqual(best.value, min(trial["value"] for trial in study.trials))

    def test_fails_the_trials_whose_training_raises_exits_or_is_killed(self) -> None:
        def train(trial: curvewise.Trial) -> float:
            if trial.number == 1:
                raise ValueError("no such layer")
            if trial.number == 2:
                sys.exit("the data are gone")
            if trial.number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return float(trial.params["x"])

        study = self.study()
        study.optimize(train, trials=6, workers=2)
        failures = {trial["number"]: trial["failure"] for trial in study.trials if trial["state"] == "failed"}
        self.assertEqual(
            {number: (failure["code"], failure["message"]) for number, failure in failures.items()},
            {
                1: ("FUNCTION_FAILED", "the training raised ValueError: no such layer"),
                2: ("FUNCTION_FAILED", "the training raised SystemExit: the data are gone"),
                3: ("PROCESS_ENDED", "the process of the training is gone: it was killed by SIGKILL"),
            },
        )
        self.assertIn('raise ValueError("no such layer")', "\n".join(failures[1]["output"]))

    def test_starts_one_engine_for_all_threads_that_ask(self) -> None:
        study = self.study()
        with mock.patch.object(study, "_new_worker", wraps=study._new_worker) as starts, ThreadPoolExecutor(4) as pool:
            asked = list(pool.map(lambda _: study.ask(), range(8)))
        self.assertEqual(starts.call_count, 1)
        self.assertEqual(sorted(trial.number for trial in asked), list(range(8)))
        for trial in asked:
            study.tell(trial, trial.params["x"])
        self.assertEqual(study.best.value, min(trial.params["x"] for trial in asked))
        study.close()

    def test_asks_and_tells(self) -> None:
        study = self.study()
        first, second, third = study.ask(), study.ask(), study.ask()
        self.assertEqual([first.number, second.number, third.number], [0, 1, 2])
        study.tell(first, 0.5)
        second.report(1, loss=0.7)
        study.tell(second, {"loss": 0.25, "acc": 0.9})
        study.tell(third, error="it did not fit")
        self.assertEqual((study.best.number, study.best.value), (1, 0.25))
        # The engine may have proposed the next one already.
        states = [trial["state"] for trial in study.trials][:3]
        self.assertEqual(states, ["complete", "complete", "failed"])
        study.close()
        self.assertEqual(study.trials[2]["failure"]["message"], "it did not fit")
        # Nothing is left to do for as many trials as have ended; for more, more are trained.
        self.assertEqual(study.optimize(parabola, trials=3).value, 0.25)
        study.optimize(parabola, trials=6, workers=2)
        ended = [trial for trial in study.trials if trial["state"] in ("complete", "failed")]
        self.assertGreaterEqual(len(ended), 6)

    def test_has_no_trial_that_nobody_took(self) -> None:
        study = self.study("asked")
        for _ in range(3):
            study.tell(study.ask(), 0.5)
        study.close()
        self.assertEqual([trial["state"] for trial in self.told("trials", "asked")["trials"]], ["complete"] * 3)

    def test_tells_of_a_study_that_has_just_ended(self) -> None:
        study = self.study(space={"x": {"choice": [1, 2, 3]}}, sampler="grid", max_steps=None)
        for _ in range(3):
            trial = study.ask()
            study.tell(trial, trial.params["x"])
        self.assertEqual((study.best.value, len(study.trials)), (1, 3))
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            study.ask()
        self.assertEqual(raised.exception.code, "STUDY_FINISHED")

    def test_takes_the_space_from_suggestions(self) -> None:
        def objective(trial: Any) -> float:
            optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
            momentum = trial.suggest_float("momentum", 0, 0.9, step=0.1) if optimizer == "sgd" else 0.0
            layers = trial.suggest_int("layers", 1, 3)
            rate = trial.suggest_float("lr", 1e-4, 1, log=True)
            for step in trial.steps():
                trial.report(step, loss=rate + layers + momentum + 1 / step)
                if trial.should_prune():
                    raise RuntimeError("pruned")
            return 0.0

        study = self.study(space=None, scheduler="median")
        study.optimize(objective, trials=12, workers=2)
        trials = study.trials
        self.assertEqual(len(trials), 12)
        self.assertEqual({trial["state"] for trial in trials} - {"complete", "stopped"}, set())
        for trial in trials:
            expected = {"optimizer", "layers", "lr"} | ({"momentum"} if trial["params"]["optimizer"] == "sgd" else set())
            self.assertEqual(set(trial["params"]), expected)

    def test_keeps_all_at_ctrl_c_and_goes_on_afterwards(self) -> None:
        self.write(
            "tune.py",
            """
            import json, os, time
            import curvewise

            def train(trial):
                if trial.resume:
                    with open(trial.resume) as file:
                        assert json.load(file) == trial.resume_step
                for step in trial.steps():
                    if step == 3 and not os.path.exists("go"):
                        open(f"held-{trial.number}", "w").close()
                        while not os.path.exists("go"):
                            time.sleep(0.01)
                    trial.report(step, loss=trial.params["x"], resumed=trial.resume_step)
                    if trial.should_save(step):
                        with trial.save(step) as path, open(path, "w") as file:
                            json.dump(step, file)

            study = curvewise.Study("c", goal={"minimize": "loss"}, space={"x": {"float": [0, 1]}}, max_steps=50)
            try:
                print(study.optimize(train, trials=4, workers=2).value)
            except KeyboardInterrupt:
                print("interrupted")
            """,
        )
        first = self.python("tune.py")
        until("both are held", lambda: {"held-0", "held-1"} <= set(os.listdir(self.folder)))
        os.kill(first.pid, signal.SIGINT)
        assert first.stderr is not None
        self.assertIn("finishing", first.stderr.readline())
        self.write("go", "")
        self.assertEqual(self.finish(first), "interrupted\n")
        trials = self.told("trials", "c")["trials"]
        self.assertEqual([each["state"] for each in trials], ["waiting"] * 2)
        # Nobody knows how many steps are trained before the engine hears of the signal.
        steps = [each["step"] for each in trials]
        self.assertTrue(all(3 <= step < 50 for step in steps), steps)
        self.finish(self.python("tune.py"))
        trials = self.told("trials", "c")["trials"]
        self.assertEqual([(each["state"], each["failures"]) for each in trials], [("complete", 0)] * 4)
        self.assertEqual([each["curve"][-1]["resumed"] for each in trials], [*steps, 0, 0])

    def test_leaves_nothing_behind_when_python_is_killed(self) -> None:
        self.write(
            "tune.py",
            """
            import os, time
            import curvewise

            def train(trial):
                trial.report(1, loss=1)
                with open(f"worker-{os.getpid()}", "w"):
                    pass
                time.sleep(10_000)

            study = curvewise.Study("k", goal={"minimize": "loss"}, space={"x": {"float": [0, 1]}}, max_steps=5)
            study.optimize(train, trials=4, workers=2)
            """,
        )
        tuning = self.python("tune.py")

        def workers() -> Any:
            found = [int(name[7:]) for name in os.listdir(self.folder) if name.startswith("worker-")]
            return found if len(found) == 2 else None

        pids = until("both train", workers)
        with open(self.path("curvewise-files", "k", "coordinator.json"), encoding="utf-8") as file:
            engine = json.load(file)["pid"]
        self.assertTrue(is_alive(engine))
        os.kill(tuning.pid, signal.SIGKILL)
        until("the engine and the workers have ended", lambda: not any(map(is_alive, [engine, *pids])))
        trials = self.told("trials", "k")["trials"]
        self.assertEqual([(each["state"], each["step"]) for each in trials], [("waiting", 1)] * 2)

    def refusal(self, call: Callable[[], object]) -> curvewise.CurvewiseError:
        """The error that a call raises."""
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            call()
        return raised.exception

    def test_names_the_argument_that_is_wrong(self) -> None:
        for goal in ({"minimise": "loss"}, {}, {"minimize": "loss", "maximize": "acc"}, "loss"):
            error = self.refusal(lambda: self.study(goal=goal))
            self.assertEqual(error.code, "GOAL_INVALID")
            self.assertIn("Study(goal=..)", error.message)
        error = self.refusal(lambda: self.study(space={"x": {"flot": [0, 1]}}).optimize(parabola, trials=1))
        self.assertEqual(error.code, "CONFIG_INVALID")
        self.assertTrue(error.message.startswith("an argument of Study: unknown key `space.x.flot`"), error.message)

    def test_says_that_a_training_needs_a_space(self) -> None:
        for threads in (False, True):
            study = self.study(space=None)
            error = self.refusal(lambda: study.optimize(parabola_at_once, trials=1, threads=threads))
            self.assertEqual(error.code, "SPACE_NEEDED")
            self.assertIn("the param x", error.message)

    def test_takes_the_space_of_a_training_that_uses_a_callback(self) -> None:
        from curvewise.callbacks.sklearn import warm_start

        class Growing:
            x = 0.0

            def set_params(self, **_given: object) -> "Growing":
                return self

            def fit(self, _x: object, _y: object) -> None:
                pass

        def train(trial: Any) -> None:
            model = Growing()
            model.x = trial.suggest_float("x", 0, 1)
            warm_start(trial, model, [], [], lambda grown: {"loss": grown.x})

        best = self.study(space=None, max_steps=2).optimize(train, trials=2, threads=True)
        self.assertEqual(best.value, best.params["x"])

    def test_is_told_once_how_a_trial_ended(self) -> None:
        study = self.study(max_steps=None)
        trial = study.ask()
        study.tell(trial, 0.5)
        for tell in (lambda: study.tell(trial, 0.1), lambda: study.tell(trial, error="no")):
            error = self.refusal(tell)
            self.assertEqual(error.code, "TRIAL_ENDED")
            self.assertIn("trial 0", error.message)
        self.assertEqual(study.best.value, 0.5)

    def test_makes_a_row_of_each_trial(self) -> None:
        from curvewise._results import rows_of

        study = self.study()
        study.optimize(parabola, trials=3)
        rows = rows_of(study.trials)
        self.assertEqual([row["number"] for row in rows], [0, 1, 2])
        self.assertEqual(rows[0]["metrics_loss"], rows[0]["value"])
        self.assertEqual(rows[0]["params_x"], study.trials[0]["params"]["x"])


if __name__ == "__main__":
    unittest.main()
