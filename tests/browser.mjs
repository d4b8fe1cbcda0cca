// A headless Chromium, driven over chromedriver's WebDriver interface (https://www.w3.org/TR/webdriver2/). For the tests of
// pages; needs chromium and chromedriver, nothing from npm.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Starts both, with a window of this size; `quit` ends them.
export async function openBrowser(width, height) {
    const profile = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), "pushpull-browser."));
    const driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
    const port = await new Promise((found, failed) => {
        let said = "";
        driver.on("error", failed);
        driver.on("exit", () => failed(new Error("chromedriver has ended")));
        driver.stdout.on("data", (chunk) => {
            said += chunk;
            const match = /successfully on port (\d+)/.exec(said);
            if (match) found(match[1]);
        });
    });
    const call = async (method, path, body) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
            method,
            headers: { "Content-Type": "application/json" },
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(60000),
        });
        const { value } = await answer.json();
        if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
        return value;
    };
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
        "--no-first-run", `--user-data-dir=${profile}`, `--window-size=${width},${height}`, "--enable-precise-memory-info",
        "--js-flags=--expose-gc", "--hide-scrollbars"];
    let session;
    try {
        session = (await call("POST", "/session", {
            capabilities: { alwaysMatch: { browserName: "chrome", "goog:chromeOptions": { args } } },
        })).sessionId;
    } catch (error) {
        driver.kill();
        throw error;
    }
    const at = `/session/${session}`;
    const browser = {
        call: (method, path, body) => call(method, at + path, body),
        open: (url) => browser.call("POST", "/url", { url }),
        // The value of an expression in the page. (The page's own policy forbids eval there, and need not allow it.)
        run: (script, ...args) => browser.call("POST", "/execute/sync", { script: `return (${script});`, args }),
        command: (cmd, params = {}) => browser.call("POST", "/goog/cdp/execute", { cmd, params }),
        keys: (text) => browser.call("POST", "/actions", {
            actions: [{ type: "key", id: "keyboard", actions: [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]) }],
        }),
        picture: async () => Buffer.from(await browser.call("GET", "/screenshot"), "base64"),
        resize: (w, h) => browser.command("Emulation.setDeviceMetricsOverride", { width: w, height: h, deviceScaleFactor: 1, mobile: false }),
        quit: async () => {
            try {
                await call("DELETE", at);
            } catch {
                // it has gone already
            }
            driver.kill();
            await sleep(200);
            rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
        },
    };
    return browser;
}
