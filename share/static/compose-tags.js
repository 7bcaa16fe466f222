/*
 * Words separated by commas, the last of which is completed from a list: a combobox as the ARIA practices
 * describe it. Without a script the browser's own list completes the first word.
 */
const SHOWN = 8;
const PAUSE = 150; /* milliseconds without a key */

function split(text) {
	const at = text.lastIndexOf(',') + 1;

	return { before: text.slice(0, at), word: text.slice(at).trim() };
}

async function lookUp(url, word) {
	const answer = await fetch(`${url}?q=${encodeURIComponent(word)}`, { headers: { Accept: 'application/json' } });

	return answer.ok ? (await answer.json()).tags : [];
}

export function wordField(input, url, text) {
	const list = document.createElement('ul');
	let options = [];
	let at = -1;
	let timer = 0;

	function mark(i) {
		at = i;
		options.forEach((option, n) => option.setAttribute('aria-selected', n === at));
		if (at < 0)
			input.removeAttribute('aria-activedescendant');
		else
			input.setAttribute('aria-activedescendant', options[at].id);
		options[at]?.scrollIntoView({ block: 'nearest' });
	}
	function close() {
		list.hidden = true;
		options = [];
		list.replaceChildren();
		input.setAttribute('aria-expanded', 'false');
		mark(-1);
	}
	function choose(option) {
		const { before } = split(input.value);

		input.value = `${before}${before ? ' ' : ''}${option.textContent}, `;
		close();
		input.dispatchEvent(new Event('input', { bubbles: true }));
		input.focus();
	}
	function show(words) {
		const used = new Set(input.value.toLowerCase().split(',').map(word => word.trim()));
		const fitting = words.filter(word => !used.has(word.toLowerCase())).slice(0, SHOWN);

		close();
		if (fitting.length === 0)
			return;
		options = fitting.map((word, n) => {
			const option = document.createElement('li');
			option.id = `${list.id}-${n}`;
			option.setAttribute('role', 'option');
			option.dir = 'auto';
			option.textContent = word;
			option.addEventListener('mousedown', event => {
				event.preventDefault();
				choose(option);
			});
			return option;
		});
		list.replaceChildren(...options);
		list.hidden = false;
		input.setAttribute('aria-expanded', 'true');
		mark(-1);
	}
	async function complete() {
		const { word } = split(input.value);
		const words = word ? await lookUp(url, word) : [];

		if (document.activeElement === input && split(input.value).word === word)
			show(words);
	}

	input.removeAttribute('list');
	list.id = `${input.id}-words`;
	list.className = 'words';
	list.hidden = true;
	list.setAttribute('role', 'listbox');
	list.setAttribute('aria-label', text('tags'));
	input.after(list);
	input.setAttribute('role', 'combobox');
	input.setAttribute('aria-autocomplete', 'list');
	input.setAttribute('aria-expanded', 'false');
	input.setAttribute('aria-controls', list.id);
	input.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(complete, PAUSE);
	});
	input.addEventListener('blur', close);
	input.addEventListener('keydown', event => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];

		if (step && options.length > 0) {
			event.preventDefault();
			mark((at + step + options.length) % options.length);
		} else if (event.key === 'Enter' && at >= 0) {
			event.preventDefault();
			choose(options[at]);
		} else if (event.key === 'Escape' && options.length > 0) {
			event.preventDefault();
			close();
		}
	});
}
