// What readers do with the page, in a real browser.
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, test} from 'node:test';
import {gunzipSync} from 'node:zlib';
import {open, samples, start, stop} from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const everyPage = ['server', 'python', 'healthy', 'mixed', 'short', 'lint', 'compare', 'hostile', 'huge'];
const sections = ['verdict', 'path', 'advice', 'time', 'hot-spots', 'findings', 'method'];

before(start);
after(stop);

test('every section is there, with and without scripts', async () => {
  for (const scripts of [true, false])
    await open('server', {scripts}, async (page) => {
      for (const id of sections) assert.ok(await page.locator(`section#${id}`).isVisible(), id);
      assert.match(await page.locator('#verdict').innerText(), /Keep async/);
      assert.match(await page.locator('#advice').innerText(), /src\/upstream\.cpp:88/);
      assert.ok(await page.locator('#path svg').first().isVisible());
      assert.equal(await page.locator('.toolbar').count() > 0, scripts);
    });
});

test('nothing sticks out of the window from 360 to 1920 pixels', async () => {
  for (const name of everyPage)
    for (const width of [360, 1280, 1920])
      await open(name, {width}, async (page) => {
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${name} at ${width} sticks out by ${over}`);
      });
});

// Text that ends outside of the window or of a box that hides what sticks out, with no way to scroll to it; and text of a
// drawing that ends outside of the drawing.
const clipped = () => {
  const out = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hides = (style) => ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis';
  while (words.nextNode()) {
    const parent = words.currentNode.parentElement;
    if (!words.currentNode.textContent.trim() || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || parent.closest('.skip')) continue;  // for screen readers, or shown on focus
    let left = 0;
    let right = document.documentElement.clientWidth;
    let reachable = false;
    for (let at = parent; at && !reachable; at = at.parentElement) {
      const style = getComputedStyle(at);
      reachable = ['auto', 'scroll'].includes(style.overflowX) || (at !== document.body && style.textOverflow === 'ellipsis' && style.overflowX === 'hidden');
      if (hides(style) || at.tagName === 'svg') {
        const frame = at.getBoundingClientRect();
        if (frame.width <= 1) reachable = true;
        left = Math.max(left, frame.left);
        right = Math.min(right, frame.right);
      }
    }
    if (!reachable && (box.left < left - 1 || box.right > right + 1))
      out.push(`${words.currentNode.textContent.trim().slice(0, 40)}: ${Math.round(box.left)}..${Math.round(box.right)} of ${Math.round(left)}..${Math.round(right)}`);
  }
  return out;
};

test('nothing is clipped from 360 to 1920 pixels', async () => {
  const found = [];
  for (const name of everyPage)
    for (const width of [360, 1280, 1920])
      await open(name, {width}, async (page) => {
        await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
        for (const words of (await page.evaluate(clipped)).slice(0, 5)) found.push(`${name} at ${width}: ${words}`);
      });
  assert.deepEqual(found, []);
});

test('a clipped word is noticed', async () => {
  await open('lint', {width: 360}, async (page) => {
    await page.evaluate(() => { document.querySelector('h2').style.cssText = 'white-space:nowrap;width:40px;overflow:hidden;font-size:60px'; });
    assert.notDeepEqual(await page.evaluate(clipped), []);
  });
});

test('no request leaves any page and none complains', async () => {
  for (const name of everyPage) await open(name);
});

test('hostile names stay text', async () => {
  for (const scripts of [true, false])
    await open('hostile', {scripts}, async (page) => {
      const found = await page.evaluate(() => ({
        pwned: 'pwned' in window, images: document.images.length, scripts: document.scripts.length,
        handlers: document.querySelectorAll('[onerror],[onclick],[onload]').length,
        shown: document.body.innerText.includes('<script>window.pwned=1</script>'),
        turned: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
      }));
      assert.deepEqual(found, {pwned: false, images: 0, scripts: 3, handlers: 0, shown: true, turned: false});
    });
  await open('hostile', {}, async (page) => {  // the parts that the scripts draw
    await page.getByRole('button', {name: 'Table', exact: true}).click();
    await page.getByRole('button', {name: 'Waiting', exact: true}).click();
    assert.equal(await page.evaluate(() => 'pwned' in window), false);
  });
});

test('the keyboard reaches every control, and one sees where it is', async () => {
  await open('server', {}, async (page) => {
    const wanted = await page.evaluate(() => [...document.querySelectorAll('a[href],button,input,summary,[tabindex="0"]')]
        .filter((e) => e.checkVisibility()).length);
    const seen = new Set();
    for (let i = 0; i < wanted + 20; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body) return null;
        e.dataset.walked ??= String(document.querySelectorAll('[data-walked]').length);
        const style = getComputedStyle(e);
        return {key: e.dataset.walked, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, what: e.outerHTML.slice(0, 80)};
      });
      if (!at) break;
      assert.ok(at.seen, `no focus ring on ${at.what}`);
      seen.add(at.key);
    }
    assert.ok(seen.size >= wanted - 1, `${seen.size} of ${wanted} reached`);
  });
});

test('selecting a part of the run sums it up, dims other threads, and survives sharing', async () => {
  let link = '';
  await open('server', {}, async (page) => {
    const surface = page.locator('.surface');
    await surface.scrollIntoViewIfNeeded();
    const box = await surface.boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, {steps: 4});
    await page.mouse.up();
    assert.match(await page.locator('#selection').innerText(), /^Selected 2\.5\d? s to 5\.0\d? s: timer 7\d %/);
    const rest = async () => ({
      timer: await page.locator('#states-table tbody tr', {hasText: 'timer'}).locator('td').allInnerTexts(),
      main: await page.locator('#threads-table tbody tr').first().locator('td').allInnerTexts(),
      histogram: await page.locator('#cpu-histogram tbody td:nth-child(3)').allInnerTexts(),
    });
    const selected = await rest();
    assert.match(selected.timer[1], /^1\.[78]\d s$/);                      // 71 % of 2.5 s, and not the 7.11 s of the whole run
    assert.match(selected.main[1], /^timer ≈ 8\d %$/);
    assert.match(selected.main[2], /^≈ 1\d\d ms$/);
    assert.match(selected.histogram[0], /^2\.5\d? s$/);
    assert.ok(await page.locator('#flame-whole').isVisible(), 'what the selection can not filter says so');
    await page.getByRole('button', {name: 'Zoom to selection'}).click();
    assert.match(await page.locator('.time-axis').first().textContent(), /^2\.5/);
    link = await page.evaluate(() => location.hash);
    await surface.focus();
    await page.keyboard.press('Escape');
    assert.match(await page.locator('#selection').innerText(), /^Drag/);
    assert.ok(!(await page.locator('#flame-whole').isVisible()));
    const whole = await rest();
    assert.equal(whole.timer[1], '7.11 s');
    assert.equal(whole.main[2], '600 ms');
    assert.equal(whole.histogram[0], '10.0 s');
  });
  assert.match(link, /^#time=2\.5/);
  await open('server', {fragment: link}, async (page) => assert.match(await page.locator('#selection').innerText(), /^Selected 2\.5/));
});

test('the timeline works by keyboard', async () => {
  await open('server', {}, async (page) => {
    await page.locator('.surface').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    assert.match(await page.locator('#selection').innerText(), /^Selected 0 s to 2\.00 s/);
    await page.keyboard.press('+');
    assert.notEqual(await page.locator('.time-axis').first().textContent(), '0 s');
  });
});

test('flame graphs: sides, search, zoom, table, links', async () => {
  let link = '';
  await open('server', {}, async (page) => {
    assert.match(await page.locator('#flame-words').innerText(), /600 ms, 100 % of all/);
    await page.getByLabel('Search a function').fill('parse');
    assert.match(await page.locator('#flame-words').innerText(), /1 places match: 310 ms, 52 %/);
    await page.getByLabel('Search a function').fill('');
    await page.getByRole('button', {name: 'Waiting', exact: true}).click();
    await page.locator('#flame canvas').focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    assert.match(await page.locator('#flame-words').innerText(), /^retry_backoff \(timer\), src\/upstream\.cpp:88: 7\.10 s, 100 %/);
    await page.keyboard.press('Enter');
    link = await page.evaluate(() => location.hash);
    await page.getByRole('button', {name: 'Table', exact: true}).click();
    assert.equal(await page.locator('#flame-table tbody tr').count(), 2);
  });
  assert.match(link, /flame=off/);
  assert.match(link, /root=retry_backoff/);
  await open('server', {fragment: link}, async (page) => assert.match(await page.locator('#flame-words').innerText(), /^retry_backoff/));
});

test('the flame graph paints', async () => {
  await open('server', {}, async (page) => {
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector('#flame canvas');
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      const seen = new Set();
      for (let i = 0; i < pixels.length; i += 400) seen.add(pixels.slice(i, i + 4).join());
      return seen.size;
    });
    assert.ok(colours > 3, `${colours} colours`);
  });
});

test('tables sort by number', async () => {
  await open('server', {}, async (page) => {
    const head = page.locator('#states-table thead th', {hasText: 'time'});
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    const read = () => page.locator('#states-table tbody tr td:nth-child(3)').allInnerTexts();
    assert.deepEqual(await read(), ['7.11 s', '1.80 s', '601 ms', '501 ms']);
    await head.getByRole('button').click();
    assert.deepEqual(await read(), ['501 ms', '601 ms', '1.80 s', '7.11 s']);
  });
});

test('the theme can be picked', async () => {
  await open('server', {}, async (page) => {
    const page_colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await page_colour();
    const toggle = page.getByRole('button', {name: /^Theme/});
    await toggle.click();
    await toggle.click();
    assert.match(await toggle.innerText(), /dark/);
    assert.notEqual(await page_colour(), light);
  });
});

test('a link to a folded part opens it', async () => {
  await open('server', {fragment: '#glossary'}, async (page) => assert.ok(await page.locator('#glossary dl').isVisible()));
  await open('server', {fragment: '#node-loop-blocked'}, async (page) => assert.ok(await page.locator('#node-loop-blocked').isVisible()));
});

test('each node of the chart leads to its evidence', async () => {
  await open('server', {scripts: false}, async (page) => {
    const links = await page.locator('#path svg a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.ok(links.length >= 5);
    for (const link of links) assert.equal(await page.locator(`[id="${link.slice(1)}"]`).count(), 1, link);
  });
});

test('screen readers hear the questions that were asked, in their order', async () => {
  await open('server', {scripts: false}, async (page) => {
    const heard = await page.evaluate(() => [...document.querySelectorAll('#path svg text')].filter((t) => !t.closest('[aria-hidden="true"]')).map((t) => t.textContent));
    const numbers = heard.filter((words) => /^\d+$/.test(words)).map(Number);
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
    assert.match(heard[0], /^1$/);
    assert.match(heard[1], /\?$/);
  });
});

test('every link inside a page leads somewhere', async () => {
  for (const name of everyPage)
    await open(name, {scripts: false}, async (page) => {
      const dangling = await page.evaluate(() => [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))
          .filter((href) => href.startsWith('#') ? !document.getElementById(href.slice(1)) : !href.startsWith('data:application/gzip;base64,')));
      assert.deepEqual(dangling, [], name);
    });
});

test('advice, source, findings and call stacks are joined', async () => {
  await open('server', {}, async (page) => {
    const follow = async (link, to) => {
      await link.click();
      assert.equal(await page.evaluate(() => location.hash), to);
      assert.ok(await page.locator(to).first().isVisible(), to);
    };
    const action = page.locator('#action-1');
    assert.match(await action.locator('pre.source').innerText(), />\s+88\s+std::this_thread::sleep_for\(backoff\)/);
    await follow(action.getByRole('link', {name: 'Time measured there'}), '#spot-0');
    await follow(page.locator('#spot-0').getByRole('link', {name: /Replace the sleep/}), '#action-1');
    await follow(action.getByRole('link', {name: /Found in the source/}), '#finding-0');
    await follow(page.locator('#finding-0').getByRole('link', {name: 'Show the call stack'}), '#spot-0');
    await follow(page.locator('#spot-0').getByRole('link', {name: 'blocking-in-loop-callback'}), '#finding-0');
    await follow(page.locator('#finding-0').getByRole('link', {name: /Replace the sleep/}), '#action-1');
    await follow(page.locator('#finding-0').getByRole('link', {name: /^About/}), '#rule-blocking-in-loop-callback');
    assert.match(await page.locator('#rule-blocking-in-loop-callback').innerText(), /Documentation of blocking-in-loop-callback/);
    await page.locator('#node-loop-blocked').getByRole('link', {name: 'Event loops'}).click();
    assert.ok(await page.locator('#loops').isVisible());
    assert.equal(await page.evaluate(() => 'pwned' in window), false);
  });
});

test('the data can be saved, packed and unpacked', async () => {
  await open('server', {}, async (page) => {
    const [packed] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', {name: 'concadvise.json.gz'}).click()]);
    assert.equal(packed.suggestedFilename(), 'concadvise.json.gz');
    const content = JSON.parse(gunzipSync(readFileSync(await packed.path())).toString());
    assert.equal(content.schema, 'concadvise-profile/1');
    assert.equal(content.threads.length, 3);
    const [unpacked] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Save concadvise.json.gz unpacked'}).click()]);
    assert.equal(unpacked.suggestedFilename(), 'concadvise.json');
    assert.deepEqual(JSON.parse(readFileSync(await unpacked.path(), 'utf8')), content);
  });
});

test('ids are unique and labels point somewhere', async () => {
  for (const name of everyPage)
    await open(name, {}, async (page) => {
      const broken = await page.evaluate(() => {
        const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
        const dangling = [...document.querySelectorAll('[aria-labelledby]')].map((e) => e.getAttribute('aria-labelledby')).filter((id) => !document.getElementById(id));
        return [...twice, ...dangling];
      });
      assert.deepEqual(broken, [], name);
    });
});

test('axe-core finds nothing serious, light and dark', async () => {
  for (const name of everyPage)
    for (const dark of [false, true])
      await open(name, {dark}, async (page) => {
        await page.evaluate(axe);
        const result = await page.evaluate(() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}));
        const serious = result.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
                              .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + n.failureSummary.slice(0, 200)).join(' | ')}`);
        assert.deepEqual(serious, [], `${name} ${dark ? 'dark' : 'light'}`);
      });
});

