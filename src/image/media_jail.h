/*
 * The jail of starpunk-media: after media_jail() the process can compute, read and write what it
 * has open, start threads and end, and nothing else. Any other system call kills it: no file can be
 * opened, no socket, no program, no process; memory and processor time are limited.
 */
#ifndef IMAGE_MEDIA_JAIL_H
#define IMAGE_MEDIA_JAIL_H

#include <stdbool.h>

/* Before the jail: where memory runs out, the kernel shall take this process first. */
void media_offer(void);

/* Once, when all libraries are loaded. False: the kernel refused; the caller must end. */
bool media_jail(void);

#endif
