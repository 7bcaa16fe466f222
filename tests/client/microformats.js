/*
 * What microformats-parser, a parser that was not written here, makes of pages. A JSON object of names to
 * {url, html} comes on standard input, one of names to results goes out.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const load = createRequire(path.join(process.cwd(), 'package.json'));
const { mf2 } = load('microformats-parser');

const pages = JSON.parse(fs.readFileSync(0, 'utf8'));
const made = Object.fromEntries(Object.entries(pages).map(([name, page]) => [name, mf2(page.html, { baseUrl: page.url })]));
process.stdout.write(JSON.stringify(made));
