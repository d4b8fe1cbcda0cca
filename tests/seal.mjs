// The seal of an experiment, made a second time: node seal.mjs DATABASE EXPERIMENT. Values as SQLite's shell prints them,
// each with its length in bytes before it (runner/store/seal.c).
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";

const [database, experiment] = process.argv.slice(2);
const ofTrials = `JOIN trial t ON t.id = trial_id WHERE experiment_id = ${experiment} ORDER BY t.position`;
const queries = [
    `SELECT scenario, scenario_text, overrides, mode, seed, started_at, finished_at, git_revision, environment FROM experiment WHERE id = ${experiment}`,
    `SELECT strategy, parameters, repeat, position, seed, status, verdict, reason, started_at, seconds, variant, batch FROM trial WHERE experiment_id = ${experiment} ORDER BY position`,
    `SELECT metric_group, d.verdict, d.reason FROM doubt d ${ofTrials}, metric_group, d.verdict, d.reason`,
    `SELECT name, unit, value, low, high FROM metric ${ofTrials}, name`,
    `SELECT role, process, json FROM report ${ofTrials}, role, process`,
];
const hash = createHash("sha256");
for (const query of queries) {
    const rows = execFileSync("sqlite3", ["-readonly", "-ascii", "-noheader", database, query], { maxBuffer: 1 << 28 });
    let begin = 0;
    for (let i = 0; i < rows.length; i++) {
        if (rows[i] !== 0x1f && rows[i] !== 0x1e) continue; // between columns, between rows
        hash.update(`${i - begin}:`).update(rows.subarray(begin, i));
        begin = i + 1;
    }
}
console.log(hash.digest("hex"));
