import { getConnections, type StoredEntityType } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Connections, type Filter, listRows, type Row, type Rows } from "./records.ts";
import { readReport, readSuggestions, type Report, type Suggestions } from "./report.ts";
import { usePage } from "./ui.tsx";

/** What the API has said of the customer's records. */
interface Loaded {
  connections: Connections;
  /** Absent while nothing is connected. */
  report?: Report;
  suggestions?: Suggestions;
}

/** Reads the report, and the records that are looked at; those of other kinds when they are. What was there stays until then. */
export function useLoaded(filter: Filter, type: StoredEntityType) {
  const { api } = usePage();
  const [loaded, setLoaded] = useState<Loaded>();
  const [rows, setRows] = useState<Rows>({});
  const [error, setError] = useState<unknown>();
  const [loads, setLoads] = useState(0); // counts up whenever all is to be read anew
  const waiting = useRef<(() => void)[]>([]); // called when all is read anew

  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const load = async () => {
      const listed = (await getConnections(api, { signal })).connections;
      const connections = Object.fromEntries(listed.map((connection) => [connection.platform, connection]));
      const [report, suggestions, page] = listed.length
        ? await Promise.all([readReport(api, filter, signal), readSuggestions(api, filter, signal), listRows(api, type, filter, signal)])
        : [];
      signal.throwIfAborted();
      setLoaded({ connections, report, suggestions });
      setRows(page ? { [type]: page } : {});
      setError(undefined);
    };
    load().catch((failure) => { if (!signal.aborted) setError(failure); }).finally(() => {
      if (!signal.aborted) waiting.current.splice(0).forEach((resolve) => resolve());
    });
    return () => abort.abort();
  }, [loads, filter.project, filter.customer]);

  useEffect(() => {
    if (!loaded?.report || rows[type]) return;
    const abort = new AbortController();
    listRows(api, type, filter, abort.signal).then(
      (page) => setRows((all) => ({ ...all, [type]: page })), (failure) => { if (!abort.signal.aborted) setError(failure); },
    );
    return () => abort.abort();
  }, [type, loaded, rows]);

  const again = () => {
    setError(undefined);
    setLoads((count) => count + 1);
  };
  const more = async () => {
    try {
      const page = await listRows(api, type, filter, undefined, rows[type]!.nextCursor);
      setRows((all) => ({ ...all, [type]: { ...page, rows: [...all[type]!.rows, ...page.rows] } }));
    } catch (failure) {
      setError(failure);
    }
  };
  return {
    loaded, rows, error, again, more,
    /** Reads all anew, and is done when it is there. */
    reloaded: () => new Promise<void>((resolve) => { waiting.current.push(resolve); again(); }),
    /** Reads anew what a change of one record changes, but for the record. */
    refresh: async () => {
      const report = await readReport(api, filter);
      setLoaded((before) => before && { ...before, report });
    },
    /** Puts a record that was read in the place of what it was. */
    replace: (row: Row) => setRows((all) => {
      const page = all[row.type];
      return page ? { ...all, [row.type]: { ...page, rows: page.rows.map((other) => (other.id === row.id ? row : other)) } } : all;
    }),
  };
}
