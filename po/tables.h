/*
 * The texts of src/tables as the preprocessor gives them to xgettext: TEXT() around each that people
 * read. Never compiled; see po/local.mk.
 */
#define STEPS(...) STEPS_OF(__VA_ARGS__, , , , )
#define STEPS_OF(a, b, c, d, ...) TEXT(a) TEXT(b) TEXT(c) TEXT(d)
#define ERROR(sym, name, status, code, level, fault, retry, message, suggestion, steps) \
	TEXT(message) TEXT(suggestion) steps
#include "tables/errors.def"
#define AUDIT(sym, word, text) TEXT(text)
#include "tables/audits.def"
#define LINE(name, value) TEXT(name)
#define CHART(sym, id, title, shape, unit, total, text, lines) TEXT(title) TEXT(text) lines
#include "tables/charts.def"
#undef LINE
#define CHECK(sym, name, title, vital, good, bad, remedy) TEXT(title) TEXT(good) TEXT(bad) TEXT(remedy)
#include "tables/checks.def"
#define COMPOSE_FIELD(sym, name, shape, label, hint) TEXT(label) TEXT(hint)
#define COMPOSE_CHOICE(sym, value, label) TEXT(label)
#define COMPOSE_TYPE(sym, word, name, h, needed, fields) TEXT(name)
#include "tables/composer.def"
#define DESK_GROUP(sym, name) TEXT(name)
#define DESK_PAGE(sym, group, name, path) TEXT(name)
#include "tables/desk.def"
#define NOTICE(code, text) TEXT(text)
#include "tables/notices.def"
#define SCOPE(word, whose, text) TEXT(text)
#include "tables/scopes.def"
#define SETTING(kind, key, base, max, label, text) TEXT(label) TEXT(text)
#include "tables/settings.def"
#define TYPE(type, path, plural, singular) TEXT(plural) TEXT(singular)
#include "tables/types.def"
