/*
 * What a fuzz target defines: one function that takes any bytes, never crashes, leaks nothing, and
 * asserts what must hold of the result. libFuzzer calls it, and replay.c for the seeds.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
