/*
 * FastCGI records from a hostile peer: looked at in every state of arrival and, where they are for
 * management, answered. What is to be skipped must be there, and more bytes never take back a verdict.
 */
#include "fuzz.h"

#include "app/record.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char out[RECORD_MAX_ANSWER];
	enum record_look last = RECORD_PARTIAL;
	size_t take = 0, last_take = 0;

	for (size_t n = 0; n <= size && n < 512; n++) {
		enum record_look look = record_look(data, n, &take);

		if (look == RECORD_STRAY || look == RECORD_MANAGEMENT)
			assert(take > 0 && take <= n);
		if (look == RECORD_MANAGEMENT)
			assert(record_answer(data, take, 4096, out) <= sizeof(out));
		/* Asked of those that are ready; it must not read further on others either. */
		(void)record_reads(data, n);
		/* Only what is skipped may grow. */
		if (last == RECORD_STRAY)
			assert(look == RECORD_STRAY && take >= last_take);
		else if (last != RECORD_PARTIAL)
			assert(look == last);
		last = look;
		last_take = take;
	}
	(void)record_look(data, size, &take);
	return 0;
}
