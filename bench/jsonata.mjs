// Runs one JSONata expression at a time for the bench, and measures it. Commands come as lines of JSON: one with an expression
// is answered with its output, one with milliseconds with the processor time that one run takes.
import { createInterface } from 'node:readline';
import jsonata from 'jsonata';

let run;

function load({ source, tables, input }) {
  const expression = jsonata(source);
  // The whole of it: from text to text.
  run = async () => JSON.stringify(await expression.evaluate(JSON.parse(input), tables));
}

// As nanoseconds in measure.go, but without a collection of garbage beforehand: V8 would throw compiled code away with it.
async function measure(wanted) {
  for (let n = 1; ; ) {
    const before = process.cpuUsage();
    for (let i = 0; i < n; i++) await run();
    const used = process.cpuUsage(before);
    const took = (used.user + used.system) / 1000;
    if (took >= wanted * 0.75) return (took * 1e6) / n;
    n = Math.max(n + 1, Math.floor(n * Math.min(10, (1.1 * wanted) / Math.max(took, 0.001))));
  }
}

async function answer(command) {
  if (command.milliseconds) return { nanoseconds: await measure(command.milliseconds) };
  load(command);
  return { output: await run() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await answer(JSON.parse(line)).catch((error) => ({ error: String(error.message ?? error) }));
  process.stdout.write(JSON.stringify(result) + '\n');
}
