/*
 * Pages of lists of posts. Each list begins at one URL, without a query. ?before=SLUG is the page of the
 * posts behind that one, so it stays what it is when others are added; ?after=SLUG goes back: the posts
 * next to that one that are newer.
 *
 *	list_init(&l, scope, name);
 *	err = list_open(c, t, &l, &db);		reads what the query asks for
 *	...					and what stands beside it
 *	return err ? err : list_finish(c, t, &l);
 */
#ifndef WEB_LISTS_H
#define WEB_LISTS_H

#include "store/post_list.h"
#include "text/view.h"

struct db;
struct shown;
struct txn;

struct list {
	struct post_scope scope;
	struct str url;			/* where it begins */
	struct str before, after;	/* what the query says; one at most is not empty */
	struct post_list posts;
	struct shown *shown;		/* as many */
	bool older;			/* there are older posts than these */
	bool moved;			/* the answer is a redirect: there is no page */
	bool divided;			/* by years */
	struct view_page page;
	struct view_list data;		/* of page */
};

/* Nothing is allocated. l stays where it is. */
void list_init(struct list *l, struct post_scope scope, struct str name);

/* Posts on a page. */
size_t list_length(const struct ctx *c);

/*
 * Reads the query, takes a connection, and reads the posts. ERR_NOT_FOUND for a page on which there is
 * nothing but for the first, ERR_BAD_REQUEST for a query that says two things at once.
 */
MUST enum err list_open(struct ctx *c, struct txn *t, struct list *l, struct db **db);

/* The same for what reads its posts itself: only the query, and where the list begins. */
MUST enum err list_query(struct ctx *c, struct txn *t, struct list *l);

/* Gives the connection back and answers: with the links to other pages of the list. */
MUST enum err list_finish(struct ctx *c, struct txn *t, struct list *l);

/* Answers with posts whose page says all the rest already. */
MUST enum err list_send(struct ctx *c, struct txn *t, struct list *l);

#endif
