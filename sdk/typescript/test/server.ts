import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { connectPlatform, createClient, createDemoSession, type Client } from "@structural/sdk";

/** The folder of sdk/typescript. */
export const folder = fileURLToPath(new URL("..", import.meta.url));

/** Builds the program of this repository, and serves with it while the tests of the calling file run. */
async function start(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "structural-sdk-"));
  chmodSync(dir, 0o755); // PostgreSQL may run as another user
  const binary = join(dir, "structural");
  execFileSync("go", ["build", "-o", binary, "./cmd/structural"], { cwd: join(folder, "../.."), stdio: "inherit" });
  const server = spawn(binary, ["serve"], {
    env: {
      ...process.env, ADDR: "127.0.0.1:0", LOG_FORMAT: "json", TRUSTED_PROXIES: "127.0.0.1",
      DATABASE_URL: "", REDIS_URL: "", DATA_DIR: join(dir, "data"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => server.on("close", () => resolve()));
  after(async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  return new Promise((resolve, reject) => {
    let log = "";
    createInterface({ input: server.stderr })
      .on("line", (line) => {
        log += line + "\n";
        if (line.includes('"msg":"serving"')) resolve((JSON.parse(line) as { url: string }).url);
      })
      .on("close", () => reject(new Error("the program ended at its start: " + log)));
  });
}

export const baseUrl = await start();

/** A client with a session of its own in which both platforms are connected. At most 5 a minute. */
export async function newApi(): Promise<Client> {
  const session = await createDemoSession(createClient({ baseUrl }));
  const api = createClient({ baseUrl, apiKey: session.api_key });
  await connectPlatform(api, { platform: "dynamics" });
  await connectPlatform(api, { platform: "procore" });
  return api;
}
