/*
 * Draws the pictures of share/demo/media on a canvas, always the same way: chance comes from a seed.
 * Run in a browser by tools/demo-media.
 */
'use strict';

function chance(seed) {
	return () => {
		seed = (seed * 1664525 + 1013904223) >>> 0;
		return seed / 4294967296;
	};
}

function sheet(width, height) {
	const canvas = document.createElement('canvas');
	canvas.width = width;
	canvas.height = height;
	return canvas.getContext('2d');
}

function sky(g, stops) {
	const {width, height} = g.canvas;
	const fill = g.createLinearGradient(0, 0, 0, height);
	stops.forEach((colour, i) => fill.addColorStop(i / (stops.length - 1), colour));
	g.fillStyle = fill;
	g.fillRect(0, 0, width, height);
}

function glow(g, x, y, r, inner, outer) {
	const fill = g.createRadialGradient(x, y, 0, x, y, r);
	fill.addColorStop(0, inner);
	fill.addColorStop(1, outer);
	g.fillStyle = fill;
	g.fillRect(x - r, y - r, 2 * r, 2 * r);
}

function disc(g, x, y, r, colour) {
	g.fillStyle = colour;
	g.beginPath();
	g.arc(x, y, r, 0, 7);
	g.fill();
}

/* A ridge of sines, filled down to the lower edge. */
function ridge(g, base, swing, seed, colour) {
	const {width, height} = g.canvas;
	const next = chance(seed);
	const waves = Array.from({length: 6}, (_, i) => [swing / (i + 1) * (0.4 + next()), (i + 1) * (1.3 + next()) / width * 4, next() * 7]);
	g.fillStyle = colour;
	g.beginPath();
	g.moveTo(0, height);
	for (let x = 0; x <= width; x += 4)
		g.lineTo(x, base + waves.reduce((y, [a, f, p]) => y + a * Math.sin(x * f + p), 0));
	g.lineTo(width, height);
	g.fill();
}

function ridges(g, from, to, n, seed) {
	const {height} = g.canvas;
	for (let i = 0; i < n; i++) {
		const t = i / (n - 1);
		const mix = from.map((c, k) => Math.round(c + (to[k] - c) * t));
		ridge(g, height * (0.48 + 0.42 * t), height * (0.05 + 0.03 * t), seed + i * 97, `rgb(${mix})`);
	}
}

