import type { LostField, PlatformRequest, PropagateResult } from "@structural/sdk";
import { type Entity, platformNames, platforms } from "./catalog.ts";
import type { Row } from "./records.ts";
import { Changes, changesBetween, currenciesOf, Dot } from "./values.tsx";

/** What a change makes of each platform's record, before and after. */
export function Effect({ result, row, entity }: { result: PropagateResult; row: Row; entity: Entity }) {
  return (
    <div class="effect">
      {platforms.map((platform) => {
        const record = result.propagated[platform];
        if (!record) return null;
        const changes = changesBetween(row.records[platform], record.data);
        return (
          <div key={platform} class="part" data-platform={platform}>
            <h4>
              <Dot side={platform} />{platformNames[platform]}
              {record.conversions.map(({ from, to, rate }) => <span key={from + to} class="rate">1 {from} = {rate} {to}</span>)}
            </h4>
            {changes.length ? <Changes changes={changes} currencyOf={currenciesOf(row, entity.fields, platform)} /> : <p class="fine">Stays as it is.</p>}
            {record.requests?.map((request, index) => <Sent key={index} request={request} />)}
            {record.lost.map((lost) => <p key={lost.field} class="lost">{explainLost(lost, entity, platformNames[platform]!)}</p>)}
          </div>
        );
      })}
      {result.skipped.map(({ platform }) => <p key={platform} class="fine">{platformNames[platform]} has no record of it, and is left alone.</p>)}
    </div>
  );
}

/** What would be sent to a platform's own API, and what is missing in it. */
function Sent({ request }: { request: PlatformRequest }) {
  return (
    <details class="code sent">
      <summary>Would be sent: <code>{request.method} {request.path}</code></summary>
      <pre tabIndex={0}><code>{JSON.stringify(request.body, null, 2)}</code></pre>
      {request.missing.map(({ field, reason }) => <p key={field} class="lost">{`${field} is missing: ${missingReasons[reason] ?? reason}.`}</p>)}
    </details>
  );
}

const missingReasons: Record<string, string> = {
  not_in_record: "the record does not say it",
  not_in_settings: "the settings of the connection do not say it",
  other_currency: "the platform takes it in its own currency alone",
};

function explainLost({ field, reason }: LostField, entity: Entity, platform: string): string {
  const label = (entity.fields.find(({ name }) => `/${name}` === field)?.label ?? field).toLowerCase();
  switch (reason) {
    case "no_field":
      return `${platform} has no field for the ${label}.`;
    case "no_counterpart":
      return `${platform} has no word for this ${label}; what it has stays.`;
    case "approximated":
      return `${platform} has no such ${label}; it gets the closest one.`;
    case "too_long":
      return `The ${label} is too long for ${platform}; what it has stays.`;
    case "closed":
      return `${platform} has closed this record, and takes no other ${label}; what it has stays.`;
    default:
      return `${platform} does not keep the ${label}: ${reason}.`;
  }
}
