// Prints, when the process that imports it ends, the URL of every module that was loaded, one a line on standard error:
//   node --import ./print-modules.mjs program.mjs
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const hooks = `
  let port;
  export const initialize = (given) => { port = given; };
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
`;
const { port1, port2 } = new MessageChannel();
port1.unref();
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });

process.on("exit", () => {
  const loaded = new Set();
  for (let sent = receiveMessageOnPort(port1); sent !== undefined; sent = receiveMessageOnPort(port1))
    loaded.add(sent.message);
  // What CommonJS modules require passes by the hooks.
  for (const path of Object.keys(createRequire(import.meta.url).cache)) loaded.add(pathToFileURL(path).href);
  process.stderr.write([...loaded].map((url) => `${url}\n`).join(""));
});
