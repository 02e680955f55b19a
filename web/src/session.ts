import { type Client, createClient, type DemoSession } from "@structural/sdk";

export const baseUrl = "/api/v1";

const name = "structural.session";

/** The session of this tab: it outlives a reload, not the tab. */
export function storedSession(): DemoSession | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "") as DemoSession;
  } catch {
    return undefined;
  }
}

export function storeSession(session: DemoSession | undefined): void {
  try {
    if (session) sessionStorage.setItem(name, JSON.stringify(session));
    else sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing: the session ends with the page.
  }
}

/** Makes the client of a session. `gone` is called when the server does not know the key any more. */
export function clientOf(session: DemoSession | undefined, gone: () => void): Client {
  return createClient({
    baseUrl,
    apiKey: session?.api_key,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401 && session) gone();
      return response;
    },
  });
}
