'use strict';

// The page shows openapi.yaml as it is, but for what makes trying it easier.
function adapt(document) {
  const offered = structuredClone(document);
  offered.servers = ownServers(offered.servers);
  const operations = Object.values(offered.paths).flatMap((path) => Object.values(path));
  for (const parameters of [offered.components.parameters, ...operations.map((operation) => operation.parameters)]) {
    Object.values(parameters ?? {}).forEach(keepOptionalEmpty);
  }
  return offered;
}

// Of the servers, the page offers those of its own origin: the server that it is from, and the only one that the
// Content-Security-Policy lets it call.
function ownServers(servers) {
  return servers
    .map((server) => ({ ...server, url: new URL(server.url, location.href).href }))
    .filter((server) => new URL(server.url).origin === location.origin);
}

// The example of an optional parameter moves to its description. Swagger UI would fill it in, and a first try with a cursor
// of nowhere, or with an If-Match of another object, would fail.
function keepOptionalEmpty(parameter) {
  if (!parameter.required && parameter.example !== undefined) {
    parameter.description = `${parameter.description?.trim() ?? ''} For example \`${parameter.example}\`.`.trim();
    delete parameter.example;
  }
}

SwaggerUIBundle({
  url: 'openapi.yaml',
  dom_id: '#reference',
  plugins: [
    () => ({
      statePlugins: { spec: { wrapActions: { updateJsonSpec: (update) => (document) => update(adapt(document)) } } },
    }),
  ],
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0, // listed, and not opened: there are many
  persistAuthorization: false, // a key does not outlive the page
  validatorUrl: 'none', // that would be another host's
});
