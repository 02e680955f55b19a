import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { baseUrl, folder } from "./server.js";

test("what the README shows compiles and runs", async () => {
  const [first, second] = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
  const dir = join(folder, "build/readme");
  mkdirSync(dir, { recursive: true });
  const source = join(dir, "readme.ts");
  // The second example asks for what the first one made, before that is deleted.
  const [begin, end] = first!.split(/(?=await deleteDemoSession)/);
  writeFileSync(source, (begin! + second! + end!).replace("http://localhost:8080/api/v1", baseUrl) + "\nconsole.log('end');\n");

  const program = ts.createProgram([source], {
    strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, types: ["node"], typeRoots: [join(folder, "node_modules/@types")],
  });
  const { diagnostics } = program.emit();
  assert.deepEqual([...ts.getPreEmitDiagnostics(program), ...diagnostics].map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n")), []);

  const log = mock.method(console, "log", () => {});
  await import(pathToFileURL(join(dir, "readme.js")).href);
  log.mock.restore();
  const printed = log.mock.calls.map((call) => call.arguments as unknown[]);
  assert.deepEqual(printed[0], ["pay_NvmMc888X6CLDxl", "CHK-2026-0101", 170000000]);
  assert.equal(printed[8]?.[0], -6370000);
  assert.equal((printed[9]?.[0] as unknown[]).length, 1);
  assert.deepEqual(printed[10]?.slice(0, 2), [404, "No such object"]);
  assert.deepEqual(printed[11], ["end"]);
});
