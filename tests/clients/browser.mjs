// Drives headless Chromium for browser.py: one JSON line in for each thing to do, one JSON line out with its result.
//
// Every selector here was found by looking at the Agents Playground's page; another release may need others.

import readline from "node:readline";
import { chromium } from "playwright-core";

const WITHIN = 10_000; // milliseconds a person would wait before saying that it does not work
const LOOKS = 100; // milliseconds between two looks at the page: to look at every frame keeps a processor busy
const MONTHS = ["January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December"];

const [executablePath, profile] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  locale: "en-GB",
  timezoneId: "Europe/London",
  viewport: { width: 1280, height: 900 },
  reducedMotion: "reduce", // there is no graphics card: every step of an animation is drawn by a processor
  // Each of these stops Chromium from asking for something outside this machine.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
await context.route((url) => !["localhost", "127.0.0.1"].includes(url.hostname), (route) => route.abort());
context.setDefaultTimeout(WITHIN);

const windows = new Map();
let opened = 0;

const editors = (page) => page.locator("[data-lexical-editor]");
const sendButton = (scope) => scope.getByRole("button", { name: "Send Message", exact: true });
const postButton = (page) => page.getByRole("button", { name: "Post", exact: true });
const cards = (page) => page.locator(".ac-adaptiveCard");

async function typeInto(page, editor, text, mention) {
  await editor.click();
  if (mention) {
    await page.keyboard.type("@");
    await page.getByRole("menuitem").filter({ has: page.locator(`[aria-label="${mention}"]`) }).first().click();
    await page.keyboard.insertText(" ");
  }
  for (const [number, line] of text.split("\n").entries()) {
    if (number) await page.keyboard.press("Shift+Enter");
    await page.keyboard.insertText(line);
  }
}

// The newest card which has such a control: the one in a dialog, where one is open; in a chat the lowest; in a
// channel the topmost post's last one.
async function newest(page, find, seconds = WITHIN / 1000) {
  const dialog = page.getByRole("dialog").filter({ has: cards(page) });
  if (await dialog.count()) return find(cards(dialog).last());
  const all = cards(page).filter({ has: find(page) });
  await all.first().waitFor({ timeout: seconds * 1000 });
  const inChannel = await postButton(page).count();
  if (!inChannel) return find(all.last());
  const post = page.locator(".fui-Card").filter({ has: all }).first();
  return find(cards(post).filter({ has: find(page) }).last());
}

async function pickDate(page, input, value) {
  const [year, month, day] = value.split("-").map(Number);
  await input.click();
  const calendar = page.getByRole("dialog", { name: "Calendar" });
  const shown = calendar.locator(".fui-CalendarDay__monthAndYear");
  for (;;) {
    const [name, shownYear] = (await shown.innerText()).split(" ");
    const behind = (year - Number(shownYear)) * 12 + (month - 1 - MONTHS.indexOf(name));
    if (!behind) break;
    await calendar.locator(`button[title^="${behind > 0 ? "Next" : "Previous"} month"]`).click();
  }
  await calendar.locator(`button[aria-label="${day}, ${MONTHS[month - 1]}, ${year}"]`).click();
  await calendar.waitFor({ state: "hidden" });
}

async function fill(page, label, value) {
  // a label goes on with whether an answer is needed
  const words = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const find = (scope) => scope.getByLabel(new RegExp(`^${words}( \\*| \\(optional\\))?$`));
  const found = await newest(page, find);
  const input = found.first();
  const kind = await input.evaluate((it) => ({
    role: it.getAttribute("role") ?? it.type,
    date: !!it.closest(".fui-DatePicker"),
    time: !!it.closest(".fui-TimePicker"),
    typed: it.closest(".fui-Combobox") === null,
  }));
  if (kind.date) return pickDate(page, input, value);
  if (kind.role === "radiogroup") return input.getByLabel(String(value), { exact: true }).check({ force: true });
  if (kind.role === "checkbox") return input.setChecked(!!value, { force: true });
  if (kind.role === "group") {
    for (const one of [].concat(value)) await input.getByLabel(one, { exact: true }).check({ force: true });
    return undefined;
  }
  if (kind.role === "combobox" && !kind.time) {
    await input.click();
    const role = Array.isArray(value) ? "menuitemcheckbox" : "option";
    for (const one of [].concat(value)) await page.getByRole(role, { name: one, exact: true }).click();
    if (Array.isArray(value)) await page.keyboard.press("Escape");
    return undefined;
  }
  await input.fill(String(value));
  if (kind.time) await input.press("Enter");
  else if (kind.role === "spinbutton") await input.press("Tab"); // its value counts once it is left
  return undefined;
}

const readMessages = () => [...document.querySelectorAll('button[aria-label="Show more information"]')].map((more) => {
  const chat = more.closest('[aria-label="Message header"]');
  const header = chat ?? more.closest(".fui-CardHeader") ?? more.parentElement.parentElement;
  const author = chat
    ? chat.querySelector('[aria-label="Message author"]')?.innerText ?? ""
    : header.querySelector(".fui-Text")?.innerText ?? "";
  const body = header.nextElementSibling;
  const initials = body ? [...body.querySelectorAll(".fui-Avatar")].map((it) => it.innerText).join("") : "";
  const text = (body?.innerText ?? "").trim();
  return {
    author,
    text: initials && text.startsWith(initials) ? text.slice(initials.length).trim() : text,
    card: !!body?.querySelector(".ac-adaptiveCard"),
    buttons: body ? [...body.querySelectorAll(".ac-adaptiveCard button[aria-label].fui-Button")]
      .map((it) => it.getAttribute("aria-label")) : [],
  };
});

