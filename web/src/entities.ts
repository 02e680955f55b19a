import type {
  CanonicalContract, CanonicalCustomer, CanonicalInvoice, CanonicalPayment, CanonicalProject, CanonicalObject, Platform, StoredEntityType,
} from "@structural/sdk";

/** A field that the page shows, and where each platform keeps it. docs/fields.md has all that there are. */
export interface Field {
  /** In the canonical object. */
  name: string;
  label: string;
  kind: "money" | "word" | "date" | "text";
  /** Path in the platform's own record. */
  at: Record<Platform, string>;
  /** The words it may have, for kind "word". */
  words?: readonly string[];
  /** Whether the table has it, next to the record's title. */
  column?: boolean;
  /** Whether it can be changed here. */
  editable?: boolean;
  /** Names and numbers are spelled in many ways: what is no letter or digit, case and accents do not count. */
  loose?: boolean;
}

export interface Entity {
  type: StoredEntityType;
  one: string;
  many: string;
  /** Fields of the canonical object that head a row: what people call the record, and what it is. */
  key: string;
  title: string;
  fields: readonly Field[];
}

type Kind = Pick<Field, "kind" | "words">;
const money: Kind = { kind: "money" };
const date: Kind = { kind: "date" };
const text: Kind = { kind: "text" };

/** The type checker sees to it that these are all the words of T. */
function word<T extends string>(words: Record<T, true>): Kind {
  return { kind: "word", words: Object.keys(words) };
}

type Status<T extends { status?: string }> = NonNullable<T["status"]>;

function field<T extends CanonicalObject>(
  name: keyof T & string, label: string, kind: Kind, procore: string, dynamics: string, more: Pick<Field, "column" | "editable" | "loose"> = {},
): Field {
  return { name, label, ...kind, at: { procore, dynamics }, ...more };
}

const column = { column: true, editable: true };
const editable = { editable: true };

export const entities: readonly Entity[] = [
  {
    type: "project", one: "Project", many: "Projects", key: "number", title: "name",
    fields: [
      field<CanonicalProject>("total_value", "Value", money, "total_value", "contractTotalPrice", column),
      field<CanonicalProject>(
        "status", "Status", word<Status<CanonicalProject>>({ planning: true, quote: true, active: true, completed: true, inactive: true }),
        "active", "status", column,
      ),
      field<CanonicalProject>("completion_date", "Completion", date, "completion_date", "endingDate", column),
      field<CanonicalProject>("start_date", "Start", date, "start_date", "startingDate", editable),
      field<CanonicalProject>("name", "Name", text, "name", "displayName", { editable: true, loose: true }),
      field<CanonicalProject>("number", "Number", text, "project_number", "number", { loose: true }),
    ],
  },
  {
    type: "customer", one: "Customer", many: "Customers", key: "number", title: "name",
    fields: [
      field<CanonicalCustomer>("tax_id", "Tax number", text, "business_register.identifier", "taxRegistrationNumber", { column: true, loose: true }),
      field<CanonicalCustomer>(
        "status", "Status", word<Status<CanonicalCustomer>>({ active: true, inactive: true }), "is_active", "blocked", column,
      ),
      field<CanonicalCustomer>("phone", "Telephone", text, "business_phone", "phoneNumber", { ...column, loose: true }),
      field<CanonicalCustomer>("name", "Name", text, "name", "displayName", { editable: true, loose: true }),
      field<CanonicalCustomer>("email", "E-mail", text, "email_address", "email", editable),
      field<CanonicalCustomer>("website", "Web site", text, "website", "website", editable),
    ],
  },
  {
    type: "contract", one: "Contract", many: "Contracts", key: "number", title: "title",
    fields: [
      field<CanonicalContract>("amount", "Amount", money, "grand_total", "totalAmountExcludingTax", column),
      field<CanonicalContract>(
        "status", "Status",
        word<Status<CanonicalContract>>({ draft: true, pending: true, approved: true, complete: true, terminated: true, void: true }),
        "status", "status", column,
      ),
      field<CanonicalContract>("contract_date", "Date", date, "contract_date", "orderDate", column),
      field<CanonicalContract>("title", "Title", text, "title", "postingDescription", { editable: true, loose: true }),
      field<CanonicalContract>("number", "Number", text, "number", "externalDocumentNumber", { loose: true }),
    ],
  },
  {
    type: "invoice", one: "Invoice", many: "Invoices", key: "number", title: "customer_name",
    fields: [
      field<CanonicalInvoice>("amount", "Amount", money, "summary.current_payment_due", "totalAmountIncludingTax", column),
      field<CanonicalInvoice>(
        "status", "Status",
        word<Status<CanonicalInvoice>>({ draft: true, pending: true, rejected: true, approved: true, paid: true, canceled: true, corrective: true }),
        "status", "status", column,
      ),
      field<CanonicalInvoice>("invoice_date", "Date", date, "billing_date", "invoiceDate", column),
      field<CanonicalInvoice>("tax_amount", "Tax", money, "summary.tax_applicable_to_this_payment", "totalTaxAmount"),
      field<CanonicalInvoice>("number", "Number", text, "invoice_number", "externalDocumentNumber", { loose: true }),
    ],
  },
  {
    type: "payment", one: "Payment", many: "Payments", key: "check_number", title: "notes",
    fields: [
      field<CanonicalPayment>("amount", "Amount", money, "amount", "amount", column),
      field<CanonicalPayment>(
        "status", "Status",
        word<Status<CanonicalPayment>>({ pending: true, in_review: true, approved: true, processing: true, paid: true, failed: true, void: true }),
        "status", "status", column,
      ),
      field<CanonicalPayment>("date", "Date", date, "date", "postingDate", column),
      field<CanonicalPayment>("notes", "Notes", text, "notes", "comment", editable),
      field<CanonicalPayment>("check_number", "Cheque number", text, "check_number", "externalDocumentNumber", { loose: true }),
    ],
  },
];

export const platforms: readonly Platform[] = ["procore", "dynamics"];

export const platformNames: Record<Platform, string> = { procore: "Procore", dynamics: "Business Central" };

export function entityOf(type: StoredEntityType): Entity {
  return entities.find((entity) => entity.type === type)!;
}

/** Reads a path such as summary.current_payment_due; undefined where there is nothing. */
export function valueAt(record: unknown, path: string): unknown {
  let value = record;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value ?? undefined;
}
