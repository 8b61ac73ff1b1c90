"""Values of the functions of bench/functions.mjs: COCO's bbob-mixint, and the models of YAHPO Gym's rbv2 tasks.

Answers lines of JSON: {"list": true} with the problems, others with {"value": ...}.
"""

import json
import sys
from pathlib import Path

suite, *arguments = sys.argv[1:]


def mixint(dimensions, instances):
    from importlib.metadata import version

    import cocoex

    coco = cocoex.Suite("bbob-mixint", f"instances:{instances}", f"dimensions:{dimensions}")
    problems = []
    for index, problem in enumerate(coco):
        whole = problem.number_of_integer_variables
        space = [
            {"name": f"x{k}", "kind": "int", "low": int(low), "high": int(high)}
            if k < whole
            else {"name": f"x{k}", "kind": "float", "low": float(low), "high": float(high)}
            for k, (low, high) in enumerate(zip(problem.lower_bounds, problem.upper_bounds))
        ]
        problems.append(
            {
                "index": index,
                "id": problem.id_function,
                "dimension": problem.dimension,
                "instance": problem.id_instance,
                "space": space,
            }
        )
    open_problems = {}

    def answer(request):
        if "list" in request:
            return {"version": version("coco-experiment"), "problems": problems}
        index = request["index"]
        if index not in open_problems:
            open_problems.clear()
            open_problems[index] = coco.get_problem(index)
        return {"value": float(open_problems[index](request["x"]))}

    return answer


# The continuous and the categorical inputs of each model, in the order in which it takes them.
INPUTS = {
    "rbv2_svm": (["cost", "gamma", "tolerance", "degree"], ["task_id", "kernel", "num.impute.selected.cpo"]),
    "rbv2_ranger": (
        ["num.trees", "sample.fraction", "mtry.power", "min.node.size", "num.random.splits"],
        ["task_id", "respect.unordered.factors", "splitrule", "num.impute.selected.cpo"],
    ),
    "rbv2_rpart": (["cp", "maxdepth", "minbucket", "minsplit"], ["task_id", "num.impute.selected.cpo"]),
    "rbv2_glmnet": (["alpha", "s"], ["task_id", "num.impute.selected.cpo"]),
    "rbv2_xgboost": (
        ["nrounds", "eta", "gamma", "lambda", "alpha", "subsample", "max_depth", "min_child_weight"]
        + ["colsample_bytree", "colsample_bylevel", "rate_drop", "skip_drop"],
        ["task_id", "booster", "num.impute.selected.cpo"],
    ),
    "rbv2_aknn": (["k", "M", "ef", "ef_construction"], ["task_id", "distance", "num.impute.selected.cpo"]),
}
FIDELITY = {"trainsize": 1.0, "repl": 10}
MODELS_OUTPUT = 0  # accuracy is the first of what a model answers


def yahpo(folder):
    import numpy
    import onnxruntime

    folder = Path(folder)
    suite_file = folder / "benchmark_suites" / "v1.0" / "single.json"
    tasks = [
        (task["scenario"], task["instance"])
        for task in json.loads(suite_file.read_text())
        if task["scenario"].startswith("rbv2_")
    ]
    present, missing = [], sorted({scenario for scenario, _ in tasks})
    for scenario in list(missing):
        if scenario in INPUTS and (folder / scenario / "model.onnx").is_file():
            present.append(scenario)
            missing.remove(scenario)
    sessions, encodings = {}, {}

    def space_of(scenario):
        described = json.loads((folder / scenario / "config_space.json").read_text())
        conditions = {
            c["child"]: {c["parent"]: c["values"] if c["type"] == "IN" else [c["value"]]}
            for c in described["conditions"]
        }
        params = []
        for hyper in described["hyperparameters"]:
            name = hyper["name"]
            if name == "task_id" or name in FIDELITY:
                continue
            if hyper["type"] == "categorical":
                param = {"name": name, "kind": "choice", "options": hyper["choices"]}
            else:
                kind = "float" if hyper["type"] == "uniform_float" else "int"
                param = {"name": name, "kind": kind, "low": hyper["lower"], "high": hyper["upper"], "log": hyper["log"]}
            if name in conditions:
                param["when"] = conditions[name]
            params.append(param)
        # What a condition is about comes first.
        return sorted(params, key=lambda param: "when" in param)

    def value(scenario, instance, params):
        if scenario not in sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            sessions[scenario] = onnxruntime.InferenceSession(
                str(folder / scenario / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            encodings[scenario] = json.loads((folder / scenario / "encoding.json").read_text())
        session, encoding = sessions[scenario], encodings[scenario]
        continuous, categorical = INPUTS[scenario]
        given = {**params, **FIDELITY, "task_id": instance}
        x_cont = numpy.array([[given.get(name, 0) for name in [*continuous, *FIDELITY]]], dtype=numpy.float32)
        codes = [encoding[name][given.get(name, "#na#")] for name in categorical]
        x_cat = numpy.array([codes], dtype=numpy.int32)
        first, second = (each.name for each in session.get_inputs())
        (answers,) = session.run([session.get_outputs()[0].name], {first: x_cat, second: x_cont})
        return -float(answers[0][MODELS_OUTPUT])

    def answer(request):
        if "list" in request:
            problems = [
                {"scenario": scenario, "instance": instance, "space": space_of(scenario)}
                for scenario, instance in tasks
                if scenario in present
            ]
            version = (folder / "VERSION").read_text().strip() if (folder / "VERSION").is_file() else ""
            return {"version": f"YAHPO data {version}", "problems": problems, "missing": missing}
        return {"value": value(request["scenario"], request["instance"], request["params"])}

    return answer


answer = {"bbob-mixint": mixint, "yahpo": yahpo}[suite](*arguments)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
