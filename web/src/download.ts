import { type Client, StructuralError } from "@structural/sdk";

export const formats = {
  csv: { name: "CSV", type: "text/csv" },
  xlsx: { name: "XLSX", type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
};
export type Format = keyof typeof formats;

/** Saves the differences as a file. The key is in a header: an address is kept and shown in too many places. */
export async function downloadDifferences(api: Client, format: Format, query: Record<string, string | undefined>): Promise<void> {
  const search = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const response = await api.fetch!(`${api.baseUrl}/reconciliation/differences?${search}`, {
    headers: { Authorization: `Bearer ${api.apiKey}`, Accept: formats[format].type },
  });
  if (!response.ok) throw await failureOf(response);
  const address = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement("a"), { href: address, download: `differences.${format}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser has it by then
}

async function failureOf(response: Response): Promise<StructuralError> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: { type: StructuralError["type"]; message: string } };
  const wait = Number(response.headers.get("Retry-After"));
  return new StructuralError(
    response.status, error?.type ?? "", error?.message ?? `HTTP status ${response.status}`, response.headers.get("X-Request-ID") ?? undefined, wait || undefined, undefined,
  );
}
