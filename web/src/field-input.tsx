import { useId } from "preact/hooks";
import type { Field } from "./catalog.ts";
import { inWords } from "./values.tsx";

/** A labelled input for a field. */
export function FieldInput({ field, text, error, currency, onText }: {
  field: Field; text: string; error: string | undefined; currency: string | undefined; onText: (text: string) => void;
}) {
  const id = useId();
  const common = { id, name: field.name, value: text, onInput: (event: { currentTarget: { value: string } }) => onText(event.currentTarget.value) };
  return (
    <div class={`field ${field.kind}`}>
      <label for={id}>{field.label}{currency && <span class="fine"> {currency}</span>}</label>
      {field.kind === "word"
        ? (
          <select {...common}>
            {!text && <option value="" />}
            {field.words?.map((word) => <option key={word} value={word}>{inWords(word)}</option>)}
          </select>
        )
        : field.kind === "date"
          ? <input {...common} type="date" />
          : (
            <input
              {...common} type="text" inputMode={field.kind === "money" ? "decimal" : "text"} autoComplete="off"
              aria-invalid={error ? true : undefined} aria-describedby={error ? `${id}-error` : undefined}
            />
          )}
      {error && <span class="field-error" id={`${id}-error`}>{error}</span>}
    </div>
  );
}