const pictures = {
	'hills.jpg'() {
		const g = sheet(1600, 1067);
		sky(g, ['#2f4a7a', '#7d8fb3', '#f2b880', '#f7d9a8']);
		glow(g, 1120, 520, 420, 'rgba(255,240,200,.95)', 'rgba(255,220,150,0)');
		disc(g, 1120, 520, 54, '#fff6dd');
		ridges(g, [150, 148, 178], [22, 38, 52], 7, 11);
		return g;
	},
	'sea.jpg'() {
		const g = sheet(1600, 1067);
		sky(g, ['#7fa6c9', '#bcd3e0', '#f6ead6', '#f6ead6']);
		glow(g, 800, 430, 380, 'rgba(255,250,225,1)', 'rgba(255,245,215,0)');
		disc(g, 800, 430, 60, '#fffdf2');
		const water = g.createLinearGradient(0, 560, 0, 1067);
		water.addColorStop(0, '#a8c3cf');
		water.addColorStop(0.4, '#4c7f96');
		water.addColorStop(1, '#153f57');
		g.fillStyle = water;
		g.fillRect(0, 560, 1600, 507);
		const next = chance(5);
		for (let i = 0; i < 900; i++) {
			const t = Math.pow(next(), 1.6), y = 564 + t * 500, w = 12 + t * 90;
			const x = 800 + (next() - 0.5) * (160 + t * 1900);
			const near = Math.max(0, 1 - Math.abs(x - 800) / (140 + t * 420));
			g.fillStyle = near > 0.15 ? `rgba(255,248,220,${0.12 + near * 0.55})` : `rgba(10,40,60,${0.05 + t * 0.1})`;
			g.fillRect(x - w / 2, y, w, 1.5 + t * 5);
		}
		return g;
	},
	'night.jpg'() {
		const g = sheet(1600, 1067);
		sky(g, ['#050a1e', '#0d1b3d', '#24375f', '#3b4d70']);
		const next = chance(77);
		for (let i = 0; i < 620; i++)
			disc(g, next() * 1600, Math.pow(next(), 1.3) * 760, 0.6 + Math.pow(next(), 6) * 2.6, `rgba(255,255,${200 + next() * 55},${0.3 + next() * 0.7})`);
		glow(g, 420, 260, 260, 'rgba(240,240,255,.5)', 'rgba(200,210,255,0)');
		disc(g, 420, 260, 70, '#f4f1e4');
		disc(g, 395, 245, 12, '#dcd8c8');
		disc(g, 440, 285, 18, '#e0dccd');
		disc(g, 446, 232, 8, '#dedacb');
		ridges(g, [38, 52, 84], [6, 10, 20], 5, 41);
		return g;
	},
	'birches.jpg'() {
		const g = sheet(1067, 1600);
		sky(g, ['#dfe8c8', '#b9cf97', '#8fae6a', '#5a7a3f']);
		const next = chance(19);
		for (let i = 0; i < 500; i++)
			disc(g, next() * 1067, next() * 1500, 8 + next() * 46, `rgba(${120 + next() * 90},${150 + next() * 70},${60 + next() * 60},.16)`);
		for (let i = 0; i < 15; i++) {
			const t = i / 14, w = 16 + t * 70, x = (i * 397 % 1067) + next() * 60;
			const bark = g.createLinearGradient(x, 0, x + w, 0);
			bark.addColorStop(0, `rgba(196,200,190,${0.5 + t / 2})`);
			bark.addColorStop(0.35, `rgba(250,250,244,${0.5 + t / 2})`);
			bark.addColorStop(1, `rgba(140,142,132,${0.5 + t / 2})`);
			g.fillStyle = bark;
			g.fillRect(x, 0, w, 1240 + t * 360);
			for (let k = 0; k < 14 + t * 8; k++) {
				g.fillStyle = `rgba(40,38,34,${0.35 + t * 0.5})`;
				g.fillRect(x + next() * w * 0.5, next() * (1200 + t * 360), w * (0.2 + next() * 0.4), 2 + next() * t * 9);
			}
		}
		return g;
	},
	'town.jpg'() {
		const g = sheet(1600, 1067);
		sky(g, ['#27304f', '#59557c', '#c98a86', '#f1bd8c']);
		const next = chance(31);
		for (let row = 0; row < 3; row++) {
			let x = -40;
			while (x < 1600) {
				const w = 90 + next() * 120, h = 240 + next() * 260 - row * 40, top = 700 + row * 150 - h * 0.5;
				const shade = 70 - row * 24;
				g.fillStyle = `rgb(${shade + next() * 16},${shade * 0.8},${shade + 20})`;
				g.fillRect(x, top, w + 2, 1067);
				g.beginPath();
				g.moveTo(x - 6, top);
				g.lineTo(x + w / 2, top - 40 - next() * 60);
				g.lineTo(x + w + 6, top);
				g.fill();
				for (let wy = top + 30; wy < 1040; wy += 58)
					for (let wx = x + 18; wx < x + w - 26; wx += 40) {
						g.fillStyle = next() > 0.55 ? `rgba(255,${200 + next() * 40},130,.92)` : 'rgba(20,20,36,.55)';
						g.fillRect(wx, wy, 20, 30);
					}
				x += w;
			}
		}
		return g;
	},
	'bread.jpg'() {
		const g = sheet(1200, 1200);
		sky(g, ['#d8cbb8', '#cbbba3', '#b7a487']);
		const next = chance(3);
		for (let i = 0; i < 90; i++) {
			g.fillStyle = `rgba(120,95,60,${next() * 0.09})`;
			g.fillRect(0, next() * 1200, 1200, 1 + next() * 7);
		}
		glow(g, 600, 700, 560, 'rgba(60,40,20,.55)', 'rgba(60,40,20,0)');
		const crust = g.createRadialGradient(520, 470, 60, 600, 600, 450);
		crust.addColorStop(0, '#e2ab63');
		crust.addColorStop(0.55, '#b9742f');
		crust.addColorStop(1, '#5c3013');
		disc(g, 600, 600, 430, crust);
		for (let i = 0; i < 2600; i++) {
			const a = next() * 7, r = Math.sqrt(next()) * 410;
			disc(g, 600 + r * Math.cos(a), 600 + r * Math.sin(a), next() * 2.6, `rgba(255,246,225,${next() * 0.5})`);
		}
		g.lineCap = 'round';
		[[-190, -60], [-80, -120], [40, -140], [160, -110]].forEach(([x, y], i) => {
			for (const [w, colour] of [[46, '#7c4417'], [30, '#f0d9ae'], [14, '#fff2d6']]) {
				g.strokeStyle = colour;
				g.lineWidth = w;
				g.beginPath();
				g.moveTo(600 + x, 600 + y - 120);
				g.quadraticCurveTo(660 + x, 600 + y + 100, 590 + x + i * 10, 700 + y + 230);
				g.stroke();
			}
		});
		return g;
	},
	'heron.jpg'() {
		const g = sheet(1200, 1200);
		sky(g, ['#c6d3d4', '#dde3dc', '#9fb4b5', '#6d8a8e']);
		ridge(g, 560, 16, 8, '#8ba0a0');
		sky2(g);
		const bird = '#3e4c57';
		for (const flip of [1, -1]) {
			g.save();
			g.translate(0, flip > 0 ? 0 : 1760);
			g.scale(1, flip);
			g.globalAlpha = flip > 0 ? 1 : 0.22;
			g.strokeStyle = bird;
			g.fillStyle = bird;
			g.lineCap = 'round';
			g.lineWidth = 9;
			for (const [x, k] of [[590, -12], [640, 14]]) {
				g.beginPath();
				g.moveTo(x, 690);
				g.lineTo(x + k, 790);
				g.lineTo(x - k / 2, 880);
				g.stroke();
			}
			g.beginPath();
			g.moveTo(470, 740);
			g.quadraticCurveTo(560, 560, 700, 560);
			g.quadraticCurveTo(760, 600, 690, 680);
			g.quadraticCurveTo(600, 740, 470, 740);
			g.fill();
			g.lineWidth = 30;
			g.beginPath();
			g.moveTo(690, 600);
			g.bezierCurveTo(800, 540, 640, 430, 720, 340);
			g.stroke();
			g.beginPath();
			g.moveTo(700, 318);
			g.quadraticCurveTo(750, 300, 770, 335);
			g.lineTo(900, 360);
			g.lineTo(765, 366);
			g.quadraticCurveTo(720, 380, 700, 318);
			g.fill();
			g.lineWidth = 5;
			g.beginPath();
			g.moveTo(715, 322);
			g.quadraticCurveTo(650, 330, 610, 372);
			g.stroke();
			disc(g, 752, 334, 5, '#f0d060');
			g.restore();
		}
		return g;
	},
	'rain.jpg'() {
		const g = sheet(1600, 1200);
		sky(g, ['#44525c', '#5f6f78', '#7b8a8f', '#565f60']);
		const next = chance(23);
		for (let i = 0; i < 60; i++)
			glow(g, next() * 1600, 300 + next() * 800, 40 + next() * 130, `rgba(${200 + next() * 55},${150 + next() * 80},${80 + next() * 90},.34)`, 'rgba(0,0,0,0)');
		for (let i = 0; i < 420; i++) {
			const x = next() * 1600, y = next() * 1200, r = 2 + Math.pow(next(), 3) * 20;
			disc(g, x, y, r, 'rgba(20,28,34,.32)');
			disc(g, x - r * 0.1, y - r * 0.12, r * 0.86, 'rgba(190,205,210,.42)');
			disc(g, x - r * 0.3, y - r * 0.35, r * 0.28, 'rgba(255,255,255,.9)');
		}
		return g;
	},
	'lighthouse.jpg'() {
		const g = sheet(1067, 1600);
		sky(g, ['#182746', '#3f5580', '#d99a7a', '#f3c796']);
		glow(g, 560, 470, 620, 'rgba(255,240,190,.55)', 'rgba(255,230,170,0)');
		g.fillStyle = 'rgba(255,244,205,.30)';
		g.beginPath();
		g.moveTo(560, 460);
		g.lineTo(1067, 330);
		g.lineTo(1067, 620);
		g.fill();
		g.beginPath();
		g.moveTo(560, 460);
		g.lineTo(0, 360);
		g.lineTo(0, 540);
		g.fill();
		for (let i = 0; i < 6; i++) {
			const y = 530 + i * 130, a = 62 + i * 11, b = a + 11;
			g.fillStyle = i % 2 ? '#f3eee2' : '#b23a32';
			g.beginPath();
			g.moveTo(560 - a, y);
			g.lineTo(560 + a, y);
			g.lineTo(560 + b, y + 131);
			g.lineTo(560 - b, y + 131);
			g.fill();
		}
		g.fillStyle = '#22262e';
		g.fillRect(480, 510, 160, 22);
		g.fillRect(516, 392, 88, 14);
		g.fillStyle = '#fff2b8';
		g.fillRect(522, 406, 76, 104);
		g.fillStyle = '#22262e';
		for (const x of [522, 558, 594])
			g.fillRect(x, 406, 5, 104);
		g.beginPath();
		g.arc(560, 392, 46, Math.PI, 0);
		g.fill();
		ridge(g, 1310, 30, 61, '#2a2f38');
		ridge(g, 1400, 24, 87, '#171b22');
		return g;
	},
	'coast.jpg'() {
		const g = sheet(2000, 640);
		sky(g, ['#9db9d6', '#cfdde6', '#f1e8d8', '#f1e8d8']);
		ridge(g, 300, 36, 4, '#9aa9b4');
		ridge(g, 340, 40, 14, '#71838c');
		g.fillStyle = '#4f7c8c';
		g.fillRect(0, 390, 2000, 250);
		ridge(g, 470, 18, 9, '#d9c9a3');
		ridge(g, 540, 26, 29, '#8d9560');
		return g;
	},
	'ada.jpg'() {
		const g = sheet(480, 480);
		sky(g, ['#5b7f95', '#2f5468']);
		disc(g, 240, 520, 190, '#e2c36b');
		g.fillStyle = '#e8b894';
		g.fillRect(206, 270, 68, 90);
		disc(g, 240, 300, 36, '#e8b894');
		disc(g, 240, 200, 116, '#3a2a22');
		disc(g, 240, 216, 92, '#efc3a0');
		g.fillStyle = '#3a2a22';
		g.beginPath();
		g.arc(240, 190, 100, Math.PI * 0.98, Math.PI * 2.02);
		g.quadraticCurveTo(270, 150, 140, 192);
		g.fill();
		disc(g, 206, 222, 8, '#2b2b33');
		disc(g, 274, 222, 8, '#2b2b33');
		g.strokeStyle = '#9c4a3c';
		g.lineWidth = 7;
		g.lineCap = 'round';
		g.beginPath();
		g.arc(240, 246, 34, 0.35, Math.PI - 0.35);
		g.stroke();
		return g;
	},
};

