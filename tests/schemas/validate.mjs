// Is a JSON file as a schema says? By Ajv, which others wrote: NODE_PATH=/usr/share/nodejs node validate.mjs SCHEMA FILE
// (Debian keeps its packages there, and another Node.js than Debian's does not look.)
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const Ajv = require("ajv");
const [schema, file] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const ajv = new Ajv({ allErrors: true });
if (!ajv.validate(schema, file)) {
    console.error(ajv.errorsText());
    process.exit(1);
}
