// The Slack emulator, for test after test: each line of standard input is a seed, and is answered with the address of a
// new workspace in place of the last. It ends with its standard input, and so with whoever started it.
import { createInterface } from "node:readline";
import { createEmulator } from "emulate";

let workspace;
for await (const line of createInterface({ input: process.stdin })) {
  await workspace?.close();
  workspace = await createEmulator({ service: "slack", port: 0, seed: JSON.parse(line) });
  console.log(workspace.url);
}
process.exit();
