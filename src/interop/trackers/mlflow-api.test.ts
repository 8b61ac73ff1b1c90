import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { mlflowApi } from "./mlflow-api.js";

/** What becomes of asking a server for an experiment that answers everything in the same way. */
async function outcomeOf(status: number, text: string): Promise<unknown> {
  const server = createServer((_, response) => response.writeHead(status).end(text)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  try {
    return await mlflowApi(`http://127.0.0.1:${address.port}`)
      .experiment("e")
      .catch((error: unknown) => error);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it.each([
  [
    200,
    "<html>\n<body>Hello",
    "TRACKER_ANSWER_INVALID",
    "answers otherwise than MLflow does: <html> <body>Hello",
  ],
  [200, "[1,2]", "TRACKER_ANSWER_INVALID", "answers otherwise than MLflow does: [1,2]"],
  [200, "", "TRACKER_ANSWER_INVALID", "answers otherwise than MLflow does"],
  [500, "<html>\n<body>Oh", "TRACKER_REFUSED", "HTTP 500 <html> <body>Oh"],
  [403, '{"error_code": "PERMISSION_DENIED", "message": "no"}', "TRACKER_REFUSED", "PERMISSION_DENIED no"],
])("an answer %d %s is one clear error", async (status, text, code, message) => {
  expect(await outcomeOf(status, text)).toMatchObject({
    name: "CurvewiseError",
    code,
    message: expect.stringContaining(message),
    hint: expect.any(String),
    kind: "failure",
  });
});
