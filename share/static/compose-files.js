/*
 * Files of the composer: chosen, dropped or pasted, they go up at once, one after the other, and are
 * described and put in order while the text is written. A picture's place is changed by two buttons or by
 * dragging.
 */
function element(name, attributes = {}, ...children) {
	const e = document.createElement(name);

	for (const [key, value] of Object.entries(attributes))
		if (value !== undefined && value !== false)
			e.setAttribute(key, value === true ? '' : value);
	e.append(...children);
	return e;
}

function hidden(name, value) {
	return element('input', { type: 'hidden', name, value });
}

/* ---- one file ---- */

function shown(set, url) {
	const source = new URL(url, location.href);
	const own = source.host === location.host || source.pathname.startsWith('/media/') ? source.pathname : url;

	if (set.dataset.picture)
		return element('img', { src: own, alt: '', width: 96, height: 96 });
	return element(set.dataset.field, { src: own, controls: true, preload: 'metadata' });
}

function row(set, words, url, alt) {
	const name = set.dataset.field;
	const fields = element('div', { class: 'file-fields' }, hidden(name, url));

	if (set.dataset.picture) {
		const text = element('textarea', { name: `${name}.alt`, rows: 2, dir: 'auto',
			placeholder: words('alt') });
		text.value = alt;
		fields.append(element('label', {}, `${words('description')} `, text));
	}
	fields.append(element('p', { class: 'file-deeds' }));
	return element('li', { class: 'file' }, shown(set, url), fields);
}

/* Buttons in place of the number and the tick that the form has without a script. */
function buttons(list, item, words, tell) {
	const deeds = item.querySelector('.file-deeds');

	function button(text, act) {
		const b = element('button', { type: 'button', class: 'link' }, text);
		b.addEventListener('click', () => act(b));
		return b;
	}
	function move(b, other, before) {
		if (!other)
			return;
		other[before ? 'before' : 'after'](item);
		b.focus();
		tell(words('place', { place: [...list.children].indexOf(item) + 1, all: list.children.length }));
	}
	deeds.replaceChildren(
		button(words('earlier'), b => move(b, item.previousElementSibling, true)),
		button(words('later'), b => move(b, item.nextElementSibling, false)),
		button(words('take-out'), () => {
			const next = item.nextElementSibling || item.previousElementSibling;
			item.remove();
			(next?.querySelector('textarea, button') || list.closest('.files').querySelector('[type=file]')).focus();
			tell(words('taken-out'));
		}));
}

function draggable(list, item, tell) {
	const handle = item.querySelector('img');

	if (!handle)
		return;
	handle.draggable = true;
	handle.addEventListener('dragstart', event => {
		list.dragged = item;
		event.dataTransfer.effectAllowed = 'move';
		event.dataTransfer.setData('text/plain', '');
	});
	handle.addEventListener('dragend', () => {
		list.dragged = null;
	});
	item.addEventListener('dragover', event => {
		const middle = item.getBoundingClientRect().top + item.offsetHeight / 2;

		if (!list.dragged || list.dragged === item)
			return;
		event.preventDefault();
		item[event.clientY < middle ? 'before' : 'after'](list.dragged);
		tell('');
	});
}

/* ---- uploading ---- */

function upload(form, words, file, progress) {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const data = new FormData();

		data.append('csrf', form.elements.csrf.value);
		data.append('file', file);
		request.open('POST', form.dataset.upload);
		request.responseType = 'json';
		request.setRequestHeader('Accept', 'application/json');
		request.setRequestHeader('X-CSRF-Token', form.elements.csrf.value);
		request.upload.addEventListener('progress', event => {
			if (event.lengthComputable)
				progress.value = event.loaded / event.total;
		});
		request.addEventListener('load', () => {
			const answer = request.response;

			if (request.status === 201 && answer)
				resolve(answer.files[0]);
			else
				reject(new Error(answer?.error?.detail || answer?.error?.message || words('answered', { status: request.status })));
		});
		request.addEventListener('error', () => reject(new Error(words('lost'))));
		request.send(data);
	});
}

