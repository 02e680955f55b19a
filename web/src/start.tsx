import { createDemoSession, type DemoSession } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { loadCatalog, platformNames, platforms } from "./catalog.ts";
import { Problem } from "./problem.tsx";
import { Code, roomy, usePage } from "./ui.tsx";
import { Amount } from "./values.tsx";

/** What there is to see before there is a session. */
export function Start({ notice, onBegin }: { notice: string | undefined; onBegin: (session: DemoSession) => void }) {
  const { api } = usePage();
  const [titles, setTitles] = useState<readonly string[]>([]); // what the platforms are called; none until the API has said it
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => said.current?.focus(), [notice]);
  useEffect(() => {
    loadCatalog(api).then(() => setTitles(platforms.map((platform) => platformNames[platform]!)), () => {}); // the page does without
  }, []);

  const begin = async () => {
    setBusy(true);
    setError(undefined);
    try {
      onBegin(await createDemoSession(api));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <>
      {notice && <p class="notice" tabIndex={-1} ref={said}>{notice}</p>}
      <section class="start">
        <div>
          <h1>The same payment stands in two systems. Change it once.</h1>
          <p class="lead">
            Builders run their projects in one system and their books in another: the same contract, invoice and payment, typed in
            twice, in two currencies and two vocabularies, and nobody knows which is right. Structural is the API
            between {listed(titles, "and") || "them"}.
          </p>
          {error !== undefined
            ? <Problem error={error} retry={begin} />
            : (
              <div class="actions">
                <button type="button" class="primary" onClick={begin} disabled={busy}>{busy ? "Creating the session…" : "Start a demo session"}</button>
              </div>
            )}
          <p class="fine">No sign-up. You get a key of your own, and the sample records of a contractor in the Gulf.</p>
        </div>
        <div>
          <Sample titles={titles} />
          <Code calls={[{ operation: "createDemoSession" }]} open={roomy()} />
        </div>
      </section>
      <ol class="steps">
        <li><h2>Connect</h2><p>{listed(titles, "or") || "One platform or more"}, in any order. Records of the same real-world thing become one object.</p></li>
        <li><h2>Compare</h2><p>All sides and their common form, side by side. Where they mean different things, it shows.</p></li>
        <li><h2>Change</h2><p>One change reaches all, money converted, or none: never twice, never over someone else’s change, never blind.</p></li>
      </ol>
      <section class="facts">
        <div>
          <h2>What it is</h2>
          <p>
            One integration for every connected platform. Nine kinds of records are translated both ways, exact to the digit, with nothing
            lost; what is the same on several platforms becomes one object, changed in one transaction, with a history.
          </p>
        </div>
        <div>
          <h2>What it is not</h2>
          <p>No store of record: {listed(titles, "and") || "the platforms"} are. No job that syncs on its own. No accounting system.</p>
        </div>
        <div>
          <h2>For developers</h2>
          <p>
            This page uses nothing but the API: each of its actions shows its request for curl, TypeScript and Go. Read and try
            the <a href="/docs">API reference</a>; the contract is <a href="/openapi.yaml">OpenAPI 3.1</a>.
          </p>
        </div>
      </section>
    </>
  );
}

/** A payment of the sandbox, as it stands in the first two platforms. */
function Sample({ titles }: { titles: readonly string[] }) {
  return (
    <figure class="sample">
      <figcaption>Payment CHK-2026-0101</figcaption>
      <dl>
        <div>
          <dt><i class="dot platform-1" />{titles[0] ?? "On site"}</dt>
          <dd><Amount currency="USD">1,700,000.00</Amount><span>Pending</span></dd>
          <dd class="between">1 USD = 3.64 QAR</dd>
        </div>
        <div>
          <dt><i class="dot platform-2" />{titles[1] ?? "In the books"}</dt>
          <dd><Amount currency="QAR">6,188,000.00</Amount><span>Open</span></dd>
        </div>
      </dl>
    </figure>
  );
}

/** Names in a sentence: one, two and three. */
function listed(names: readonly string[], word: "and" | "or"): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(` ${word} `);
}
