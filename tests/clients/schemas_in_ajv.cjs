// `ajv`, the validator that editors and most tools of Node's world have, compiles the schemas and judges documents.
// tests/it/editors.rs installs it and reads the answer.
//
//     node tests/clients/schemas_in_ajv.cjs JOB.json
//
// The job names the folder of modules and, for each schema, the documents; the answer is the names of those that are refused.
// A schema that does not compile ends it.

const { readFileSync } = require("node:fs");
const path = require("node:path");

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const Ajv = require(path.join(job.modules, "ajv")).default;

// Keywords that only editors read; strict mode refuses any other unknown keyword.
const FOR_EDITORS = ["errorMessage", "patternErrorMessage", "defaultSnippets", "doNotSuggest"];

const refused = job.schemas.map(({ schema, documents }) => {
  // Strict, but for `not: { required: [...] }`: what must not be there together is declared beside the `not` and not in it.
  const ajv = new Ajv({ strict: true, strictRequired: false });
  FOR_EDITORS.forEach((keyword) => ajv.addKeyword(keyword));
  const validate = ajv.compile(JSON.parse(readFileSync(schema, "utf8")));
  return documents.filter(({ value }) => !validate(value)).map(({ name }) => name);
});
process.stdout.write(JSON.stringify(refused));
