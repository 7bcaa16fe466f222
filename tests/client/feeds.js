/*
 * feedsmith, a parser of feeds that other people's readers use, against a site of ours: what it finds in
 * RSS, Atom and JSON Feed is the same, and of a list of feeds it finds each. Prints TAP lines without a
 * plan; the script that runs it counts. argv: the site's address.
 */
'use strict';

const path = require('path');
const { createRequire } = require('module');

const load = createRequire(path.join(process.cwd(), 'package.json'));
const { parseFeed, parseOpml } = load('feedsmith');

const [, , site] = process.argv;
const types = { rss: 'application/rss+xml', atom: 'application/atom+xml', json: 'application/feed+json' };

function ok(good, name, detail) {
	console.log(`${good ? 'ok' : 'not ok'} - ${name}`);
	if (!good)
		console.log(`# ${JSON.stringify(detail)}`);
}

function same(got, want, name) {
	ok(JSON.stringify(got) === JSON.stringify(want), name, { got, want });
}

function seconds(date) {
	return Math.round(Date.parse(date) / 1000);
}

/* What each format says of its posts, in one form. */
const items = {
	rss: feed => feed.items.map(x => ({
		id: x.guid.value, url: x.link, title: x.title || null, html: x.content.encoded, published: seconds(x.pubDate),
		tags: (x.categories || []).map(y => y.name), files: ((x.media || {}).contents || []).map(y => [y.url, y.type, y.fileSize]),
		author: x.dc.creators[0] })),
	atom: feed => feed.entries.map(x => ({
		id: x.id, url: x.links.find(y => y.rel === 'alternate').href, title: x.title.value, html: x.content.value,
		published: seconds(x.published), tags: (x.categories || []).map(y => y.term),
		files: x.links.filter(y => y.rel === 'enclosure').map(y => [y.href, y.type, y.length]), author: feed.authors[0].name })),
	json: feed => feed.items.map(x => ({
		id: x.id, url: x.url, title: x.title || null, html: x.content_html, published: seconds(x.date_published), tags: x.tags || [],
		files: (x.attachments || []).map(y => [y.url, y.mime_type, y.size_in_bytes]), author: feed.authors[0].name })),
};

async function read(url, accept) {
	const answer = await fetch(url, accept ? { headers: { Accept: accept } } : {});
	return { url: answer.url, ...parseFeed(await answer.text()) };
}

async function formats() {
	const got = {};
	for (const format of Object.keys(types)) {
		const feed = await read(`${site}feed`, types[format]);
		same(feed.url, `${site}feed.${format}`, `who asks for ${types[format]} is led to it`);
		same(feed.format, format, `${format} is recognised`);
		got[format] = items[format](feed.feed);
	}
	ok(got.rss.length > 10, 'there are posts', got.rss.length);
	for (const key of ['id', 'url', 'html', 'published', 'tags', 'files', 'author'])
		same([got.rss.map(x => x[key]), got.atom.map(x => x[key])], [got.json.map(x => x[key]), got.json.map(x => x[key])],
			`the same ${key} in all formats`);
	same(got.rss.map(x => x.title), got.json.map(x => x.title), 'the same titles in RSS and JSON');
	ok(got.atom.every((x, i) => x.title && (!got.json[i].title || x.title === got.json[i].title)), 'and in Atom', got.atom.map(x => x.title));
	ok(got.rss.some(x => x.files.length > 1) && got.rss.some(x => x.tags.length) && got.rss.some(x => x.title), 'of every kind');
}

async function list() {
	const opml = parseOpml(await (await fetch(`${site}opml.xml`)).text());
	const feeds = opml.body.outlines.flatMap(x => x.outlines || [x]);
	ok(feeds.length > 5 && feeds.every(x => x.type === 'rss' && x.text && x.xmlUrl && x.htmlUrl), 'the list of feeds has them', feeds);
	for (const x of feeds)
		same((await read(x.xmlUrl)).format, 'rss', `${x.text} is one`);
}

formats().then(list).catch(e => {
	console.log(`not ok - it runs to its end\n# ${JSON.stringify(String(e.stack))}`);
	process.exit(1);
});