test('prints: the summary fits on two pages', async () => {
  const pages = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  const paper = {format: 'A4', margin: {top: '10mm', bottom: '10mm', left: '10mm', right: '10mm'}};
  for (const name of ['server', 'python', 'healthy', 'mixed', 'short'])
    await open(name, {}, async (page) => {
      const whole = pages(await page.pdf(paper));
      await page.evaluate(() => document.querySelectorAll('#advice ~ *').forEach((e) => e.remove()));
      const summary = pages(await page.pdf(paper));
      assert.ok(summary <= 2, `verdict, path and advice of ${name} take ${summary} pages`);
      assert.ok(whole > summary, `the rest of ${name} is not printed`);
    });
});

test('pages stay small', () => {
  for (const name of everyPage) assert.ok(statSync(`${samples}/${name}.html`).size <= (name === 'huge' ? 5e6 : 5e5), name);
});

test('three samples or a million: the same page works', async () => {
  await open('short', {}, async (page) => {
    assert.match(await page.locator('#verdict').innerText(), /Not enough data/);
    assert.doesNotMatch(await page.locator('#verdict').innerText(), /\bsure\b/);
  });
  await open('huge', {}, async (page) => {
    assert.match(await page.locator('#threads-table + p, #time').innerText(), /Pruned 940 of 1000 threads/);
    await page.getByLabel('Search a function').fill('update_7');
    assert.match(await page.locator('#flame-words').innerText(), /places match/);
    await page.getByRole('button', {name: 'Zoom in'}).click();
  });
});
