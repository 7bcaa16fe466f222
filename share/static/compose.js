/*
 * The composer with a script: the preview follows what is typed, files go up while one writes, what was
 * typed survives a closed window. Without it the same form works by itself; nothing here does what the
 * form could not. The parts are named by the page, each with its own version.
 */
const SENT = 'starpunk-sent';
const PREVIEW_PAUSE = 400; /* milliseconds without a key */

/* The page's text of that name, with values in place of {theirs}. */
function words(name, values = {}) {
	const text = document.getElementById('compose-words').content.querySelector(`[data-say="${name}"]`).textContent;

	return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/* Says something to everybody, those who listen included. */
function speaker(place) {
	return text => {
		place.textContent = text;
	};
}

/* What the form would send, but for chosen files. */
function fieldsOf(form) {
	return [...new FormData(form)].filter(([, value]) => typeof value === 'string');
}

/* ---- preview ---- */

async function previewFetch(form, signal) {
	const answer = await fetch(form.dataset.preview, {
		method: 'POST',
		signal,
		headers: { Accept: 'application/json, text/html;q=0.9', 'X-CSRF-Token': form.elements.csrf.value },
		body: new URLSearchParams(fieldsOf(form)),
	});
	if (answer.ok)
		return new DOMParser().parseFromString(await answer.text(), 'text/html').body;
	const { error } = await answer.json();
	throw new Error(error.detail || error.message);
}

function preview(form, say) {
	const frame = document.getElementById('preview');
	const place = frame.querySelector('.preview');
	let asked = null;
	let timer = 0;

	async function show() {
		asked?.abort();
		asked = new AbortController();
		try {
			const page = await previewFetch(form, asked.signal);
			place.replaceChildren(...page.childNodes);
			frame.hidden = false;
			say('');
			return true;
		} catch (problem) {
			if (problem.name !== 'AbortError')
				say(words('no-preview', { problem: problem.message }));
			return false;
		}
	}

	document.getElementById('preview-button').addEventListener('click', async event => {
		event.preventDefault();
		if (await show())
			frame.focus();
	});
	form.addEventListener('input', () => {
		clearTimeout(timer);
		if (!frame.hidden)
			timer = setTimeout(show, PREVIEW_PAUSE);
	});
}

/* ---- another type: what has been typed goes along ---- */

function kinds(form, draft) {
	for (const link of document.querySelectorAll('.kinds a'))
		link.addEventListener('click', event => {
			if (!draft.touched())
				return;
			event.preventDefault();
			const type = document.createElement('input');
			type.type = 'hidden';
			type.name = 'to';
			type.value = new URL(link.href).searchParams.get('type');
			const go = document.createElement('button');
			go.name = 'do';
			go.value = 'type';
			go.hidden = true;
			form.append(type, go);
			draft.forget();
			form.requestSubmit(go);
		});
}

/* A form that was sent is done with when the next page says so; if it comes back, it is not. */
function settleDrafts() {
	try {
		const sent = sessionStorage.getItem(SENT);

		if (sent && new URLSearchParams(location.search).has('done'))
			localStorage.removeItem(sent);
		sessionStorage.removeItem(SENT);
	} catch {
		/* The browser keeps nothing. */
	}
}

/* ---- the form ---- */

async function compose(form) {
	const [{ fileFields }, { keepDraft }, { wordField }] = await Promise.all(
		[import(form.dataset.filesScript), import(form.dataset.draftScript), import(form.dataset.tagsScript)]);
	const say = speaker(document.getElementById('said'));
	const files = fileFields(form, say, words);
	const draft = keepDraft(form, files, say, words, SENT);

	preview(form, say);
	kinds(form, draft);
	for (const input of form.querySelectorAll('[data-words]'))
		wordField(input, form.dataset.tags, words);
	form.addEventListener('submit', event => {
		if (files.busy()) {
			event.preventDefault();
			say(words('under-way'));
			files.whenDone(() => form.requestSubmit(event.submitter));
			return;
		}
		if (!files.chosen())
			form.enctype = 'application/x-www-form-urlencoded';
		draft.sent();
	});
	form.dataset.ready = '1';
	document.getElementById('problem')?.focus();
	/* It is made to be dragged; here it would only post this very page. */
	document.getElementById('bookmarklet')?.addEventListener('click', event => event.preventDefault());
}

settleDrafts();
const form = document.getElementById('compose');
if (form)
	compose(form);
