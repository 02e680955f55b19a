import type { DecisionWord, Patch, Platform, PropagateOptions, RecordName, StoredEntityType } from "@structural/sdk";
import { baseUrl } from "./session.ts";

/** A request that the page makes, to be shown as code. */
export type Call =
  | { operation: "createDemoSession" | "deleteDemoSession" }
  | { operation: "connectPlatform"; platform: Platform }
  | ({ operation: "getObjects" | "getReconciliation" | "getReconciliationDifferences" | "getMatches" | "getMatchDecisions" | "getRetainageReport" } & Asked)
  | { operation: "acceptDifference"; id: string; field: string; note?: string }
  | { operation: "createMatchDecision"; type: StoredEntityType; decision: DecisionWord; records: RecordName[] }
  | { operation: "deleteAcceptedDifference" | "deleteMatchDecision"; id: string }
  | { operation: "getObject" | "getObjectHistory"; id: string }
  | ({ operation: "propagateChange"; id: string; type: StoredEntityType; data: Patch; dryRun?: boolean } & Pick<PropagateOptions, "ifMatch" | "idempotencyKey">);

/** Which records are asked for. */
interface Asked {
  type?: StoredEntityType;
  project?: string;
  customer?: string;
  state?: string;
}

export const languages = { curl, TypeScript: typescript, Go: go };
export type Language = keyof typeof languages;

/** Writes a call in a language. It runs as it is, with the API key in the environment variable KEY. */
export function snippet(call: Call, language: Language, origin: string): string {
  return languages[language](call, origin + baseUrl);
}

function propagateBody(call: Call & { operation: "propagateChange" }) {
  return { format: "canonical", entity_type: call.type, canonical_id: call.id, data: call.data, ...(call.dryRun && { dry_run: true }) };
}

const readPaths = {
  getObjects: "/objects", getReconciliation: "/reconciliation", getReconciliationDifferences: "/reconciliation/differences", getMatches: "/matches",
  getMatchDecisions: "/matches/decisions", getRetainageReport: "/reconciliation/retainage",
};

