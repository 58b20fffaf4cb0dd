export default {
  client: { input: "openapi.json", output: { target: "orval/client.ts", client: "fetch" } },
  schemas: { input: "openapi.json", output: { target: "orval/schemas.ts", client: "zod", override: { zod: { generateEachHttpStatus: true } } } },
};
