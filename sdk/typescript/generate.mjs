// Writes src/gen/schema.ts from openapi.yaml: `make sdk`.
import { mkdir, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER, STRING } from "openapi-typescript";
import ts from "typescript";

const { factory } = ts;
const nodes = await openapiTS(new URL("../../openapi.yaml", import.meta.url), {
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  // What has a default need not be sent.
  defaultNonNullable: false,
  // Words that may grow: editors suggest those of today, and any string will do.
  transform(schema) {
    const words = schema["x-extensible-enum"];
    if (!words) return undefined;
    const any = factory.createIntersectionTypeNode([STRING, factory.createTypeLiteralNode([])]);
    return factory.createUnionTypeNode([...words.map((w) => factory.createLiteralTypeNode(factory.createStringLiteral(w))), any]);
  },
});

// Of the shared parts only schemas become exported names, not headers and parameters.
const wanted = nodes.filter((node) => !/ = components\['(?!schemas)/.test(astToString(node)));

await mkdir(new URL("src/gen/", import.meta.url), { recursive: true });
await writeFile(new URL("src/gen/schema.ts", import.meta.url), COMMENT_HEADER + astToString(wanted));