/** The query of a call that reads, by the names of the parameters. */
function queryOf({ operation, type, project, customer, state }: Asked & { operation: string }): [name: string, value: string][] {
  const query = { ...(operation === "getObjects" && { view: "canonical" }), entity_type: type, project_id: project, customer_id: customer, state };
  return Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

function decisionBody({ type, decision, records }: Call & { operation: "createMatchDecision" }) {
  return { entity_type: type, decision, records };
}

/** A value as TypeScript is written: the names of an object's members without quotes. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/^( *)"(\w+)":/gm, "$1$2:");
}

function curl(call: Call, base: string): string {
  const request = (method: string, path: string, headers: string[] = [], body?: unknown) =>
    [
      `curl -s${method === "GET" ? "" : ` -X ${method}`} '${base}${path}'`,
      '-H "Authorization: Bearer $KEY"',
      ...[...headers, ...(body ? ["Content-Type: application/json"] : [])].map((header) => `-H '${header}'`),
      ...(body ? [`-d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`] : []),
    ].join(" \\\n  ");

  switch (call.operation) {
    case "createDemoSession":
      return `export KEY=$(curl -s -X POST '${base}/demo/session' | grep -o 'sk_demo_[A-Za-z0-9]*')\necho $KEY`;
    case "deleteDemoSession":
      return request("DELETE", "/demo/session");
    case "connectPlatform":
      return request("POST", "/connect", [], { platform: call.platform });
    case "getObjects":
    case "getReconciliation":
    case "getReconciliationDifferences":
    case "getMatches":
    case "getMatchDecisions":
    case "getRetainageReport": {
      const query = queryOf(call).map(([name, value]) => `${name}=${value}`).join("&");
      return request("GET", readPaths[call.operation] + (query && `?${query}`));
    }
    case "acceptDifference":
      return request("POST", "/reconciliation/accepted", [], { canonical_id: call.id, field: call.field, note: call.note });
    case "deleteAcceptedDifference":
      return request("DELETE", `/reconciliation/accepted/${call.id}`);
    case "createMatchDecision":
      return request("POST", "/matches/decisions", [], decisionBody(call));
    case "deleteMatchDecision":
      return request("DELETE", `/matches/decisions/${call.id}`);
    case "getObject":
      return request("GET", `/objects/${call.id}`);
    case "getObjectHistory":
      return request("GET", `/objects/${call.id}/history`);
    case "propagateChange":
      return request(
        "POST", "/propagate",
        [
          ...(call.ifMatch ? [`If-Match: "${call.ifMatch}"`] : []),
          ...(call.idempotencyKey ? [`Idempotency-Key: ${call.idempotencyKey}`] : []),
        ],
        propagateBody(call),
      );
  }
}

const typescriptPrints = {
  getObjects: "for (const object of answer.data) console.log(object.canonical_id, object.data, object.mappings);",
  getReconciliation: "for (const entity of answer.entities) console.log(entity.entity_type, entity.matched, entity.disagreeing, entity.totals);",
  getReconciliationDifferences: "for (const difference of answer.data) console.log(difference.label, difference.field, difference.values);",
  getMatches: "for (const match of answer.data) console.log(match.label, match.state, match.candidates);",
  getMatchDecisions: "for (const decision of answer.data) console.log(decision.id, decision.decision, decision.records);",
  getRetainageReport: "for (const contract of answer.contracts) console.log(contract.contract_label, contract.held);",
};

function typescript(call: Call, base: string): string {
  const name = call.operation === "getObjects" ? "getCanonicalObjects" : call.operation;
  const program = (line: string, apiKey = ", apiKey: process.env.KEY") =>
    `import { createClient, ${name} } from "@structural/sdk";

const api = createClient({ baseUrl: "${base}"${apiKey} });
${line}`;

  switch (call.operation) {
    case "createDemoSession":
      return program("const session = await createDemoSession(api);\nconsole.log(session.api_key);", "");
    case "deleteDemoSession":
      return program("await deleteDemoSession(api);");
    case "connectPlatform":
      return program(`const connected = await connectPlatform(api, { platform: "${call.platform}" });\nconsole.log(connected.entities);`);
    case "getObjects":
    case "getReconciliation":
    case "getReconciliationDifferences":
    case "getMatches":
    case "getMatchDecisions":
    case "getRetainageReport": {
      const query = queryOf(call).filter(([parameter]) => parameter !== "view").map(([parameter, value]) => `${parameter}: "${value}"`).join(", ");
      return program(`const answer = await ${name}(api${query && `, { ${query} }`});\n${typescriptPrints[call.operation]}`);
    }
    case "acceptDifference":
      return program(`const difference = await acceptDifference(api, ${literal({ canonical_id: call.id, field: call.field, note: call.note })});\nconsole.log(difference.accepted);`);
    case "createMatchDecision":
      return program(`const decision = await createMatchDecision(api, ${literal(decisionBody(call))});\nconsole.log(decision.id, decision.canonical_ids);`);
    case "deleteAcceptedDifference":
    case "deleteMatchDecision":
      return program(`await ${call.operation}(api, "${call.id}");`);
    case "getObject":
      return program(`const object = await getObject(api, "${call.id}");\nconsole.log(object.version, object.data, object.platform_data);`);
    case "getObjectHistory":
      return program(`const history = await getObjectHistory(api, "${call.id}");\nfor (const change of history.data) console.log(change.changed_at, change.changes);`);
    case "propagateChange": {
      const options = [
        ...(call.ifMatch ? [`ifMatch: ${call.ifMatch}`] : []),
        ...(call.idempotencyKey ? [`idempotencyKey: "${call.idempotencyKey}"`] : []),
      ];
      return program(
        `const change = await propagateChange(api, ${literal(propagateBody(call))}${options.length ? `, { ${options.join(", ")} }` : ""});\n` +
          "for (const [platform, { updated_fields, data }] of Object.entries(change.propagated)) console.log(platform, updated_fields, data);",
      );
    }
  }
}

function go(call: Call, base: string): string {
  const program = (lines: string, options = ', structural.WithAPIKey(os.Getenv("KEY"))') => {
    const imports = ["context", ...(lines.includes("fmt.") ? ["fmt"] : []), ...(options ? ["os"] : [])];
    return `package main

import (
${imports.map((name) => `\t"${name}"`).join("\n")}

	structural "structural.app/structural/sdk/go"
)

func main() {
	ctx := context.Background()
	api := structural.New("${base}"${options})
${lines.replace(/^(?=.)/gm, "\t")}
}`;
  };
  const failing = (assignment: string, print: string) => `${assignment}\nif err != nil {\n\tpanic(err)\n}\n${print}`;
  const constant = (prefix: string, word: string) => `structural.${prefix}${word[0]!.toUpperCase()}${word.slice(1)}`;

  switch (call.operation) {
    case "createDemoSession":
      return program(failing("session, err := api.CreateDemoSession(ctx)", "fmt.Println(session.APIKey)"), "");
    case "deleteDemoSession":
      return program("if err := api.DeleteDemoSession(ctx); err != nil {\n\tpanic(err)\n}");
    case "connectPlatform":
      return program(failing(
        `connected, err := api.ConnectPlatform(ctx, structural.ConnectRequest{Platform: ${constant("Platform", call.platform)}})`,
        "fmt.Println(connected.Entities)",
      ));
    case "getObjects":
    case "getReconciliation":
    case "getReconciliationDifferences":
    case "getMatches":
    case "getMatchDecisions":
    case "getRetainageReport":
      return program(failing(`answer, err := api.${goReads[call.operation].method}(ctx, ${goParams(call)})`, goReads[call.operation].print));
    case "acceptDifference":
      return program(failing(
        `difference, err := api.AcceptDifference(ctx, structural.AcceptDifferenceRequest{\n\tCanonicalID: "${call.id}",\n\tField:       ${JSON.stringify(call.field)},\n` +
          `${call.note ? `\tNote:        ${JSON.stringify(call.note)},\n` : ""}})`,
        "fmt.Println(difference.Accepted)",
      ));
    case "createMatchDecision": {
      const records = call.records.map(({ platform, platform_id }) => `\t\t{Platform: ${constant("Platform", platform)}, PlatformID: ${JSON.stringify(platform_id)}},\n`).join("");
      return program(failing(
        `decision, err := api.CreateMatchDecision(ctx, structural.MatchDecisionRequest{\n\tEntityType: ${constant("StoredEntityType", call.type)},\n` +
          `\tDecision:   ${constant("DecisionWord", call.decision)},\n\tRecords: []structural.RecordName{\n${records}\t},\n})`,
        "fmt.Println(decision.ID, decision.Records)",
      ));
    }
    case "deleteAcceptedDifference":
      return program(`if err := api.DeleteAcceptedDifference(ctx, "${call.id}"); err != nil {\n\tpanic(err)\n}`);
    case "deleteMatchDecision":
      return program(`if err := api.DeleteMatchDecision(ctx, "${call.id}"); err != nil {\n\tpanic(err)\n}`);
    case "getObject":
      return program(failing(`object, err := api.GetObject(ctx, "${call.id}")`, "fmt.Println(object.Version, object.Mappings)"));
    case "getObjectHistory":
      return program(failing(
        `history, err := api.GetObjectHistory(ctx, "${call.id}", structural.GetObjectHistoryParams{})`,
        "for _, change := range history.Data {\n\tfor _, c := range change.Changes {\n\t\tfmt.Println(change.ChangedAt, c.Field, string(c.From), string(c.To))\n\t}\n}",
      ));
    case "propagateChange": {
      const options = [
        ...(call.ifMatch ? [`structural.IfMatch(${call.ifMatch})`] : []),
        ...(call.idempotencyKey ? [`structural.IdempotencyKey("${call.idempotencyKey}")`] : []),
      ];
      const width = Math.max(...Object.keys(call.data).map((name) => name.length)); // as gofmt aligns them
      const patch = Object.entries(call.data).map(([name, value]) => `\t\t${`"${name}":`.padEnd(width + 4)}${goValue(value)},\n`).join("");
      return program(failing(
        `change, err := api.PropagateChange(ctx, structural.PropagateRequest{
	Format:      structural.PropagateFormatCanonical,
	EntityType:  ${constant("StoredEntityType", call.type)},
	CanonicalID: "${call.id}",
	Data: structural.Patch{
${patch}	},
${call.dryRun ? "	DryRun: true,\n" : ""}}${options.map((option) => `, ${option}`).join("")})`,
        "for platform, record := range change.Propagated {\n\tfmt.Println(platform, record.UpdatedFields, string(record.Data))\n}",
      ));
    }
  }
}

const goReads = {
  getObjects: { method: "GetCanonicalObjects", params: "GetObjectsParams", print: "for _, object := range answer.Data {\n\tfmt.Println(object.CanonicalID, object.Mappings)\n}" },
  getReconciliation: { method: "GetReconciliation", params: "ReportFilter", print: "for _, entity := range answer.Entities {\n\tfmt.Println(entity.EntityType, entity.Matched, entity.Disagreeing, entity.Totals)\n}" },
  getReconciliationDifferences: {
    method: "GetReconciliationDifferences", params: "GetReconciliationDifferencesParams",
    print: "for _, difference := range answer.Data {\n\tfmt.Println(difference.Label, difference.Field, difference.Values)\n}",
  },
  getMatches: { method: "GetMatches", params: "GetMatchesParams", print: "for _, match := range answer.Data {\n\tfmt.Println(match.Label, match.State, match.Candidates)\n}" },
  getMatchDecisions: {
    method: "GetMatchDecisions", params: "GetMatchDecisionsParams",
    print: "for _, decision := range answer.Data {\n\tfmt.Println(decision.ID, decision.Decision, decision.Records)\n}",
  },
  getRetainageReport: { method: "GetRetainageReport", params: "ReportFilter", print: "for _, contract := range answer.Contracts {\n\tfmt.Println(contract.ContractLabel, contract.Held)\n}" },
};

/** The parameters of a call that reads; those of the list of differences are in a filter of their own. */
function goParams({ operation, type, project, customer, state }: Asked & { operation: keyof typeof goReads }): string {
  const word = (text: string) => `"${text}"`;
  const filter = [
    type && `EntityType: ${word(type)}`, project && `ProjectID: ${word(project)}`, customer && `CustomerID: ${word(customer)}`,
  ].filter(Boolean).join(", ");
  const { params } = goReads[operation];
  if (operation !== "getReconciliationDifferences") return `structural.${params}{${filter}}`;
  return `structural.${params}{${[filter && `ReportFilter: structural.ReportFilter{${filter}}`, state && `State: ${word(state)}`].filter(Boolean).join(", ")}}`;
}

/** Values of a patch that this page makes: text, money, or nothing. */
function goValue(value: unknown): string {
  if (value === null) return "nil";
  if (typeof value === "string") return JSON.stringify(value);
  const { amount, currency } = value as { amount: number; currency: string };
  return `structural.Money{Amount: ${amount}, Currency: "${currency}"}`;
}