const readAnswers = (card) => Object.fromEntries([...card.querySelectorAll("label[for]")].flatMap((label) => {
  const input = document.getElementById(label.htmlFor);
  if (!input || label.classList.contains("fui-Radio__label") || label.classList.contains("fui-Checkbox__label")) return [];
  const chosen = [...input.querySelectorAll("input:checked")].map((it) => it.labels[0]?.innerText);
  const value = input.getAttribute("role") === "radiogroup" ? chosen[0] ?? ""
    : input.getAttribute("role") === "group" ? chosen
      : input.type === "checkbox" ? input.checked : input.value;
  return [[label.innerText.replace(/\s*\*$/, ""), value]];
}));

const actions = {
  async open(_, { url, width, height, logPanel }) {
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    await page.goto(url, { timeout: 30_000 });
    // It asks the bot first whether it is there, for up to fifteen seconds, and shows nothing to type in before that.
    await sendButton(page).first().waitFor({ timeout: 30_000 });
    if (!logPanel) await page.getByRole("button", { name: "Hide log panel" }).click();
    windows.set(++opened, page);
    return opened;
  },
  async reload(page) {
    await page.reload();
    await sendButton(page).first().waitFor({ timeout: 30_000 });
  },
  async choose(page, { name }) {
    await page.getByRole("treeitem").filter({ hasText: name }).first().click();
    await editors(page).first().waitFor();
  },
  async say(page, { text, mention }) {
    const inChannel = await postButton(page).count();
    await typeInto(page, inChannel ? editors(page).first() : editors(page).last(), text, mention);
    await (inChannel ? postButton(page) : sendButton(page).last()).click();
  },
  async reply(page, { to, text, mention }) {
    const post = page.locator(".fui-Card").filter({ hasText: to }).filter({ hasNot: postButton(page) }).first();
    await typeInto(page, editors(post).last(), text, mention);
    await sendButton(post).click();
  },
  async messageAction(page, { on, command }) {
    const header = page.locator('[aria-label="Message header"]').filter({
      has: page.getByRole("button", { name: "Show more information" }),
    });
    const message = header.locator("xpath=..").filter({ hasText: on }).last();
    await message.getByRole("button", { name: "Show more information" }).first().click();
    await page.getByRole("menuitem", { name: "Action Command" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("input[type=text]").fill(command);
    await dialog.getByText("Fetch the dialog dynamically from the app").click();
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    await dialog.getByText("Your Message Extension App").waitFor();
  },
  async closeDialog(page) {
    await page.getByRole("dialog").getByRole("button").first().click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  },
  async press(page, { label, seconds }) {
    const find = (scope) => scope.getByRole("button", { name: label, exact: true });
    await (await newest(page, find, seconds)).last().click();
  },
  fill: (page, { label, value }) => fill(page, label, value),
  async waitFor(page, { text, seconds }) {
    await page.waitForFunction(
      ([wanted]) => [...document.querySelectorAll('[aria-label="Message header"], .fui-Card, .ac-adaptiveCard, [role=dialog]')]
        .some((it) => (it.ariaLabel === "Message header" ? it.parentElement : it).innerText.includes(wanted)),
      [text], { timeout: seconds * 1000, polling: LOOKS },
    );
  },
  async waitGone(page, { text, seconds }) {
    await page.waitForFunction(
      ([unwanted]) => ![...document.querySelectorAll('[aria-label="Message header"], .fui-Card, .ac-adaptiveCard, [role=dialog]')]
        .some((it) => (it.ariaLabel === "Message header" ? it.parentElement : it).innerText.includes(unwanted)),
      [text], { timeout: seconds * 1000, polling: LOOKS },
    );
  },
  messages: (page) => page.evaluate(readMessages),
  answers: async (page) => {
    const inChannel = await postButton(page).count();
    return (inChannel ? cards(page.locator(".fui-Card").filter({ has: cards(page) }).first()) : cards(page))
      .last().evaluate(readAnswers);
  },
  async screenshot(page, { path, whole }) {
    // A person reads one picture: the newest message in sight, no caret, no hover.
    await page.mouse.move(0, 0);
    await page.screenshot({ path, fullPage: whole, animations: "disabled" });
  },
  async text(page) { return page.evaluate(() => document.body.innerText); },
  async evaluate(page, { script }) { return page.evaluate(script); },
  async close(page) { await page.close(); },
};

process.stdout.write(JSON.stringify({ ready: true }) + "\n");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { window, action, ...details } = JSON.parse(line);
  try {
    const value = await actions[action](windows.get(window), details);
    process.stdout.write(JSON.stringify({ value: value ?? null }) + "\n");
  } catch (error) {
    const said = String(error.message ?? error).replace(/\u001b\[\d+m/g, "").split("\n").slice(0, 6).join(" ");
    process.stdout.write(JSON.stringify({ error: said }) + "\n");
  }
}
await context.close();
