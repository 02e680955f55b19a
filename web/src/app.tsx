import type { DemoSession } from "@structural/sdk";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { loadCatalog } from "./catalog.ts";
import { Problem } from "./problem.tsx";
import { clientOf, storedSession, storeSession } from "./session.ts";
import type { Language } from "./snippets.ts";
import { Start } from "./start.tsx";
import { PageContext, usePage, Waiting } from "./ui.tsx";
import { Workspace } from "./workspace.tsx";

export function App() {
  const [session, setSession] = useState(storedSession);
  const [fresh, setFresh] = useState(false); // made just now: its key is to be shown
  const [notice, setNotice] = useState<string>();
  const [language, chooseLanguage] = useState<Language>("curl");
  const [announcement, announce] = useState("");

  const begin = (made: DemoSession) => {
    storeSession(made);
    setFresh(true);
    setNotice(undefined);
    setSession(made);
    announce("Demo session created");
  };
  const end = (message: string) => {
    storeSession(undefined);
    setSession(undefined);
    setNotice(message);
    history.replaceState(null, "", location.pathname);
  };
  const api = useMemo(
    () => clientOf(session, () => end("The session does not exist any more: it was deleted, or was too old. Begin another one.")),
    [session],
  );

  return (
    <PageContext.Provider value={{ api, language, chooseLanguage, announce }}>
      <header class="site">
        <a class="brand" href="/"><Mark />Structural</a>
        <nav aria-label="Reference">
          <a href="/docs">API reference</a>
          <a href="/openapi.yaml">openapi.yaml</a>
        </nav>
      </header>
      <main>
        {session
          ? <Catalog><Workspace key={session.api_key} session={session} fresh={fresh} onEnd={end} /></Catalog>
          : <Start notice={notice} onBegin={begin} />}
      </main>
      <footer class="site">
        <p>Demo sessions have sample data: nothing here reaches a real platform.</p>
        <p>Apache-2.0</p>
      </footer>
      <div role="status" class="unseen">{announcement}</div>
    </PageContext.Provider>
  );
}

/** Shows what is inside it once the API has said which platforms there are. */
function Catalog({ children }: { children: ComponentChildren }) {
  const { api } = usePage();
  const [loaded, setLoaded] = useState(false);
  const [error, setError] = useState<unknown>();
  const load = () => {
    setError(undefined);
    loadCatalog(api).then(() => setLoaded(true), setError);
  };
  useEffect(load, []);
  if (loaded) return <>{children}</>;
  return error !== undefined ? <Problem error={error} retry={load} /> : <Waiting>Reading the platforms…</Waiting>;
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <path d="M4 2v18M18 2v18M4 11h14" fill="none" stroke="currentColor" stroke-width="3.5" />
    </svg>
  );
}
