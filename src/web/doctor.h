/*
 * The one thing that is answered at every address: a question of `starpunk doctor`.
 */
#ifndef WEB_DOCTOR_H
#define WEB_DOCTOR_H

#include "web/priv.h"

/* True if the request carries a good pass; then it is of the route DOCTOR, whatever its address. */
bool doctor_asks(struct ctx *c, struct txn *t);

#endif