/* The water in front of the heron. */
function sky2(g) {
	const water = g.createLinearGradient(0, 700, 0, 1200);
	water.addColorStop(0, 'rgba(168,188,188,.9)');
	water.addColorStop(1, '#4f6c72');
	g.fillStyle = water;
	g.fillRect(0, 700, 1200, 500);
	for (let y = 760; y < 1190; y += 34) {
		g.fillStyle = 'rgba(235,242,240,.16)';
		g.fillRect(((y * 53) % 500), y, 500 + (y * 31) % 300, 4);
	}
}

/* Three seconds of waves. */
async function film() {
	const g = sheet(640, 360);
	const stream = g.canvas.captureStream(15);
	const recorder = new MediaRecorder(stream, {mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 250000});
	const chunks = [];
	recorder.ondataavailable = event => chunks.push(event.data);
	const ended = new Promise(done => { recorder.onstop = done; });
	recorder.start();
	for (let frame = 0; frame < 45; frame++) {
		const t = frame / 15;
		sky(g, ['#8fb2cf', '#d5e1e6', '#f6e9d2', '#f6e9d2']);
		disc(g, 470, 120, 30, '#fff8e0');
		['#7ba3b4', '#55859a', '#366a82', '#1d4d66'].forEach((colour, i) => {
			g.fillStyle = colour;
			g.beginPath();
			g.moveTo(0, 360);
			for (let x = 0; x <= 640; x += 8)
				g.lineTo(x, 190 + i * 42 + (6 + i * 4) * Math.sin(x / (60 + i * 22) + t * (1.4 + i * 0.5) + i * 2));
			g.lineTo(640, 360);
			g.fill();
		});
		await new Promise(done => setTimeout(done, 66));
	}
	recorder.stop();
	await ended;
	return new Promise(done => {
		const reader = new FileReader();
		reader.onload = () => done(reader.result);
		reader.readAsDataURL(new Blob(chunks, {type: 'video/webm'}));
	});
}
