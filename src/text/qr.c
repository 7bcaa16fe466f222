/*
 * QR codes as paths: one rectangle for each run of dark modules in a row.
 */
#include "text/qr.h"

#include "base/buf.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4, DARK = 1, PATH_MAX_BYTES = 256 * 1024 };

static void
row_put(struct buf *b, const unsigned char *row, int width, int y)
{
	for (int x = 0, run; x < width; x += run) {
		for (run = 1; x + run < width && (row[x + run] & DARK) == (row[x] & DARK); run++)
			;
		if (row[x] & DARK)
			buf_printf(b, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
	}
}

enum err
qr_path(struct ctx *c, struct str text, struct str *path, int *size)
{
	QRcode *code = QRcode_encodeData(
		(int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
	struct buf b;

	if (!code && errno == ENOMEM)
		return err_memory(c);
	if (!code)
		return err_raise(c, ERR_USAGE, "%zu bytes are too many for a QR code", text.n);
	*size = code->width + 2 * QUIET;
	buf_init(&b, &c->arena, PATH_MAX_BYTES);
	for (int y = 0; y < code->width; y++)
		row_put(&b, code->data + y * code->width, code->width, y);
	QRcode_free(code);
	return buf_end(c, &b, path);
}
