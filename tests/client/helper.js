/*
 * micropub-helper, a client library that other people's sites and apps use, against a site of ours:
 * everything it can do about posts and files. Prints TAP lines without a plan; the script that runs
 * it counts. argv: endpoint, picture. The token comes on standard input, so that no list of
 * processes shows it.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

/* Its multipart bodies are those of the form-data package, with which this version was made. */
delete globalThis.FormData;
const load = createRequire(path.join(process.cwd(), 'package.json'));
const Micropub = load('micropub-helper');

const [, , endpoint, picture] = process.argv;
const token = fs.readFileSync(0, 'utf8').trim();
const client = new Micropub({ token, micropubEndpoint: endpoint, me: new URL('/', endpoint).href });

function ok(good, name, detail) {
	console.log(`${good ? 'ok' : 'not ok'} - ${name}`);
	if (!good)
		console.log(`# ${JSON.stringify(detail)}`);
}

function same(got, want, name) {
	ok(JSON.stringify(got) === JSON.stringify(want), name, { got, want });
}

/* The status with which a call is refused. */
async function refusal(call) {
	try {
		return { answered: await call() };
	} catch (e) {
		return e.status;
	}
}

async function notes() {
	const tag = `${Date.now()}`;
	const form = await client.create({ h: 'entry', content: `By form ${tag}`, category: ['a', 'b'] }, 'form');
	same((await client.querySource(form)).properties.category, ['a', 'b'], 'a note by form, read back');
	const multipart = await client.create({ h: 'entry', content: `By multipart + ${tag}`, category: ['c'] }, 'multipart');
	same((await client.querySource(multipart, ['content'])).properties, { content: [`By multipart + ${tag}`] }, 'a note by multipart');
	const json = await client.create({ type: ['h-entry'], properties: { content: [`By JSON ${tag}`], 'x-own': [{ a: [1, { b: 'c' }] }] } });
	same((await client.querySource(json, ['x-own'])).properties, { 'x-own': [{ a: [1, { b: 'c' }] }] }, 'a note by JSON, with a nested object');
	return json;
}

async function photo() {
	client.options.mediaEndpoint = (await client.query('config'))['media-endpoint'];
	ok(/^https?:.*\/micropub\/media$/.test(client.options.mediaEndpoint), 'the media endpoint is found by q=config', client.options);
	const url = await client.postMedia(fs.createReadStream(picture));
	ok(/^https?:.*\/media\/.+\.png$/.test(url), 'a picture is uploaded', url);
	const post = await client.create({ type: ['h-entry'], properties: { content: ['A photo'], photo: [{ value: url, alt: 'What it shows' }] } });
	same((await client.querySource(post, ['photo'])).properties.photo, [{ value: url, alt: 'What it shows' }], 'a photo post of it, read back');
	const direct = await client.create({ h: 'entry', content: 'A photo at once', photo: [fs.createReadStream(picture)] }, 'multipart');
	same((await client.querySource(direct, ['photo'])).properties.photo, [url], 'the same picture with a create has the same URL');
	console.log(`url ${url}`);
	console.log(`url ${post}`);
}

async function change(post) {
	await client.update(post, { replace: { content: ['Changed'] }, add: { category: ['new', 'newer'] } });
	await client.update(post, { delete: { category: ['newer'] } });
	const now = (await client.querySource(post)).properties;
	same([now.content, now.category, now['x-own']], [['Changed'], ['new'], [{ a: [1, { b: 'c' }] }]], 'updates are read back, the rest is as it was');
	await client.delete(post);
	same(await refusal(() => client.querySource(post)), 400, 'a deleted post has no source');
	await client.undelete(post);
	same((await client.querySource(post, ['content'])).properties, { content: ['Changed'] }, 'undeleted it is back');
	console.log(`url ${post}`);
}

async function rest() {
	const list = await client.querySource({ limit: 2 });
	ok(list.items.length === 2 && list.items.every((i) => i.properties.url[0]), 'a list of posts', list);
	same(await client.query('syndicate-to'), { 'syndicate-to': [] }, 'syndication targets');
	same(await refusal(() => client.create({ type: ['h-entry'], properties: {} })), 400, 'an empty post is refused');
	client.options.token = 'sp_wrong';
	same(await refusal(() => client.create({ h: 'entry', content: 'x' }, 'form')), 401, 'a wrong token is refused');
}

async function main() {
	const post = await notes();
	await photo();
	await change(post);
	await rest();
}

main().catch((e) => {
	ok(false, 'the client runs to its end', { message: e.message, status: e.status, cause: e.error && (e.error.stack || e.error) });
	process.exitCode = 1;
});
