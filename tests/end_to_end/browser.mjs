// The live page in a headless browser: events in every lane, what each control does to what is seen, and memory.
//   node browser.mjs PORT SECONDS MODE: prints "ok" lines' bodies, one per line: RESULT<tab>DESCRIPTION
import { openBrowser, sleep } from "../browser.mjs";

const [port, seconds] = process.argv.slice(2).map(Number);
const browser = await openBrowser(1280, 720);
const say = (good, what) => console.log(`${good ? "ok" : "not ok"}\t${what}`);

// Repeats until the expression is true in the page.
async function eventually(what, script, patience = 20000) {
    const until = Date.now() + patience;
    for (;;) {
        if (await browser.run(script).catch(() => false)) return say(true, what);
        if (Date.now() > until) return say(false, what);
        await sleep(100);
    }
}

async function heap() {
    await browser.command("HeapProfiler.collectGarbage");
    return browser.run("performance.memory.usedJSHeapSize");
}

const every = (test) => `lanes.length === 6 && lanes.every((lane) => ${test})`;
const latest = "Math.max(...lane.latencies.filter((l) => l.at > shades[shades.length - 1].from).map((l) => l.ms))";
const type = (id, value) => browser.run(`((input) => { input.value = ${value}; input.dispatchEvent(new Event("change")); return true; })(document.getElementById("knob-${id}"))`);

try {
    await browser.resize(1280, 720);
    await browser.open(`http://127.0.0.1:${port}/`);
    await eventually("events arrive in every lane", every("lane.latencies.length > 3"));
    await eventually("and are drawn", every("lane.group.querySelectorAll('path').length > 3 && lane.big.textContent !== '–'"));
    await eventually("bytes, segments and requests are counted", every("/B\\/s/.test(lane.counts[0].textContent) && /segments/.test(lane.counts[1].textContent)"));
    say(await browser.run("document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight && [...document.querySelectorAll('button')].every((b) => b.getBoundingClientRect().right <= innerWidth)"), "all fits on 1280x720");

    const frames = await browser.call("POST", "/execute/async", { args: [], script: `
        const done = arguments[arguments.length - 1], from = performance.now(); let count = 0;
        requestAnimationFrame(function next() { count++; performance.now() - from < 1000 ? requestAnimationFrame(next) : done(count); });` });
    say(frames > 10, "it moves");
    console.log(`note\t${frames} frames in a second`);

    await type("rate", 0);
    await eventually("the rate is turned", "knobs.rate.value === 0");
    await sleep(800);
    const before = await browser.run("lanes.map((lane) => lane.newest.number)");
    await browser.keys("p");
    await eventually("p publishes one event in each lane", `lanes.every((lane, i) => lane.newest.number === ${JSON.stringify(before)}[i] + 1)`);
    await type("rate", 20);
    await eventually("events come again", every("lane.latencies.length > 40"));
    await browser.keys("s");
    await eventually("s makes all late", every(`${latest} > 700`) + " && shades.some((s) => s.text === 'servers stand still')");
    await sleep(2500);
    await browser.keys("c");
    await eventually("c cuts: what is not lost is late", `lanes.filter((lane) => !lane.floor).every((lane) => ${latest} > 500) && shades.some((s) => s.text === 'servers are gone')`);
    await eventually("the floor loses some", "lanes.find((lane) => lane.floor).lost > 0");
    await browser.keys("r");
    await eventually("r keeps one user from reading", every(`${latest} > 1200`) + " && shades.some((s) => s.text === 'this user does not read')");

    await type("rate", 100); // as many events in two seconds as latencies are shown
    await sleep(3000);
    await browser.keys(" ");
    await sleep(300); // what is not moved is drawn five times a second
    const figures = "JSON.stringify(lanes.map((lane) => [lane.big.textContent, lane.counts[0].textContent]))";
    const seen = await browser.run(figures);
    await sleep(2500);
    say((await browser.run(figures)) === seen, "what is frozen keeps its figures");
    await type("rate", 20);
    const frozen = await browser.run("view.end");
    await sleep(300);
    say(await browser.run("view.frozen") && (await browser.run("view.end")) === frozen, "space freezes");
    await browser.keys("\uE012"); // the left arrow
    say((await browser.run("view.end")) < frozen, "and the arrow moves back");
    await browser.keys(" ");
    await browser.keys("2");
    const slow = await browser.run("[performance.now(), view.end]");
    await sleep(1000);
    const later = await browser.run("[performance.now(), view.end]");
    const speed = (later[1] - slow[1]) / (later[0] - slow[0]);
    say(speed > 0.07 && speed < 0.13, `2 goes ten times slower (${speed.toFixed(3)})`);
    await browser.keys("1");
    say(await browser.run("Math.abs(view.end - present()) < 200"), "1 is the present again");

    await browser.keys("v");
    say(await browser.run("getComputedStyle(stage).visibility === 'hidden' && !document.getElementById('curtain').hidden"), "v hides the lanes");
    await browser.keys("33");
    await browser.keys("\uE007"); // Enter
    say(await browser.run("getComputedStyle(stage).visibility === 'visible' && lanes[2].votes.textContent === '2 votes'"), "Enter reveals them, and the votes");
    await browser.keys("g");
    await eventually("g makes a PNG", "Number(document.body.dataset.png) > 20000");

    const session = await browser.run("session");
    await type("interval", 200);
    await type("rate", 15);
    await eventually("another interval restarts the programs", `session > ${session} && running`);
    await eventually("what is turned meanwhile is not lost", "running && knobs.rate.value === 15 && knobs.interval.value === 200");
    await browser.run("document.getElementById('knob-rate').focus()");
    await browser.keys("\uE007");
    say(await browser.run("document.activeElement === document.body"), "Enter leaves a field: keys are the page's again");
    await type("loss", "''");
    say(await browser.run("document.getElementById('knob-loss').value === '0' && /must be a number/.test(document.getElementById('complaint').textContent)"), "what is no value is told, and stays as it was");
    await eventually("with it polling is faster", "lanes[0].latencies.length > 40 && mean(lanes[0].latencies.slice(-20).map((l) => l.ms)) < 300");

    if (seconds > 100) await sleep(90000); // until the page keeps as much of the past as it ever will
    const early = await heap();
    await sleep(seconds * 1000);
    const late = await heap(), elements = await browser.run("document.querySelectorAll('*').length");
    say(late < early * 1.5 + 4e6, `memory does not grow: ${(early / 1e6).toFixed(1)} MB, after ${seconds} s ${(late / 1e6).toFixed(1)} MB`);
    say(elements < 8000, `nor the page (${elements} elements)`);
    say((await browser.call("POST", "/se/log", { type: "browser" })).length === 0, "the browser has nothing to complain about");
} catch (error) {
    say(false, `the browser goes along: ${error.message.split("\n")[0]}`);
} finally {
    await browser.quit();
}
