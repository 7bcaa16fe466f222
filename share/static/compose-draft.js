/*
 * What is being typed, kept in the browser until it is saved: one draft for each post and, of new posts,
 * for each type. It is offered back, never put into the form unasked. Nothing secret is kept: neither
 * the form's token nor the keys that name its sending.
 */
const PREFIX = 'starpunk-draft:';
const PAUSE = 800; /* milliseconds without a key */
const NEVER = new Set(['csrf', 'key', 'version', 'post', 'type', 'to', 'do']);

/* A browser may refuse to keep anything: then nothing is kept. */
function attempt(what) {
	try {
		return what();
	} catch {
		return null;
	}
}

function typed(form) {
	return [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !NEVER.has(name));
}

/* Puts what was typed back: files in their lists, everything else into its control. */
function putBack(form, files, fields) {
	const seen = new Set();

	files.restore(fields);
	for (const box of form.querySelectorAll('[type=checkbox]'))
		box.checked = false;
	for (const [name, value] of fields) {
		const controls = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter(e => !e.closest('.files'));
		const box = controls.find(e => e.type === 'checkbox' && e.value === value);
		const control = controls.find(e => e.type !== 'checkbox' && e.type !== 'hidden');

		if (box)
			box.checked = true;
		else if (control && !seen.has(name))
			control.value = value;
		seen.add(name);
	}
	form.dispatchEvent(new Event('input', { bubbles: true }));
}

function button(text, act) {
	const b = document.createElement('button');

	b.type = 'button';
	b.textContent = text;
	b.addEventListener('click', act);
	return b;
}

function offer(form, files, words, key, draft) {
	const box = document.createElement('div');
	const text = document.createElement('p');
	const when = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });

	box.className = 'offer';
	box.id = 'offer';
	box.setAttribute('role', 'status');
	text.textContent = words('unsaved', { date: when });
	box.append(text, button(words('take-up'), () => {
		box.remove();
		putBack(form, files, draft.fields);
		form.querySelector('textarea, input:not([type=hidden])')?.focus();
	}), button(words('forget'), () => {
		box.remove();
		attempt(() => localStorage.removeItem(key));
		form.querySelector('textarea, input:not([type=hidden])')?.focus();
	}));
	form.before(box);
}

/* sent: under which name the session remembers which draft was sent last. */
export function keepDraft(form, files, say, words, sent) {
	const key = PREFIX + form.dataset.store;
	/* A form that came back from the server has been typed, and is nowhere else. */
	const before = form.dataset.unsaved ? '' : JSON.stringify(typed(form));
	let leaving = false;
	const draft = attempt(() => JSON.parse(localStorage.getItem(key)));
	let timer = 0;

	function changed() {
		return JSON.stringify(typed(form)) !== before;
	}

	function keep() {
		clearTimeout(timer);
		if (leaving || !changed())
			return;
		const kept = attempt(() => {
			localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: typed(form) }));
			return true;
		});
		if (kept)
			say(words('kept'));
	}

	if (draft?.fields && !form.dataset.unsaved && JSON.stringify(draft.fields) !== before)
		offer(form, files, words, key, draft);
	form.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(keep, PAUSE);
	});
	window.addEventListener('pagehide', keep);
	return {
		touched: changed,
		sent() {
			keep();
			attempt(() => sessionStorage.setItem(sent, key));
		},
		/* What is here goes to the form of another type, and is kept there. */
		forget() {
			leaving = true;
			attempt(() => localStorage.removeItem(key));
		},
	};
}
