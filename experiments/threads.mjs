// Jobs in threads, whose results are kept, with a progress bar; Ctrl-C ends after the jobs that are running.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Interrupted, listenForInterruption, progressBar } from "./experiment.mjs";

/**
 * Does jobs in threads of a module and returns their results in order. A job is `{key, text, message}`: what was kept
 * under its key is not done again. The module answers each message with `{failure}` or the result. The jobs that take
 * longest should be the last: they are begun first, so that none of them runs alone at the end.
 */
export async function inThreads(module, jobs, journal, threads) {
  const signals = listenForInterruption();
  const bar = progressBar(jobs.length);
  const waiting = jobs.filter(({ key }) => journal.get(key) === undefined);
  bar.increment(jobs.length - waiting.length, { text: "" });
  const work = async () => {
    const worker = new Worker(new URL(module, import.meta.url));
    try {
      for (let job = waiting.pop(); job !== undefined && !signals.interrupt.aborted; job = waiting.pop()) {
        worker.postMessage(job.message, []);
        const [{ failure, ...result }] = await once(worker, "message");
        if (failure !== undefined) throw new Error(failure);
        journal.put(job.key, result);
        bar.increment(1, { text: job.text });
      }
    } finally {
      await worker.terminate();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(threads, waiting.length) }, work));
  } finally {
    bar.stop();
    signals.close();
  }
  if (signals.interrupt.aborted) throw new Interrupted();
  return jobs.map(({ key }) => journal.get(key));
}
