/*
 * Renews a part of the page while somebody looks at it. The page names the part:
 *
 *	<p data-live="dashboard" data-start="…" data-stop="…"></p>
 *					where there is room for a switch, and what it says
 *	<div id="dashboard">…</div>	what is taken anew out of the same page, asked for again
 *
 * Details that were opened stay open. Without a script the page is what it was when it was asked
 * for, and is asked for again by its reader.
 */
const line = document.querySelector("[data-live]");
const every = 5000;

async function renew(id) {
	const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
	const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
	const part = document.getElementById(id);

	if (!answer.ok || answer.redirected || !fresh)
		throw new Error("the page did not come");
	const open = [...part.querySelectorAll("details")].map((d) => d.open);
	fresh.querySelectorAll("details").forEach((d, i) => { d.open = open[i] === true; });
	part.replaceWith(fresh);
}

if (line) {
	const button = document.createElement("button");
	let running = true;
	let timer = 0;

	/* What somebody is reading or has the keyboard in is not taken away. */
	const busy = () => document.hidden || document.getElementById(line.dataset.live).contains(document.activeElement);
	const turn = async () => {
		try {
			if (!busy())
				await renew(line.dataset.live);
			if (running)
				timer = setTimeout(turn, every);
		} catch {
			set(false);
		}
	};
	const set = (on) => {
		running = on;
		clearTimeout(timer);
		button.textContent = on ? line.dataset.stop : line.dataset.start;
		if (on)
			timer = setTimeout(turn, every);
	};

	button.type = "button";
	button.className = "plain";
	button.addEventListener("click", () => set(!running));
	line.append(button);
	set(true);
}
