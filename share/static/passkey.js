/*
 * Passkeys (Web Authentication Level 3). A form with data-passkey="use" or "make" is shown where the
 * browser can do it; sending it asks the server for a challenge and the authenticator for an answer,
 * which goes out as the form's field "credential". Nothing is kept here, and what is said stands in the page.
 */

/* The page's text of that name; undefined if there is none. */
const words = (name) => document.getElementById('passkey-words').content.querySelector(`[data-say="${name}"]`)?.textContent;

const fromBase64url = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

const toBase64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
	.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const withBytes = (list) => (list || []).map((entry) => ({ ...entry, id: fromBase64url(entry.id) }));

async function challenge(form) {
	const answer = await fetch(form.dataset.challenge, {
		method: 'POST',
		headers: { 'X-CSRF-Token': form.elements.csrf.value, Accept: 'application/json' },
	});
	const body = await answer.json();
	if (!answer.ok)
		throw new Error(body.error ? `${body.error.message} ${body.error.suggestion}` : words('silent'));
	return { ...body, challenge: fromBase64url(body.challenge) };
}

async function use(form) {
	const options = await challenge(form);
	const made = await navigator.credentials.get({
		publicKey: { ...options, allowCredentials: withBytes(options.allowCredentials) },
	});
	const { response } = made;
	return {
		id: made.id,
		rawId: toBase64url(made.rawId),
		type: made.type,
		response: {
			clientDataJSON: toBase64url(response.clientDataJSON),
			authenticatorData: toBase64url(response.authenticatorData),
			signature: toBase64url(response.signature),
			userHandle: response.userHandle ? toBase64url(response.userHandle) : null,
		},
	};
}

async function make(form) {
	const options = await challenge(form);
	const made = await navigator.credentials.create({
		publicKey: {
			...options,
			user: { ...options.user, id: fromBase64url(options.user.id) },
			excludeCredentials: withBytes(options.excludeCredentials),
		},
	});
	const { response } = made;
	return {
		id: made.id,
		rawId: toBase64url(made.rawId),
		type: made.type,
		response: {
			clientDataJSON: toBase64url(response.clientDataJSON),
			attestationObject: toBase64url(response.attestationObject),
			transports: response.getTransports ? response.getTransports() : [],
		},
	};
}

/* What a browser says when it fails is for developers. */
const explain = (error) => words(CSS.escape(error.name)) ?? error.message;

for (const form of window.PublicKeyCredential ? document.querySelectorAll('form[data-passkey]') : []) {
	const problem = form.querySelector('.problem');

	form.hidden = false;
	form.addEventListener('submit', async (event) => {
		event.preventDefault();
		problem.hidden = true;
		try {
			const credential = await (form.dataset.passkey === 'make' ? make(form) : use(form));
			form.elements.credential.value = JSON.stringify(credential);
			form.submit();
		} catch (error) {
			problem.textContent = explain(error);
			problem.hidden = false;
		}
	});
}