/* True if the file is of a kind that the field takes. */
function fits(set, file) {
	const kinds = set.querySelector('[type=file]').accept.split(',');

	return kinds.some(kind => kind === file.type || (kind.endsWith('/*') && file.type.startsWith(kind.slice(0, -1))));
}

export function fileFields(form, say, words) {
	const sets = [...form.querySelectorAll('.files')];
	let line = Promise.resolve();
	let under = 0;
	let waiting = [];

	function changed() {
		form.dispatchEvent(new Event('input', { bubbles: true }));
	}
	function tell(text) {
		changed();
		if (text)
			say(text);
	}
	function dress(set, item) {
		const list = set.querySelector('.file-list');

		buttons(list, item, words, tell);
		draggable(list, item, tell);
	}
	function add(set, url, alt = '') {
		const item = row(set, words, url, alt);
		const list = set.querySelector('.file-list');

		if (set.dataset.one)
			list.replaceChildren();
		list.append(item);
		dress(set, item);
		return item;
	}

	async function take(set, file) {
		const progress = element('progress', { max: 1, value: 0, 'aria-label': words('upload', { file: file.name }) });
		const item = element('li', { class: 'file going' }, element('span', {}, file.name), progress);

		set.querySelector('.file-list').append(item);
		try {
			const stored = await upload(form, words, file, progress);
			if (!fits(set, stored))
				throw new Error(words('another-kind', { type: stored.type }));
			const fresh = add(set, stored.url);
			item.remove();
			tell(words('uploaded', { file: file.name }));
			fresh.querySelector('textarea')?.focus({ preventScroll: true });
		} catch (problem) {
			item.className = 'file failed';
			item.setAttribute('role', 'alert');
			progress.replaceWith(` ${words('not-uploaded', { problem: problem.message })} `);
			item.append(element('button', { type: 'button', class: 'link' }, words('close')));
			item.lastChild.addEventListener('click', () => item.remove());
		}
	}
	function takeAll(set, files) {
		for (const file of files) {
			if (!fits(set, file)) {
				say(words('misfit', { file: file.name }));
				continue;
			}
			under++;
			line = line.then(() => take(set, file)).then(() => {
				under--;
				if (under === 0)
					waiting.splice(0).forEach(act => act());
			});
		}
	}
	function takeFitting(files) {
		for (const file of files)
			takeAll(sets.find(set => fits(set, file)) || sets[0], [file]);
	}

	for (const set of sets) {
		const input = set.querySelector('[type=file]');

		set.querySelector('.add button')?.remove();
		set.querySelectorAll('.file').forEach(item => dress(set, item));
		input.addEventListener('change', () => {
			takeAll(set, [...input.files]);
			input.value = '';
		});
		set.addEventListener('dragover', event => {
			if (!event.dataTransfer.types.includes('Files'))
				return;
			event.preventDefault();
			set.classList.add('over');
		});
		set.addEventListener('dragleave', () => set.classList.remove('over'));
		set.addEventListener('drop', event => {
			set.classList.remove('over');
			if (event.dataTransfer.files.length === 0)
				return;
			event.preventDefault();
			takeAll(set, [...event.dataTransfer.files]);
		});
	}
	form.addEventListener('paste', event => {
		if (sets.length === 0 || event.clipboardData.files.length === 0 || event.clipboardData.types.includes('text/plain'))
			return;
		event.preventDefault();
		takeFitting([...event.clipboardData.files]);
	});
	return {
		busy: () => under > 0,
		whenDone: act => waiting.push(act),
		chosen: () => sets.some(set => set.querySelector('[type=file]').files.length > 0),
		/* Makes the lists what a draft says: a URL, then what belongs to it. */
		restore(fields) {
			for (const set of sets) {
				const name = set.dataset.field;
				let item = null;

				set.querySelector('.file-list').replaceChildren();
				for (const [field, value] of fields) {
					if (field === name && value)
						item = add(set, value);
					if (field === `${name}.alt` && item)
						item.querySelector('textarea').value = value;
				}
			}
		},
	};
}
