// Peers' samplers, each in a Python process of its own that is asked and told.
import { join } from "node:path";
import { peersPython } from "../machine.mjs";
import { lineProcess } from "./line-process.mjs";

const FOLDER = join(import.meta.dirname, "..", "peers-python");

/** By the name for `--samplers`: the title, and the file of its requirements. */
export const PEERS = {
  "optuna-tpe": { title: "Optuna TPE", needs: "functions" },
  "optuna-gp": { title: "Optuna GP", needs: "functions" },
  "optuna-cmaes": { title: "Optuna CMA-ES", needs: "functions" },
  "optuna-auto": { title: "OptunaHub AutoSampler", needs: "functions" },
  smac: { title: "SMAC3", needs: "functions" },
  hebo: { title: "HEBO", needs: "functions-hebo" },
};

const environments = new Map();

/** The Python with these requirements, installed on the first call; throws if that fails. */
export function pythonFor(needs) {
  if (!environments.has(needs))
    environments.set(needs, peersPython(join(FOLDER, `requirements-${needs}.txt`), `peers-${needs}`));
  const python = environments.get(needs);
  if (python === undefined) throw new Error(`requirements-${needs}.txt could not be installed`);
  return python;
}

/** Uses an environment that is there already. */
export function usePython(needs, python) {
  environments.set(needs, python);
}

const processes = new Map();

/** Runs one study through a peer. As for ours, what it answers with are its values and the processor time. */
export async function runPeer({ space, evaluate }, peer, seed, trials, { limit, optunahub }) {
  const { needs } = PEERS[peer];
  const args = [join(FOLDER, "function_peers.py"), peer, ...(optunahub === undefined ? [] : [optunahub])];
  const known = processes.get(peer) ?? lineProcess(pythonFor(needs), args, limit);
  processes.set(peer, known);
  try {
    const { version } = await known.ask({ start: { space, seed, trials } });
    const values = [];
    let milliseconds = 0;
    const begun = performance.now();
    for (let value = null; ; value = values.at(-1)) {
      const answer = await known.ask({ tell: value });
      milliseconds = answer.milliseconds;
      if (values.length === trials || performance.now() - begun > limit) break;
      values.push(await evaluate(answer.params, seed));
    }
    return { values, milliseconds, version };
  } catch (error) {
    known.close();
    processes.delete(peer);
    throw error;
  }
}

export function closePeers() {
  for (const { close } of processes.values()) close();
}
