/*
 * Applications that were not written here sign the owner in: oauth4webapi, a strict OAuth client that
 * finds everything by the metadata, and indieauth-helper, an IndieAuth client of the time before PKCE,
 * with micropub-helper to post. Prints TAP lines without a plan. What a browser would do is done by who
 * runs this: "visit URL" asks for it, and a line of standard input is the address it was sent to.
 * argv: the site, strict or old.
 */
'use strict';

const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');

const load = createRequire(path.join(process.cwd(), 'package.json'));
const [, , site, mode] = process.argv;
const clientId = 'http://127.0.0.1:4000/';
const redirectUri = 'http://127.0.0.1:4000/callback?from=app';
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function ok(good, name, detail) {
	console.log(`${good ? 'ok' : 'not ok'} - ${name}`);
	if (!good)
		console.log(`# ${JSON.stringify(detail)}`);
}

/* Sends the browser to an address; gives the address at which it comes back. */
async function visit(url) {
	console.log(`visit ${url}`);
	return new URL((await lines.next()).value);
}

async function strict() {
	const oauth = await import(load.resolve('oauth4webapi'));
	const plain = { [oauth.allowInsecureRequests]: true };
	const issuer = new URL(site);
	const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain });
	const as = await oauth.processDiscoveryResponse(issuer, found);
	ok(as.micropub === `${site}micropub`, 'the metadata is found and believed', as);

	const client = { client_id: clientId }, auth = oauth.None();
	const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
	const url = new URL(as.authorization_endpoint);
	for (const [name, value] of Object.entries({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state,
		scope: 'create update profile', code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }))
		url.searchParams.set(name, value);
	const back = oauth.validateAuthResponse(as, client, await visit(url.href), state);
	ok(back.get('code').length === 43, 'state and iss of the answer are right');

	const code = await oauth.authorizationCodeGrantRequest(as, client, auth, back, redirectUri, verifier, plain);
	const got = await oauth.processAuthorizationCodeResponse(as, client, code);
	ok(got.scope === 'create update profile' && got.me === site && got.expires_in === 604800, 'the code is exchanged', got);

	const post = await oauth.protectedResourceRequest(got.access_token, 'POST', new URL(as.micropub), new Headers(),
		new URLSearchParams({ content: 'By oauth4webapi' }), plain);
	ok(post.status === 201, 'the token posts', post.status);
	console.log(`url ${post.headers.get('location')}`);

	const renewed = await oauth.processRefreshTokenResponse(as, client,
		await oauth.refreshTokenGrantRequest(as, client, auth, got.refresh_token, plain));
	ok(renewed.refresh_token !== got.refresh_token && renewed.scope === got.scope, 'the token is renewed', renewed);

	const bearer = (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${renewed.access_token}`);
	const about = await oauth.processIntrospectionResponse(as, client,
		await oauth.introspectionRequest(as, client, bearer, renewed.access_token, plain));
	ok(about.active && about.client_id === clientId, 'introspection knows whose it is', about);

	const who = await oauth.protectedResourceRequest(renewed.access_token, 'GET', new URL(as.userinfo_endpoint), undefined, undefined, plain);
	ok((await who.json()).url === site, 'userinfo is the owner');

	ok(await oauth.processRevocationResponse(
		await oauth.revocationRequest(as, client, auth, renewed.refresh_token, plain)) === undefined, 'the token is given back');
	const dead = await oauth.protectedResourceRequest(renewed.access_token, 'GET', new URL(`${as.micropub}?q=config`), undefined, undefined, plain)
		.then((r) => r.status, (e) => e.status);
	ok(dead === 401, 'and is dead', dead);
}

async function old() {
	const IndieAuth = load('indieauth-helper');
	delete globalThis.FormData;
	const Micropub = load('micropub-helper');
	const client = new IndieAuth({ me: site, clientId, redirectUri, secret: 'of this test' });
	const url = await client.getAuthUrl('code', ['create', 'media']);
	ok(client.options.tokenEndpoint === `${site}auth/token`, 'the endpoints are found by their links', client.options);
	const back = await visit(url);
	ok(client.validateState(back.searchParams.get('state')) !== false, 'state comes back whole');
	const token = await client.getToken(back.searchParams.get('code'));
	ok(token.startsWith('sp_'), 'the code is exchanged');
	const micropub = new Micropub({ token, micropubEndpoint: `${site}micropub`, me: site });
	console.log(`url ${await micropub.create({ type: ['h-entry'], properties: { content: ['By indieauth-helper'] } })}`);
}

(mode === 'strict' ? strict() : old()).then(() => process.exit(0), (e) => {
	ok(false, 'it runs to its end', { message: e.message, code: e.code, cause: String(e.cause), stack: e.stack });
	process.exit(1);
});
