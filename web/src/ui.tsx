import type { Client } from "@structural/sdk";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { platformNames } from "./catalog.ts";
import { type Call, type Language, languages, snippet } from "./snippets.ts";

export interface Page {
  api: Client;
  language: Language;
  chooseLanguage: (language: Language) => void;
  /** Tells those who do not see the page what has happened. */
  announce: (message: string) => void;
}

export const PageContext = createContext<Page>(undefined!);
export const usePage = () => useContext(PageContext);

export function CopyButton({ text, children = "Copy", label }: { text: string; children?: ComponentChildren; label?: string }) {
  const { announce } = usePage();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button" class="quiet copy" aria-label={label}
      onClick={async () => {
        const done = await copy(text);
        setCopied(done);
        announce(done ? "Copied" : "Copying is not possible here");
      }}
    >
      {copied ? "Copied" : children}
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without TLS have no clipboard; this old way still works there.
    const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Gets the focus when a list has changed and what had the focus is gone. */
export function useFocusAfter<T extends HTMLElement>(changing: unknown) {
  const element = useRef<T>(null);
  const before = useRef(changing);
  useEffect(() => {
    if (before.current !== changing && document.activeElement === document.body) element.current?.focus();
    before.current = changing;
  }, [changing]);
  return element;
}

/** Whether there is room for code beside what it is about. */
export function roomy(): boolean {
  return matchMedia("(min-width: 70rem)").matches;
}

/** The request behind an action, as code. */
export function Code({ calls, open = false, title = "Request, as code" }: { calls: Call[]; open?: boolean; title?: string }) {
  return (
    <details class="code" open={open}>
      <summary>{title} <code>{calls[0]?.operation}</code></summary>
      {calls.map((call, index) => <Snippet key={index} call={call} caption={calls.length > 1 && "platform" in call ? platformNames[call.platform] : undefined} />)}
    </details>
  );
}

function Snippet({ call, caption }: { call: Call; caption: string | undefined }) {
  const { language, chooseLanguage } = usePage();
  const text = snippet(call, language, location.origin);
  return (
    <figure class="snippet">
      <figcaption>
        {caption && <strong>{caption}</strong>}
        <span class="languages" role="group" aria-label="Language">
          {(Object.keys(languages) as Language[]).map((name) => (
            <button key={name} type="button" class="quiet" aria-pressed={name === language} onClick={() => chooseLanguage(name)}>{name}</button>
          ))}
        </span>
        <CopyButton text={text} label={`Copy ${call.operation} in ${language}`} />
      </figcaption>
      <pre tabIndex={0} role="group" aria-label={`${call.operation} in ${language}`}><code>{text}</code></pre>
    </figure>
  );
}

export function Dialog({ title, onClose, wide = false, children }: { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const gone = useRef(false);
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      gone.current = true;
      dialog.current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog} class={wide ? "wide" : undefined} aria-labelledby="dialog-title"
      onClose={() => { if (!gone.current) onClose(); }}
      onMouseDown={(event) => { if (event.target === dialog.current) onClose(); }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="dialog-title" tabIndex={-1} autofocus>{title}</h2>
          <button type="button" class="quiet" onClick={onClose} aria-label="Close">✕</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** Asks before something is destroyed. */
export function Confirm({ title, children, action, busy, onConfirm, onClose }: {
  title: string; children: ComponentChildren; action: string; busy: boolean; onConfirm: () => void; onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div class="actions end">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" onClick={onConfirm} disabled={busy}>{busy ? "Working…" : action}</button>
      </div>
    </Dialog>
  );
}

export function Waiting({ children }: { children: ComponentChildren }) {
  return <p class="waiting"><span class="bar" aria-hidden="true" />{children}</p>;
}
