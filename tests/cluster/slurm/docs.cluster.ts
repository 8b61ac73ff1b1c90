import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CURVEWISE, temporaryFolder } from "../../support/command-line.js";
import { runProgram } from "../../support/run-program.js";
import { expectAsUndisturbed, readLog, writeSpreadStudy } from "../../support/undisturbed.js";
import { startVirtualCluster } from "./virtual-cluster.js";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/cluster.md"), "utf8");
const scripts = [...page.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, script = ""]) => script);
const scriptWith = (text: string): string => {
  const [script, ...more] = scripts.filter((each) => each.includes(text));
  if (script === undefined || more.length > 0) throw new Error(`not one script has ${text}`);
  return script;
};

/** A folder with a study, the script, and a `curvewise` in the PATH. */
function prepare(script: string) {
  const folder = temporaryFolder();
  writeSpreadStudy(folder, { trials: 8 });
  mkdirSync(join(folder, "bin"));
  symlinkSync(CURVEWISE, join(folder, "bin", "curvewise"));
  writeFileSync(join(folder, "script.sh"), script, { mode: 0o700 });
  return { folder, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
}

describe("the scripts of the page about clusters", () => {
  it("has two of them", () => {
    expect(scripts).toHaveLength(2);
  });

  it("run as printed: a Slurm job", async () => {
    const cluster = await startVirtualCluster();
    onTestFinished(() => cluster.close());
    const { folder, PATH } = prepare(scriptWith("#SBATCH"));
    await runProgram("sbatch", ["--wait", "script.sh"], {
      cwd: folder,
      env: { ...cluster.environment, PATH },
    });
    expect(await readLog(folder)).not.toEqual([]);
    await expectAsUndisturbed(folder, 8);
  });

  it("run as printed: MPI", async () => {
    const { folder, PATH } = prepare(scriptWith("mpirun"));
    // What a container needs, where everything runs as root on few cores.
    const env = {
      PATH,
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      OMPI_MCA_rmaps_base_oversubscribe: "1",
    };
    await runProgram("bash", ["script.sh"], { cwd: folder, env });
    expect(await readLog(folder)).not.toEqual([]);
    await expectAsUndisturbed(folder, 8);
  });
});
