// node report.js PICTURES|/dev/null REPORT... : checks every report in Chromium from file://, a line a check.
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const [pictures, ...reports] = process.argv.slice(2);
let failed = 0;

function check(name, ok, detail) {
  if (!ok) failed++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : `: ${JSON.stringify(detail)}`}`);
}

// A page that writes down all it is not supposed to do.
async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) trouble.push(`console: ${m.text()}`); });
  page.on('pageerror', (e) => trouble.push(`error: ${e.message}`));
  page.on('dialog', (d) => { trouble.push(`dialog: ${d.message()}`); d.dismiss(); });
  page.on('request', (r) => { if (r.url() !== `file://${file}`) trouble.push(`request: ${r.url()}`); });
  page.on('popup', () => trouble.push('popup'));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective));
  });
  await page.goto(`file://${file}`);
  return { context, page, trouble };
}

// Elements and attributes that the report never writes; only a name could have made them.
const foreign = () => {
  const odd = [...document.querySelectorAll('script,img,iframe,object,embed,form,input,base,link,audio,video,svg:not(.bar),style+style,[style]')];
  for (const e of document.querySelectorAll('*'))
    if ([...e.attributes].some((a) => a.name.startsWith('on')) || (e.hasAttribute('href') && !e.getAttribute('href').startsWith('#'))) odd.push(e);
  return odd.map((e) => e.outerHTML.slice(0, 200));
};

const structure = () => {
  const wrong = [];
  for (const tag of ['h1', 'header', 'nav', 'main'])
    if (document.querySelectorAll(tag).length !== 1) wrong.push(`not one ${tag}`);
  let level = 0;
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    if (+h.tagName[1] > level + 1) wrong.push(`heading jumps: ${h.textContent}`);
    level = +h.tagName[1];
  }
  for (const a of document.querySelectorAll('a')) if (!document.getElementById(a.hash.slice(1))) wrong.push(`link to nothing: ${a.hash}`);
  for (const t of document.querySelectorAll('table'))
    if (!t.caption || [...t.tHead.rows[0].cells].some((c) => c.scope !== 'col' || !c.textContent)) wrong.push(`table: ${t.textContent.slice(0, 80)}`);
  if (!document.title || !document.documentElement.lang) wrong.push('no title or language');
  return wrong;
};

// What sticks out of the page or of its own box; a wide table may scroll in its box.
const overflow = () => {
  const wide = document.scrollingElement.scrollWidth > innerWidth ? ['the page'] : [];
  for (const e of document.querySelectorAll('h1,h2,h3,p,li,.card,nav a'))
    if (!e.closest('.scroll') && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)) wide.push(e.textContent.slice(0, 80));
  return wide;
};

async function focus(page) {
  const hidden = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return null;
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      const visible = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
      return visible ? '' : e.outerHTML.slice(0, 120);
    });
    if (seen === null) break;
    if (seen) hidden.push(seen);
  }
  return hidden;
}

async function accessibility(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return result.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html}`);
}

async function print(page, name, check_that) {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 688, height: 1000 }); // A4 without its margins
  const cut = await page.evaluate(() => [...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.slice(0, 60)));
  check_that('no table is wider than the paper', cut.length === 0, cut);
  const pdf = path.join(path.dirname(name), 'rapport.pdf');
  await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
  const text = execFileSync('pdftotext', [pdf, '-'], { maxBuffer: 1 << 28 }).toString().replace(/\s+/g, ' ');
  const wanted = await page.evaluate(() => [...document.querySelectorAll('h1,h2,details p')].map((e) => e.textContent.replace(/\s+/g, ' ').trim().slice(0, 30)));
  const missing = wanted.filter((w) => !text.includes(w));
  check_that('the print holds every section and what is folded', wanted.length > 10 && missing.length === 0, missing.slice(0, 5));
}

async function one_report(browser, file) {
  const name = path.basename(path.dirname(file));
  const check_that = (what, ok, detail) => check(`${name}: ${what}`, ok, detail);
  const { context, page, trouble } = await open(browser, file);
  check_that('the language is marked', (await page.getAttribute('html', 'lang')) === name.slice(-2), name);
  check_that('nothing in it but what we write', (await page.evaluate(foreign)).length === 0, await page.evaluate(foreign));
  check_that('headings, landmarks, links and tables are in order', (await page.evaluate(structure)).length === 0, await page.evaluate(structure));
  const hidden = await focus(page);
  check_that('the keyboard shows where it is', hidden.length === 0, hidden);
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => scrollTo(0, 0));
  const clear = await page.evaluate(() => document.body.innerText);
  check_that('no control or bidi character', !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(clear), 'found');
  if (name.startsWith('hostile'))
    for (const want of ['<img src=x onerror=alert(1)>.txt', '"><script>alert(1)<.txt', "' onmouseover='alert(1).txt", 'javascript:alert(1).txt', '&lt;b&gt;&#60;script&#62;.txt', 'omv\\u202Etxt.exe.txt', '<iframe srcdoc=x>.txt'])
      check_that(`stands as text: ${want}`, clear.includes(want), 'missing');
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    const bad = await accessibility(page);
    check_that(`axe finds nothing serious, ${scheme}`, bad.length === 0, bad);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const with_script = await page.screenshot();
  for (const width of [1280, 640, 320]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(overflow);
    check_that(`nothing sticks out at ${width} px`, wide.length === 0, wide);
    if (pictures !== '/dev/null') await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
  }
  const small = await accessibility(page);
  check_that('axe finds nothing serious at 320 px', small.length === 0, small);
  await print(page, file, check_that);
  if (pictures !== '/dev/null') fs.copyFileSync(path.join(path.dirname(file), 'rapport.pdf'), `${pictures}/${name}.pdf`);
  check_that('no error, dialog, request or breach of its own policy', trouble.length === 0 && (await page.evaluate(() => violations.length)) === 0, trouble);
  // The policy is not only there: it stops what would run if a name got through.
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<img src="x.png" onerror="window.ran=1"><p style="color:red">');
    document.body.appendChild(Object.assign(document.createElement('script'), { textContent: 'window.ran=1' }));
  });
  await page.waitForTimeout(200);
  const stopped = await page.evaluate(() => ({ ran: window.ran, violations: [...new Set(violations)].length }));
  check_that('the policy stops scripts, images and styles that do not belong', !stopped.ran && stopped.violations >= 3, stopped);
  await context.close();

  const plain = await open(browser, file, { javaScriptEnabled: false });
  check_that('looks the same with JavaScript off', with_script.equals(await plain.page.screenshot()), 'pictures differ');
  check_that('no trouble with JavaScript off', plain.trouble.length === 0, plain.trouble);
  await plain.context.close();
}

(async () => {
  if (pictures !== '/dev/null') fs.mkdirSync(pictures, { recursive: true });
  const root = process.getuid() === 0;
  const browser = await chromium.launch({ executablePath: execFileSync('sh', ['-c', 'command -v chromium']).toString().trim(), args: root ? ['--no-sandbox'] : [] });
  for (const file of reports) await one_report(browser, file);
  await browser.close();
  console.log(failed ? `${failed} checks failed` : 'all checks passed');
  process.exit(failed ? 1 : 0);
})();
