import { StructuralError } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "./ui.tsx";

interface Action {
  label: string;
  run: () => void;
}

/** Says what went wrong, what it means, and what can be done. `changing` names what a change was about. */
export function Problem({ error, changing, retry, reload }: { error: unknown; changing?: string; retry?: () => void; reload?: () => void }) {
  const failure = error instanceof StructuralError ? error : undefined;
  const seconds = useCountdown(failure);
  const box = useRef<HTMLDivElement>(null);
  // Where the button that led here is gone, the focus is nowhere.
  useEffect(() => { if (document.activeElement === document.body) box.current?.focus(); }, [error]);
  const { title, advice, action } = explain(failure, { changing, retry, reload });
  return (
    <div class="problem" role="alert" tabIndex={-1} ref={box}>
      <p><strong>{title}</strong>{advice && <> {advice}</>}</p>
      {failure && <p>The API says: <q>{failure.message}</q></p>}
      {!failure && error instanceof Error && !(error instanceof TypeError) && <p>{error.message}</p>}
      <div class="actions">
        {action && (
          <button type="button" onClick={action.run} disabled={seconds > 0}>
            {seconds > 0 ? `${action.label} in ${seconds} s` : action.label}
          </button>
        )}
        {failure?.requestId && (
          <span class="fine">
            Request <code>{failure.requestId}</code> <CopyButton text={failure.requestId} label="Copy the request id" />
          </span>
        )}
      </div>
    </div>
  );
}

function explain(
  failure: StructuralError | undefined, { changing, retry, reload }: { changing?: string; retry?: () => void; reload?: () => void },
): { title: string; advice?: string; action?: Action } {
  const again: Action | undefined = retry && { label: "Try again", run: retry };
  // With its Idempotency-Key a change is made once, however often it is sent.
  const safe = changing && retry ? "It is not known whether the change was made. Trying again is safe: it is made once." : undefined;
  if (!failure) return { title: "No answer from the server.", advice: safe ?? "Check the connection.", action: again };
  switch (failure.status) {
    case 400:
    case 422:
      return { title: "This is not accepted; nothing was changed." };
    case 401:
      return { title: "This session does not exist any more." };
    case 404:
      return { title: "This record is not there any more.", advice: "Its platform may have been connected anew." };
    case 409:
      // What people decide: the API says what stands against it.
      if (!again) return { title: "This is not possible now; nothing was changed." };
      return { title: "Another request is working on this.", advice: "Wait a moment.", action: again };
    case 412:
      return {
        title: `Someone else changed this ${changing ?? "record"} since you opened it.`,
        advice: "Nothing was written. Reload to see what it is now; what you typed stays.",
        action: reload && { label: "Reload", run: reload },
      };
    case 429:
      return {
        title: "Too many requests.",
        advice: `Wait ${failure.retryAfter ?? 60} seconds${changing ? "; nothing was written" : ""}.`,
        action: again,
      };
    default:
      return failure.status >= 500
        ? { title: "The server has failed.", advice: safe ?? "Try again in a moment; if it stays like this, quote the request.", action: again }
        : { title: "This was refused." };
  }
}

/** Seconds until the next request may be sent; 0 if it may be now. */
function useCountdown(failure: StructuralError | undefined): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const until = Date.now() + 1000 * (failure?.retryAfter ?? 0);
    const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000));
    setSeconds(left());
    if (!left()) return;
    const timer = setInterval(() => {
      setSeconds(left());
      if (!left()) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [failure]);
  return seconds;
}
